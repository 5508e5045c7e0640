package web

import (
	"strings"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/web/quote"
)

// hitPages is the number of pages of results among which the reader looks for the results before
// and after the one that it shows.
const hitPages = 5

// hits are the results around the one that the reader shows.
type hits struct {
	Question       string
	Number, All    int // Number is 0 if the reader shows none of them
	Previous, Next string
	List           string // address of the list
}

// resultsAround repeats the search that led to a quote, and returns the results around the quote.
// It returns nil if there was no search.
func (r *reading) resultsAround(at quote.Quote) *hits {
	q := r.query
	if q.Text == "" {
		return nil
	}
	out := &hits{Question: q.Text, List: q.link(1)}
	q.Page = hitPages
	answer, err := r.site.answer(r.ctx, q)
	if err != nil { // the reader can do without these results
		return out
	}
	results := answer.GetResults()
	out.All = len(results)
	for i, found := range results {
		if !holds(found.GetPassage(), r.doc.GetName(), at) {
			continue
		}
		out.Number, out.List = i+1, q.link(i/perPage+1)
		if i > 0 {
			out.Previous = readLink(results[i-1].GetPassage(), best(results[i-1]), q)
		}
		if i+1 < len(results) {
			out.Next = readLink(results[i+1].GetPassage(), best(results[i+1]), q)
		}
		break
	}
	return out
}

// holds reports whether a passage is in a document and contains the beginning of a quote.
func holds(p *accordv1.Passage, name string, at quote.Quote) bool {
	r := p.GetRange()
	return strings.HasPrefix(p.GetName(), name+"/passages/") && int(r.GetStart()) <= at.Start && at.Start < int(r.GetEnd())
}

// translations returns the passages in other languages that say the same as the passage with a
// quote. It searches with that passage as the question: the passage is the best answer to itself,
// and the best answer names its translations.
func (r *reading) translations(at quote.Quote) []passage {
	question := ""
	for _, p := range r.passages {
		if p.Range.Start <= at.Start && at.Start < p.Range.End {
			question = firstRunes(p.Text, 2000)
		}
	}
	if strings.TrimSpace(question) == "" {
		return nil
	}
	answer, err := r.site.search.Search(r.ctx, &accordv1.SearchRequest{
		Query: question, Parent: document.CollectionName(r.query.Collection), PageSize: perPage, GroupTranslations: true,
		Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC, QueryLanguageCode: r.doc.GetLanguageCode(),
	})
	if err != nil { // the reader can do without translations
		return nil
	}
	for _, found := range answer.GetResults() {
		if holds(found.GetPassage(), r.doc.GetName(), at) {
			return newResult(found, query{Collection: r.query.Collection}).Translations
		}
	}
	return nil
}

func firstRunes(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}
