package mcp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// maxPart is the longest part of a document that a call returns, in code points.
const maxPart = 20000

type documentInput struct {
	Document   string `json:"document" jsonschema:"the name or link of a document, or a citation to begin there, as search returns them; or only the id"`
	Collection string `json:"collection,omitempty" jsonschema:"the collection of a document that is given by its id"`
	Start      int32  `json:"start,omitempty" jsonschema:"the first code point to return; next_start of the answer before continues it"`
	Limit      int32  `json:"limit,omitempty" jsonschema:"the maximum number of code points"`
}

type documentOutput struct {
	source
	quotation
	Metadata   map[string]string `json:"metadata,omitempty"`
	TextLength int32             `json:"text_length" jsonschema:"the length of the whole text in code points"`
	NextStart  int32             `json:"next_start,omitempty" jsonschema:"start for the part that follows; absent at the end"`
}

func (t *tools) getDocument(ctx context.Context, in documentInput) (_ string, out documentOutput, _ error) {
	collection, err := t.collectionName(in.Collection)
	if err != nil {
		return "", out, err
	}
	name, start, err := documentName(in.Document, collection)
	if err != nil {
		return "", out, err
	}
	if in.Start > 0 {
		start = in.Start
	}
	reply, err := t.part(ctx, name, start, start, start+in.Limit)
	if err != nil {
		return "", out, err
	}
	d := reply.GetDocument()
	out = documentOutput{
		source: sourceOf(d), quotation: quote(name, reply.GetTextRange().GetStart(), d.GetText()),
		Metadata: d.GetMetadata(), TextLength: reply.GetTextLength(),
	}
	if out.Range.End < out.TextLength {
		out.NextStart = out.Range.End
	}
	text := fmt.Sprintf("%s\n%s\n", out.line(), out.Citation)
	if out.URL != "" {
		text += oneLine(out.URL) + "\n"
	}
	for _, key := range slices.Sorted(maps.Keys(out.Metadata)) {
		text += fmt.Sprintf("metadata %s: %s\n", oneLine(key), oneLine(out.Metadata[key]))
	}
	text += "\n" + indented(out.Quote) + "\n"
	if out.NextStart > 0 {
		text += fmt.Sprintf("\nThese are code points %d to %d of %d. To read on repeat the call with start %d.\n", out.Range.Start, out.Range.End, out.TextLength, out.NextStart)
	}
	return text, out, nil
}

// part reads the part of a document's text from code point start to end. If least is above 0,
// it fails unless the text has more than least code points.
func (t *tools) part(ctx context.Context, name string, start, least, end int32) (*accordv1.GetDocumentResponse, error) {
	reply, err := t.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: name, TextRange: &accordv1.TextRange{Start: start, End: end}})
	if err == nil && least > 0 && least >= reply.GetTextLength() {
		return nil, invalid("%s has only %d code points; it may have been replaced: search again", name, reply.GetTextLength())
	}
	return reply, err
}

type passagesInput struct {
	Citations []string `json:"citations" jsonschema:"citations that search or another tool returned, such as accord://collections/news/documents/a#c=10-80; or names of passages, such as collections/news/documents/a/passages/3"`
	Context   int32    `json:"context,omitempty" jsonschema:"how many code points before and after each one to return"`
}

type passagesOutput struct {
	Passages []cited `json:"passages" jsonschema:"in the order of the citations"`
}

// cited is the text of a citation, or why there is none.
type cited struct {
	source
	Text   *quotation `json:"text,omitempty" jsonschema:"the text of the citation"`
	Before string     `json:"before,omitempty" jsonschema:"the text before it"`
	After  string     `json:"after,omitempty" jsonschema:"the text after it"`
	Rest   string     `json:"rest,omitempty" jsonschema:"citation of the rest, if the text is too long for one answer"`
	Error  string     `json:"error,omitempty" jsonschema:"why there is no text"`
}

func (t *tools) getPassages(ctx context.Context, in passagesInput) (_ string, out passagesOutput, _ error) {
	out = passagesOutput{Passages: make([]cited, len(in.Citations))}
	most := int32(maxPart / max(1, len(in.Citations)))
	var text strings.Builder
	for i, citation := range in.Citations {
		passage, err := t.cited(ctx, citation, in.Context, most)
		if err != nil && ctx.Err() != nil {
			return "", out, ctx.Err()
		}
		if err != nil {
			passage = cited{source: source{Document: clipped(citation, 200)}, Error: explained(err).Error()}
			fmt.Fprintf(&text, "[%d] %s\n%s\n\n", i+1, oneLine(passage.Document), passage.Error)
		} else {
			fmt.Fprintf(&text, "[%d] %s\n%s\n", i+1, passage.line(), passage.text())
		}
		out.Passages[i] = passage
	}
	return text.String(), out, nil
}

// text returns the passage for an agent to read.
func (c cited) text() string {
	var b strings.Builder
	if before := strings.TrimSpace(c.Before); before != "" {
		fmt.Fprintf(&b, "before it:\n%s\n", indented(before))
	}
	fmt.Fprintf(&b, "%s\n%s\n", c.Text.Citation, indented(c.Text.Quote))
	if after := strings.TrimSpace(c.After); after != "" {
		fmt.Fprintf(&b, "after it:\n%s\n", indented(after))
	}
	if c.Rest != "" {
		fmt.Fprintf(&b, "The rest: %s\n", c.Rest)
	}
	return b.String()
}

// rangeOf returns the document and the range of a citation or of a passage's name.
func (t *tools) rangeOf(ctx context.Context, citation string) (document.Cited, error) {
	c, ok := document.ParseCitation(citation)
	if ok && c.End > 0 {
		return c, nil
	}
	collection, key, ok := document.ParsePassageName(citation)
	if !ok {
		return document.Cited{}, invalid("citations: must be like accord://collections/news/documents/a#c=10-80, as search returns them, or the name of a passage")
	}
	reply, err := t.search.BatchGetPassages(ctx, &accordv1.BatchGetPassagesRequest{Parent: document.CollectionName(collection), Names: []string{citation}})
	if err != nil {
		return document.Cited{}, err
	}
	found := reply.GetPassages()[0].GetRange()
	return document.Cited{Name: document.Name(collection, key.Document), Start: found.GetStart(), End: found.GetEnd()}, nil
}

// cited reads up to most code points of the text of a citation, and the text around it.
func (t *tools) cited(ctx context.Context, citation string, around, most int32) (cited, error) {
	c, err := t.rangeOf(ctx, citation)
	if err != nil {
		return cited{}, err
	}
	shown := min(c.End, c.Start+most)
	from := max(0, c.Start-around)
	reply, err := t.part(ctx, c.Name, from, c.Start, shown+around)
	if err != nil {
		return cited{}, err
	}
	text := reply.GetDocument().GetText()
	q := quote(c.Name, c.Start, clipped(skipped(text, int(c.Start-from)), int(shown-c.Start)))
	passage := cited{source: sourceOf(reply.GetDocument()), Text: &q, Before: clipped(text, int(c.Start-from))}
	passage.After = skipped(text, int(c.Start-from)+utf8.RuneCountInString(q.Quote))
	if q.Range.End == shown && shown < c.End {
		passage.Rest, passage.After = document.Citation(c.Name, shown, c.End), ""
	}
	return passage, nil
}
