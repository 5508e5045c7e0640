package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type deleteCmd struct {
	Collection   collectionName `default:"collections/default" help:"Collection to delete documents from."`
	ValidateOnly bool           `aliases:"dry-run" help:"Delete nothing: count the documents and print the names of some."`
	Force        bool           `help:"Delete all documents of the collection if there is no filter."`

	filterFlags `embed:"" group:"filter"`
	callFlags   `embed:"" group:"server"`
}

// Help returns the examples of --help.
func (*deleteCmd) Help() string {
	return examples(
		"accord delete --source Wire --before 2020-01-01 --validate-only",
		"accord delete --collection news --metadata file=a.txt",
		"accord delete --collection news --force",
	)
}

// Run deletes documents, or prints which ones it would delete.
func (c *deleteCmd) Run(ctx context.Context, io streams) error {
	_, err := call(ctx, c.callFlags, io, func(ctx context.Context, conn *grpc.ClientConn) (*accordv1.DeleteDocumentsResponse, error) {
		return accordv1.NewIngestServiceClient(conn).DeleteDocuments(ctx, c.request())
	}, func(reply *accordv1.DeleteDocumentsResponse) {
		if !c.ValidateOnly {
			fmt.Fprintf(io.out, "%d documents deleted\n", reply.GetDocumentCount())
			return
		}
		fmt.Fprintf(io.out, "%d documents would be deleted\n", reply.GetDocumentCount())
		for _, name := range reply.GetSampleDocuments() {
			fmt.Fprintln(io.out, oneLine(name))
		}
	})
	return err
}

func (c *deleteCmd) request() *accordv1.DeleteDocumentsRequest {
	return &accordv1.DeleteDocumentsRequest{Parent: string(c.Collection), Filter: c.filter(), ValidateOnly: c.ValidateOnly, Force: c.Force}
}
