package main

import (
	"context"
	"fmt"
	"path"

	"google.golang.org/grpc"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type listCmd struct {
	Collection collectionName `default:"collections/default" help:"Collection whose documents are listed."`
	Limit      int32          `short:"n" aliases:"page-size" default:"100" help:"Maximum number of documents, up to 1000; also --page-size."`
	PageToken  string         `help:"Token for the next page, which the previous page printed at its end."`

	filterFlags `embed:"" group:"filter"`
	callFlags   `embed:"" group:"server"`
}

// Help returns the examples of --help.
func (*listCmd) Help() string {
	return examples(
		"accord list",
		"accord list --language zh --after 2024-01-01 -n 20",
		"accord list --collection news --metadata file=a.txt -o json",
	)
}

// Run lists documents by name.
func (c *listCmd) Run(ctx context.Context, io streams) error {
	_, err := call(ctx, c.callFlags, io, func(ctx context.Context, conn *grpc.ClientConn) (*accordv1.ListDocumentsResponse, error) {
		return accordv1.NewSearchServiceClient(conn).ListDocuments(ctx, &accordv1.ListDocumentsRequest{
			Parent: string(c.Collection), PageSize: c.Limit, PageToken: c.PageToken, Filter: c.filter(),
		})
	}, func(page *accordv1.ListDocumentsResponse) {
		if len(page.GetDocuments()) == 0 {
			fmt.Fprintln(io.out, "no documents")
			return
		}
		var rows [][]any
		for _, d := range page.GetDocuments() {
			rows = append(rows, []any{path.Base(d.GetName()), publishDay(d), d.GetLanguageCode(), indexStateName(d.GetIndexState()), d.GetSource(), firstCells(d.GetTitle(), titleCells)})
		}
		printTable(io.out, []string{"DOCUMENT", "PUBLISHED", "LANGUAGE", "INDEX", "SOURCE", "TITLE"}, rows)
		if token := page.GetNextPageToken(); token != "" {
			fmt.Fprintf(io.err, "more documents follow: repeat the command with --page-token %s\n", oneLine(token))
		}
	})
	return err
}

// titleCells is the maximum width of a title in a list.
const titleCells = 60
