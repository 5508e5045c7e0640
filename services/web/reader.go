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
	Entries                         []entry
	Anchor                          string // id of the cited words: c=START-END
	Notice                          string // what became of the cited words
	Citation                        *citation
	Translations                    []passage
	Hits                            *hits
	Length                          int // in code points
}

// citation is the cited words with where they are from.
type citation struct{ Quote, About, Link string }

// notices say what became of cited words that are not where a link says.
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
	d := answer.GetDocument()
	text, passages := []rune(d.GetText()), passagesOf(d)
	view := readView{
		Title: titleOf(d), Day: day(d), ISODay: isoDay(d), Source: d.GetSource(), URI: webAddress(d.GetUri()),
		Language: d.GetLanguageCode(), Length: len(text),
	}
	cited := span{}
	if c := v.r.FormValue("c"); c != "" {
		if cited, err = s.cite(v, &view, d, text, passages, q); err != nil {
			return err
		}
	}
	view.Blocks, view.Entries = typeset(d, passages, cited)
	if len(view.Entries) < 2 {
		view.Entries = nil
	}
	v.render(http.StatusOK, "read", view.Title, view)
	return nil
}

// cite adds the cited words, their translations and the results around them to the reader. It
// returns where the words are in the text.
func (s *site) cite(v *visit, view *readView, d *accordv1.Document, text []rune, passages []document.Passage, q query) (span, error) {
	wanted, err := quote.Parse(v.r.FormValue("c"), v.r.FormValue("w"))
	if err != nil {
		return span{}, badRequest(err.Error() + ".")
	}
	view.Anchor = "c=" + wanted.Span()
	found, state := wanted.Find(text)
	view.Notice = notices[state]
	if state > quote.Moved {
		found.End = found.Start
	} else {
		words := string(text[found.Start:found.End])
		found.Digest = quote.Digest(words)
		link := v.scheme() + "://" + v.r.Host + citeLink(d.GetName(), found, query{})
		view.Citation = &citation{strings.TrimSpace(words), about(d), link}
	}
	var group errgroup.Group
	group.Go(guard.Func(func() error { view.Hits = s.hitsAround(v.ctx, d.GetName(), found, q); return nil }))
	group.Go(guard.Func(func() error { view.Translations = s.translationsOf(v.ctx, d, passages, found, q); return nil }))
	if err := group.Wait(); err != nil || found.Start == found.End {
		return span{}, err
	}
	before := len(string(text[:found.Start]))
	return span{before, before + len(string(text[found.Start:found.End]))}, nil
}

// about returns the title, source and date of a document.
func about(d *accordv1.Document) string {
	parts := []string{titleOf(d)}
	for _, part := range []string{d.GetSource(), day(d)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// webAddress returns an address that a page may link, and "" for others, such as javascript:.
func webAddress(uri string) string {
	if strings.HasPrefix(uri, "https://") || strings.HasPrefix(uri, "http://") {
		return uri
	}
	return ""
}
