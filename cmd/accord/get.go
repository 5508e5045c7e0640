package main

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type getCmd struct {
	Name       string         `arg:"" help:"collections/{collection}/documents/{document}, or only the document's id."`
	Collection collectionName `default:"collections/default" help:"Collection of a document that is given by its id."`

	callFlags `embed:""`
}

// Help returns the examples of --help.
func (*getCmd) Help() string {
	return examples(
		"accord get 004-fbcdf80aeda2e1b4-2",
		"accord get collections/news/documents/note-1 -o json",
	)
}

// Run prints a document.
func (c *getCmd) Run(ctx context.Context, io streams) error {
	ctx, conn, end, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer end()
	reply, err := accordv1.NewSearchServiceClient(conn).GetDocument(ctx, &accordv1.GetDocumentRequest{Name: c.Collection.childName("documents", c.Name)})
	if err != nil {
		return err
	}
	d := reply.GetDocument()
	if c.Output == "json" { // prints the document without the response around it
		return printJSON(io.out, json.RawMessage(protojson.Format(d)))
	}
	printFields(io.out, []field{
		{"title", d.GetTitle()},
		{"published", publishDay(d)},
		{"language", d.GetLanguageCode()},
		{"source", d.GetSource()},
		{"uri", d.GetUri()},
		{"name", d.GetName()},
	})
	printIndexState(io.out, d)
	fmt.Fprintf(io.out, "\n%s\n", wrap(plain(d.GetText()), outputWidth(io.out), ""))
	return nil
}
