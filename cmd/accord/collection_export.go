package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/accord-search/accord/internal/archive"
	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/convert"
)

type collectionExportCmd struct {
	File       string         `arg:"" type:"path" help:"File to write: JSON Lines, compressed with gzip if the name ends in .gz, and with zstd if it ends in .zst. Until the file is complete, its name ends in .part, and the same command continues it."`
	Collection collectionName `default:"collections/default" help:"Collection to export."`
	Passages   bool           `help:"Add the ranges of the passages. An import does not need them."`
	Vectors    bool           `help:"Add the vectors of the active space, so that an import into a collection with the same model need not embed the documents again."`

	copyFlags `embed:""`
}

const (
	// exportPage is the number of documents that are read and then flushed to the file
	// together.
	exportPage = 100
	// exportReaders is how many documents are read from the server at the same time.
	exportReaders = 4
	// maxExportedVectors bounds the vectors of one document, in bytes. A server accepts
	// no more.
	maxExportedVectors = 64 << 20
)

// Help returns the examples of --help.
func (*collectionExportCmd) Help() string {
	return examples("accord collection export default.jsonl", "accord collection export --collection news --vectors news.jsonl.zst")
}

// Run exports the collection.
func (c *collectionExportCmd) Run(ctx context.Context, io streams) error {
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	e := &export{collectionExportCmd: c, conn: conn}
	collection, err := e.create(ctx)
	if err != nil {
		return err
	}
	n := e.out.Documents()
	if n > 0 {
		fmt.Fprintf(io.err, "continuing %s after %d documents\n", c.File+".part", n)
	}
	bar := progress(io, "exporting", int(collection.GetDocumentCount()))
	_ = bar.Set(n)
	if err := e.addAll(ctx, bar); err != nil {
		return sayInterrupted(io, errors.Join(err, e.out.Interrupt()))
	}
	if err := e.out.Finish(); err != nil {
		return err
	}
	_ = bar.Finish()
	fmt.Fprintf(io.out, "%d documents exported to %s\n", e.out.Documents(), c.File)
	if c.Vectors && e.withoutVectors > 0 {
		fmt.Fprintf(io.out, "%d documents have no vectors in the file, because the server has not embedded all of them, or they take more than %d bytes; an import embeds these documents\n",
			e.withoutVectors, maxExportedVectors)
	}
	return nil
}

// export is one run of the command.
type export struct {
	*collectionExportCmd
	conn           *grpc.ClientConn
	out            *archive.Writer
	space          string // space whose vectors are exported; empty if none are
	withoutVectors int
}

// create reads the settings of the collection, and creates or continues the file.
func (e *export) create(ctx context.Context) (*accordv1.Collection, error) {
	got, err := copyCall(ctx, e.copyFlags, accordv1.NewCollectionServiceClient(e.conn).GetCollection, &accordv1.GetCollectionRequest{Name: string(e.Collection)})
	if err != nil {
		return nil, err
	}
	collection := got.GetCollection()
	header := archive.Header{Version: archive.Version, CreateTime: time.Now().UTC(), Passages: e.Passages}
	if header.Collection, err = toJSON(collection); err != nil {
		return nil, err
	}
	if header.Spaces, err = e.spaces(ctx); err != nil {
		return nil, err
	}
	if e.Vectors {
		if header.VectorSpace, err = e.vectorSpace(ctx, collection.GetActiveSpace()); err != nil {
			return nil, err
		}
	}
	e.out, err = archive.Create(e.File, header, func(kept archive.Header) bool { return sameExport(kept, header) })
	return collection, err
}

// spaces returns all spaces of the collection.
func (e *export) spaces(ctx context.Context) (out []json.RawMessage, err error) {
	req := &accordv1.ListSpacesRequest{Parent: string(e.Collection)}
	for {
		page, err := copyCall(ctx, e.copyFlags, accordv1.NewSpaceServiceClient(e.conn).ListSpaces, req)
		if err != nil {
			return nil, err
		}
		for _, sp := range page.GetSpaces() {
			encoded, err := toJSON(sp)
			if err != nil {
				return nil, err
			}
			out = append(out, encoded)
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return out, nil
		}
	}
}

// vectorSpace returns a space with its fingerprint.
func (e *export) vectorSpace(ctx context.Context, name string) (json.RawMessage, error) {
	got, err := copyCall(ctx, e.copyFlags, accordv1.NewSpaceServiceClient(e.conn).GetSpace, &accordv1.GetSpaceRequest{Name: name, WithFingerprint: true})
	if err != nil {
		return nil, err
	}
	if len(got.GetSpace().GetFingerprint()) == 0 {
		return nil, fmt.Errorf("%s is of an older version and has no fingerprint of its model; search the collection once, which adds it, or export without --vectors", name)
	}
	e.space = name
	return toJSON(got.GetSpace())
}

// sameExport reports whether two headers describe exports of the same collection with the
// same options.
func sameExport(kept, now archive.Header) bool {
	return kept.Passages == now.Passages && identity(kept.Collection) == identity(now.Collection) && identity(kept.VectorSpace) == identity(now.VectorSpace)
}

// identity returns the fields that identify a collection or a space.
func identity(message json.RawMessage) (id struct {
	Name       string `json:"name"`
	CreateTime string `json:"create_time"`
},
) {
	_ = json.Unmarshal(message, &id) // a missing or invalid message has an empty identity
	return id
}

// addAll exports the documents that follow the last one in the file.
func (e *export) addAll(ctx context.Context, bar *progressbar.ProgressBar) error {
	list := e.listDocuments(e.conn, string(e.Collection), exportPage)
	for {
		page, err := list.next(ctx)
		if err != nil || len(page) == 0 {
			return err
		}
		for len(page) > 0 && page[0].GetName() <= e.out.Last() {
			page = page[1:]
		}
		if err := e.addPage(ctx, page, bar); err != nil {
			return err
		}
	}
}

// addPage reads the documents of a page, several at a time, and adds them in order.
func (e *export) addPage(ctx context.Context, page []*accordv1.Document, bar *progressbar.ProgressBar) error {
	for len(page) > 0 {
		some := page[:min(len(page), exportReaders)]
		page = page[len(some):]
		entries := make([]archive.Entry, len(some))
		group, ctx := errgroup.WithContext(ctx)
		for i, d := range some {
			group.Go(guard.Func(func() (err error) {
				entries[i], err = e.read(ctx, d.GetName())
				return err
			}))
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for _, entry := range entries {
			if entry.Document == nil { // the document was deleted meanwhile
				continue
			}
			if entry.Vectors == nil {
				e.withoutVectors++
			}
			if err := e.out.Add(entry); err != nil {
				return err
			}
			_ = bar.Add(1)
		}
	}
	return e.out.Flush()
}

// read reads a document with the parts that are exported. The entry has no document if it
// was deleted.
func (e *export) read(ctx context.Context, name string) (entry archive.Entry, err error) {
	got, err := copyCall(ctx, e.copyFlags, accordv1.NewSearchServiceClient(e.conn).GetDocument, &accordv1.GetDocumentRequest{Name: name})
	if status.Code(err) == codes.NotFound {
		return entry, nil
	}
	if err != nil {
		return entry, err
	}
	d := got.GetDocument()
	if e.Passages {
		entry.Passages = passagesOf(d)
	}
	if e.space != "" {
		if entry.Vectors, err = e.vectors(ctx, d); err != nil {
			return entry, err
		}
	}
	entry.Document, err = toJSON(d)
	return entry, err
}

// vectors returns the vectors of a document, or none if the server does not have all of
// them or they are too long.
func (e *export) vectors(ctx context.Context, d *accordv1.Document) (out []json.RawMessage, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.CallTimeout)
	defer cancel()
	stream, err := accordv1.NewSpaceServiceClient(e.conn).GetDocumentVectors(ctx, &accordv1.GetDocumentVectorsRequest{
		Space: e.space, Document: d.GetName(), Etag: d.GetEtag(),
	})
	if err != nil {
		return nil, err
	}
	for size := 0; ; {
		reply, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for _, w := range reply.GetWindows() {
			if size += len(w.GetVector()) + len(w.GetFailure().GetMessage()); size > maxExportedVectors {
				return nil, nil // the deferred cancel ends the stream
			}
			encoded, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(w)
			if err != nil {
				return nil, err
			}
			out = append(out, encoded)
		}
	}
}

// passagesOf cuts a document into passages as the server does.
func passagesOf(d *accordv1.Document) (out []archive.Passage) {
	for _, p := range chunk.Passages(convert.ToDocument(d)) {
		out = append(out, archive.Passage{
			Ordinal: p.Ordinal, Kind: p.Kind.String(), Label: p.Label, LabelPath: p.LabelPath,
			Start: p.Range.Start, End: p.Range.End, StartByte: p.Range.StartByte, EndByte: p.Range.EndByte,
		})
	}
	return out
}
