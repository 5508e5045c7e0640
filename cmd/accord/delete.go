package main

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type deleteCmd struct {
	Collection   string `default:"collections/default" help:"Collection to delete documents from."`
	ValidateOnly bool   `aliases:"dry-run" help:"Only count the documents and name some."`
	Force        bool   `help:"Delete all documents of the collection if there is no filter."`
	Output       string `short:"o" enum:"text,json" default:"text" help:"text, or json: a DeleteDocumentsResponse."`

	filterFlags `embed:""`
	clientFlags `embed:""`
	waitFlags   `embed:""`
}

// Run deletes documents, or prints which ones it would delete.
func (c *deleteCmd) Run(ctx context.Context, io streams) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	reply, err := accordv1.NewIngestServiceClient(conn).DeleteDocuments(ctx, c.request())
	if err != nil {
		return err
	}
	if c.Output == "json" {
		fmt.Fprintln(io.out, protojson.Format(reply))
		return nil
	}
	if !c.ValidateOnly {
		fmt.Fprintf(io.out, "%d documents deleted\n", reply.GetDocumentCount())
		return nil
	}
	fmt.Fprintf(io.out, "%d documents would be deleted\n", reply.GetDocumentCount())
	for _, name := range reply.GetSampleDocuments() {
		fmt.Fprintln(io.out, name)
	}
	return nil
}

func (c *deleteCmd) request() *accordv1.DeleteDocumentsRequest {
	return &accordv1.DeleteDocumentsRequest{Collection: c.Collection, Filter: c.filter(), ValidateOnly: c.ValidateOnly, Force: c.Force}
}
