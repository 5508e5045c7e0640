package web

import (
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/web/quote"
)

// readView is what the reader shows.
type readView struct {
	Title, Day, ISODay, Source, URI string
	Language                        string // BCP-47
	Blocks                          []block
	Long                            bool // whether there are very many blocks
	Entries                         []entry
	Anchor                          string // id of the cited words: c=START-END
	Notice                          string // whether the cited words have moved, changed or gone
	Citation                        *citation
	Translations                    []passage
	Hits                            *hits
}

// manyBlocks is the number of blocks above which a browser lays out only those near the window.
// Laying out all 24,000 blocks of a document of 3.9 MB took 3.5 s.
const manyBlocks = 1000

// citation has the cited words, their source and a link to them.
type citation struct {
	Quote string
	About []string // title, source and date
	Link  string
}

// notices tell the visitor that the cited words are not where a link says.
var notices = map[quote.State]string{
	quote.Moved:   "This document has changed since the link was made. The cited words are the same, at another place.",
	quote.Changed: "This document has changed since the link was made. The cited words are no longer in it.",
	quote.Outside: "The link cites a place after the end of this document. It may have changed since the link was made.",
}

// readPage shows a document, with the cited words marked.
func (s *site) readPage(v *visit) error {
	collection := v.r.PathValue("collection")
	q, err := readQuery(v.r.URL.Query())
	if err != nil {
		return err
	}
	q.Collection = collection
	answer, err := s.search.GetDocument(v.ctx, &accordv1.GetDocumentRequest{Name: document.Name(collection, v.r.PathValue("document"))})
	if err != nil {
		return err
	}
	r := &reading{visit: v, doc: answer.GetDocument(), passages: passagesOf(answer.GetDocument()), query: q}
	view := r.view()
	cited := span{}
	if c := v.r.FormValue("c"); c != "" {
		if cited, err = r.cite(&view); err != nil {
			return err
		}
	}
	view.Blocks, view.Entries = typeset(r.doc, r.passages, cited)
	view.Long = len(view.Blocks) > manyBlocks
	if len(view.Entries) < 2 {
		view.Entries = nil
	}
	v.render(http.StatusOK, "read", view.Title, view)
	return nil
}

// reading is a visit to a document.
type reading struct {
	*visit
	doc      *accordv1.Document
	passages []document.Passage
	query    query // the search that led to it
}

func (r *reading) view() readView {
	d := r.doc
	return readView{Title: titleOf(d), Day: day(d), ISODay: isoDay(d), Source: d.GetSource(), URI: webAddress(d.GetUri()), Language: d.GetLanguageCode()}
}

// cite adds the cited words, their translations and the results around them to the view. It
// returns where the words are in the text.
func (r *reading) cite(view *readView) (span, error) {
	wanted, err := quote.Parse(r.r.FormValue("c"), r.r.FormValue("w"))
	if err != nil {
		return span{}, badRequest(err.Error() + ".")
	}
	text := []rune(r.doc.GetText())
	found, state := wanted.Find(text)
	view.Anchor, view.Notice = "c="+wanted.Span(), notices[state]
	if state > quote.Moved {
		view.Hits = r.resultsAround(found)
		return span{}, nil
	}
	words := string(text[found.Start:found.End])
	found.Digest = quote.Digest(words)
	view.Citation = &citation{strings.TrimSpace(words), about(r.doc), r.scheme() + "://" + r.r.Host + citeLink(r.doc.GetName(), found, query{})}
	var group errgroup.Group
	group.Go(guard.Func(func() error { view.Hits = r.resultsAround(found); return nil }))
	group.Go(guard.Func(func() error { view.Translations = r.translations(found); return nil }))
	before := len(string(text[:found.Start]))
	return span{before, before + len(words)}, group.Wait()
}

// about returns the title, source and date of a document. It leaves out what is not known.
func about(d *accordv1.Document) []string {
	parts := []string{titleOf(d)}
	for _, part := range []string{d.GetSource(), day(d)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// webAddress returns uri if a page may link to it, and "" otherwise, such as for javascript:.
func webAddress(uri string) string {
	if strings.HasPrefix(uri, "https://") || strings.HasPrefix(uri, "http://") {
		return uri
	}
	return ""
}
