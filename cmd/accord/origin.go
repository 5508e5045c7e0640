package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/corpus"
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

// root returns the name of the folder that a file belongs to: that of --root, or a
// digest of the folder's path, so that readers of the collection do not see the path.
func (c *ingestCmd) root(input corpus.Input) string {
	if c.Root != "" {
		return c.Root
	}
	path, err := filepath.Abs(input.Root)
	if err != nil {
		path = input.Root
	}
	if target, err := filepath.EvalSymlinks(path); err == nil { // a link to a folder gives the same name as the folder
		path = target
	}
	sum := sha256.Sum256([]byte(filepath.ToSlash(path)))
	return hex.EncodeToString(sum[:8])
}

// checkStored reads the stored documents that have the same names as documents of a file from the
// given root. It returns the names of those that were stored from another root. For each of
// the others it returns a precondition, so that the write fails if somebody else writes the
// document meanwhile. With --replace-root both results are empty. A stored document without
// a root, written by a program or an earlier version, counts as one of this root.
func (im *importer) checkStored(ctx context.Context, documents []*accordv1.Document, root string) (
	foreign map[string]bool, preconditions map[string]*accordv1.Precondition, err error,
) {
	foreign, preconditions = map[string]bool{}, map[string]*accordv1.Precondition{}
	if im.ReplaceRoot {
		return foreign, preconditions, nil
	}
	for group := range slices.Chunk(documents, namesPerCall) {
		names := make([]string, len(group))
		for i, d := range group {
			names[i] = d.GetName()
			preconditions[names[i]] = &accordv1.Precondition{Condition: &accordv1.Precondition_MustNotExist{MustNotExist: true}}
		}
		stored, err := im.stored(ctx, im.conn, &accordv1.Filter{Documents: names})
		if err != nil {
			return nil, nil, err
		}
		for _, d := range stored {
			preconditions[d.GetName()] = &accordv1.Precondition{Condition: &accordv1.Precondition_Etag{Etag: d.GetEtag()}}
			own := d.GetMetadata()[rootKey]
			foreign[d.GetName()] = own != "" && own != root
		}
	}
	return foreign, preconditions, nil
}

// stored lists the documents of the collection that match a filter. It returns none if the
// collection does not exist.
func (c *ingestCmd) stored(ctx context.Context, conn *grpc.ClientConn, filter *accordv1.Filter) (list []*accordv1.Document, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client := accordv1.NewSearchServiceClient(conn)
	for req := (&accordv1.ListDocumentsRequest{Parent: string(c.Collection), PageSize: namesPerCall, Filter: filter}); ; {
		page, err := client.ListDocuments(ctx, req)
		if status.Code(err) == codes.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, page.GetDocuments()...)
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return list, nil
		}
	}
}

// prune deletes the documents that came from the files and are no longer in them. It
// reports a failure and continues with the next file, unless the server is away. It returns
// only the error of ctx.
func (c *ingestCmd) prune(ctx context.Context, conn *grpc.ClientConn, files []*sentFile, r *report) error {
	for _, file := range files {
		if !file.whole {
			continue
		}
		err := c.pruneFile(ctx, conn, file, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.notDeleted(file.name, err)
		}
		if isRetriable(status.Code(err)) {
			return nil
		}
	}
	return nil
}

// pruneFile deletes the documents that a file no longer has. With --replace-root it also
// deletes those that came from a file of the same name in another folder.
func (c *ingestCmd) pruneFile(ctx context.Context, conn *grpc.ClientConn, file *sentFile, r *report) error {
	filter := &accordv1.Filter{Metadata: map[string]string{"file": file.name}}
	if !c.ReplaceRoot {
		filter.Metadata[rootKey] = file.root
	}
	stored, err := c.stored(ctx, conn, filter)
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, d := range stored {
		if !file.names[d.GetName()] {
			gone[d.GetName()] = true
		}
	}
	for names := range slices.Chunk(slices.Sorted(maps.Keys(gone)), namesPerCall) {
		filter := &accordv1.Filter{Documents: names, Metadata: filter.GetMetadata()} // filtering by metadata as well spares documents that somebody replaced meanwhile
		if err := c.deleteStored(ctx, conn, filter); err != nil {
			return err
		}
		for _, name := range names {
			r.deleted(file.name, name)
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
