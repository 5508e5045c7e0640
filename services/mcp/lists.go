package mcp

import (
	"context"
	"fmt"
	"strings"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type documentsInput struct {
	Collection string `json:"collection,omitempty" jsonschema:"the collection, such as news; list_collections shows them"`
	Limit      int    `json:"limit,omitempty" jsonschema:"the maximum number of documents"`
	Cursor     string `json:"cursor,omitempty" jsonschema:"next_cursor of the answer before, to continue it; keep the other arguments"`
	filterInput
}

type documentsOutput struct {
	Documents  []listed `json:"documents" jsonschema:"in the order of their names"`
	NextCursor string   `json:"next_cursor,omitempty" jsonschema:"cursor for the documents that follow; absent at the end"`
}

// listed is a document in a list.
type listed struct {
	source
	Link string `json:"link" jsonschema:"the link of the whole document"`
}

func (t *tools) listDocuments(ctx context.Context, in documentsInput) (_ string, out documentsOutput, _ error) {
	req := &accordv1.ListDocumentsRequest{PageSize: int32(in.Limit), PageToken: in.Cursor}
	var err error
	if req.Parent, err = t.collectionName(in.Collection); err == nil {
		req.Filter, err = in.filter(req.GetParent())
	}
	if err != nil {
		return "", out, err
	}
	reply, err := t.search.ListDocuments(ctx, req)
	if err != nil {
		return "", out, err
	}
	out = documentsOutput{Documents: []listed{}, NextCursor: reply.GetNextPageToken()}
	var text strings.Builder
	for _, d := range reply.GetDocuments() {
		l := listed{sourceOf(d), document.Link(d.GetName())}
		out.Documents = append(out.Documents, l)
		fmt.Fprintf(&text, "%s\n%s\n", l.line(), l.Link)
	}
	if len(out.Documents) == 0 {
		text.WriteString("No document matches.\n")
	}
	text.WriteString(more(out.NextCursor))
	return text.String(), out, nil
}

type collectionsInput struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"the maximum number of collections"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the answer before, to continue it"`
}

type collectionsOutput struct {
	Collections []collection `json:"collections" jsonschema:"in the order of their names"`
	NextCursor  string       `json:"next_cursor,omitempty" jsonschema:"cursor for the collections that follow; absent at the end"`
}

type collection struct {
	Name      string `json:"name" jsonschema:"the name, such as collections/news"`
	Documents int64  `json:"documents" jsonschema:"the number of documents"`
	Passages  int64  `json:"passages" jsonschema:"the number of passages"`
}

func (t *tools) listCollections(ctx context.Context, in collectionsInput) (_ string, out collectionsOutput, _ error) {
	reply, err := t.collections.ListCollections(ctx, &accordv1.ListCollectionsRequest{PageSize: int32(in.Limit), PageToken: in.Cursor})
	if err != nil {
		return "", out, err
	}
	out = collectionsOutput{Collections: []collection{}, NextCursor: reply.GetNextPageToken()}
	var text strings.Builder
	for _, c := range reply.GetCollections() {
		out.Collections = append(out.Collections, collection{c.GetName(), c.GetDocumentCount(), c.GetPassageCount()})
		fmt.Fprintf(&text, "%s: %d documents, %d passages\n", c.GetName(), c.GetDocumentCount(), c.GetPassageCount())
	}
	if len(out.Collections) == 0 {
		text.WriteString("There is no collection that this caller may read.\n")
	}
	text.WriteString(more(out.NextCursor))
	return text.String(), out, nil
}

// more returns the sentence that says how a list continues, or "" at its end.
func more(cursor string) string {
	if cursor == "" {
		return ""
	}
	return fmt.Sprintf("\nThere are more. Repeat the call with cursor %s.\n", cursor)
}
