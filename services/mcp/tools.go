package mcp

import (
	"context"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// maxText is the last code point that a range may name.
const maxText = 1 << 30

// addTools adds the tools.
func (t *tools) addTools(server *sdk.Server) {
	one, twenty := 1, 20
	add(server, "search", "Search", "Finds the passages that best answer a question, in any language, with quotes to cite. Read the field answer first: it says whether there is an answer.", limits{
		"limit": number(1, 50, 8), "context": number(0, 3, 0), "min_relevance": number(0, 1, 0),
		"mode": oneOf("hybrid", "semantic", "lexical"), "kinds": kinds,
	}, t.searchPassages)
	add(server, "get_document", "Read a document", "Returns a document's title, date, source and metadata, and its text or a part of it.", limits{
		"start": number(0, maxText, 0), "limit": number(1, maxPart, 8000),
	}, t.getDocument)
	add(server, "get_passages", "Read citations", "Returns the exact text of citations, with what is around them. Use it to check a quote or to read on.", limits{
		"citations": jsonschema.Schema{MinItems: &one, MaxItems: &twenty}, "context": number(0, 500, 0),
	}, t.getPassages)
	add(server, "list_documents", "List documents", "Lists the documents of a collection by name: titles, dates, sources and languages.", limits{
		"limit": number(1, 100, 30), "kinds": kinds,
	}, t.listDocuments)
	add(server, "list_collections", "List collections", "Lists the collections that can be searched.", limits{
		"limit": number(1, 200, 100),
	}, t.listCollections)
}

// addResources adds documents, and ranges of their texts, as resources.
func (t *tools) addResources(server *sdk.Server) {
	const uri, kind = "accord://collections/{collection}/documents/{document}", "text/plain"
	server.AddResourceTemplate(&sdk.ResourceTemplate{
		Name: "document", Title: "Document", URITemplate: uri, MIMEType: kind,
		Description: "The text of a document.",
	}, t.readResource)
	server.AddResourceTemplate(&sdk.ResourceTemplate{
		Name: "citation", Title: "Citation", URITemplate: uri + "#c={start}-{end}", MIMEType: kind,
		Description: "The text of a citation: from start to end in the document's text, in Unicode code points.",
	}, t.readResource)
}

// readResource returns the text of a document, or that of a range of it.
func (t *tools) readResource(ctx context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
	c, ok := document.ParseCitation(req.Params.URI)
	if !ok {
		return nil, sdk.ResourceNotFoundError(req.Params.URI)
	}
	get := &accordv1.GetDocumentRequest{Name: c.Name}
	if c.End > 0 {
		get.TextRange = &accordv1.TextRange{Start: c.Start, End: c.End}
	}
	reply, err := t.search.GetDocument(ctx, get)
	switch {
	case gone(err):
		return nil, sdk.ResourceNotFoundError(req.Params.URI)
	case err != nil:
		return nil, explained(err)
	case c.End > reply.GetTextLength(): // the document was replaced
		return nil, sdk.ResourceNotFoundError(req.Params.URI)
	}
	return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{
		URI: req.Params.URI, MIMEType: "text/plain", Text: reply.GetDocument().GetText(),
	}}}, nil
}
