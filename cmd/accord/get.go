package main

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type getCmd struct {
	Name   string `arg:"" help:"collections/{collection}/documents/{document}, or only the id of a document in collections/default."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: a Document."`

	clientFlags `embed:""`
	waitFlags   `embed:""`
}

// Run prints a document.
func (c *getCmd) Run(ctx context.Context, io streams) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	name := c.Name
	if !strings.Contains(name, "/") {
		name = "collections/default/documents/" + name
	}
	reply, err := accordv1.NewSearchServiceClient(conn).GetDocument(ctx, &accordv1.GetDocumentRequest{Name: name})
	if err != nil {
		return err
	}
	d := reply.GetDocument()
	if c.Output == "json" {
		fmt.Fprintln(io.out, protojson.Format(d))
		return nil
	}
	for _, field := range []struct{ label, value string }{
		{"title", d.GetTitle()},
		{"published", publishDay(d)},
		{"language", d.GetLanguageCode()},
		{"source", d.GetSource()},
		{"uri", d.GetUri()},
		{"name", d.GetName()},
	} {
		if field.value != "" {
			fmt.Fprintf(io.out, "%-10s %s\n", field.label, field.value)
		}
	}
	printIndexState(io.out, d)
	fmt.Fprintf(io.out, "\n%s\n", wrap(d.GetText(), outputWidth(io.out), ""))
	return nil
}
