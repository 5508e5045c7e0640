package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// rootKey is the metadata key with the folder that a document was read from (INGEST-10).
const rootKey = "file_root"

const (
	// askTimeout limits one call about the documents of one file.
	askTimeout = time.Minute
	// namesPerCall is the maximum number of documents in a filter.
	namesPerCall = 1000
)

// rootName returns the name of the folder that files belong to: that of --root, or a
// digest of the folder's path, so that readers of the collection do not see the path.
func (c *ingestCmd) rootName(folder string) string {
	if c.Root != "" {
		return c.Root
	}
	path, err := filepath.Abs(folder)
	if err != nil {
		path = folder
	}
	if target, err := filepath.EvalSymlinks(path); err == nil { // a link to a folder gives the same name as the folder
		path = target
	}
	sum := sha256.Sum256([]byte(filepath.ToSlash(path)))
	return hex.EncodeToString(sum[:8])
}

// errForeign is why a document is not sent: the stored one came from another folder.
var errForeign = errors.New("is stored from another folder; the stored document stays")

// checkStored reads the stored documents that have the same names as documents of a file.
// It returns by name why documents are not sent: they were stored from another root, or
// belong to another file that still has them. For each of the others it returns a
// precondition, so that the write fails if somebody else writes the document meanwhile. own
// is how many are stored from this file. A stored document without a root, written by a
// program or an earlier version, counts as one of this root.
func (im *importer) checkStored(ctx context.Context, documents []*accordv1.Document, file tree.File, of *root) (
	refused map[string]error, preconditions map[string]*accordv1.Precondition, own int, err error,
) {
	refused, preconditions = map[string]error{}, map[string]*accordv1.Precondition{}
	for group := range slices.Chunk(documents, namesPerCall) {
		names := make([]string, len(group))
		for i, d := range group {
			names[i], preconditions[d.GetName()] = d.GetName(), mustNotExist
		}
		err := im.eachStored(ctx, im.conn, &accordv1.Filter{Documents: names}, func(d *accordv1.Document) {
			preconditions[d.GetName()] = &accordv1.Precondition{Condition: &accordv1.Precondition_Etag{Etag: d.GetEtag()}}
			folder, from := d.GetMetadata()[rootKey], d.GetMetadata()["file"]
			switch {
			case folder != "" && folder != of.name:
				refused[d.GetName()] = errForeign
			case folder == "":
			case from == file.Name:
				own++
			case im.holds(file.Root, from, of):
				refused[d.GetName()] = sameID(file.Path, path.Base(d.GetName()), from)
			}
		})
		if err != nil {
			return nil, nil, 0, err
		}
	}
	return refused, preconditions, own, nil
}

// listPage returns a page of the documents of a collection, an empty one if the collection
// does not exist.
func (c *ingestCmd) listPage(ctx context.Context, conn *grpc.ClientConn, req *accordv1.ListDocumentsRequest) (*accordv1.ListDocumentsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	page, err := accordv1.NewSearchServiceClient(conn).ListDocuments(ctx, req)
	if status.Code(err) == codes.NotFound {
		return &accordv1.ListDocumentsResponse{}, nil
	}
	return page, err
}

// pruneFile deletes the documents that a file no longer has. With --replace-root it also
// deletes those that came from a file of the same name in another folder.
func (im *importer) pruneFile(ctx context.Context, file *sentFile) error {
	metadata := map[string]string{"file": file.name}
	if !im.ReplaceRoot {
		metadata[rootKey] = file.root.name
	}
	var gone []string
	err := im.eachStored(ctx, im.conn, &accordv1.Filter{Metadata: metadata}, func(d *accordv1.Document) {
		if im.report.holder(path.Base(d.GetName())) != file.number {
			gone = append(gone, d.GetName())
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(gone)
	for names := range slices.Chunk(slices.Compact(gone), namesPerCall) {
		filter := &accordv1.Filter{Documents: names, Metadata: metadata} // filtering by metadata as well spares documents that somebody replaced meanwhile
		if err := im.deleteStored(ctx, im.conn, filter); err != nil {
			return err
		}
		for _, name := range names {
			im.report.deleted(file.name, name)
		}
	}
	return nil
}

func (c *ingestCmd) deleteStored(ctx context.Context, conn *grpc.ClientConn, filter *accordv1.Filter) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	_, err := accordv1.NewIngestServiceClient(conn).DeleteDocuments(ctx, &accordv1.DeleteDocumentsRequest{Parent: string(c.Collection), Filter: filter})
	return err
}
