package web

import (
	"context"
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

// hitsAround asks the question of the search that led to a quote again, and returns the results
// around it. It returns nil without a question.
func (s *site) hitsAround(ctx context.Context, name string, at quote.Quote, q query) *hits {
	if q.Text == "" {
		return nil
	}
	out := &hits{Question: q.Text, List: q.link(1)}
	q.Page = hitPages
	answer, err := s.answer(ctx, q)
	if err != nil { // the document can be read without it
		return out
	}
	results := answer.GetResults()
	out.All = len(results)
	for i, r := range results {
		if !holds(r.GetPassage(), name, at) {
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

// holds reports whether a passage is in a document and has the beginning of a quote.
func holds(p *accordv1.Passage, name string, at quote.Quote) bool {
	r := p.GetRange()
	return strings.HasPrefix(p.GetName(), name+"/passages/") && int(r.GetStart()) <= at.Start && at.Start < int(r.GetEnd())
}

// translationsOf returns the passages in other languages that say the same as the passage with a
// quote. It searches with the passage as the question: it is the best answer to itself, and the
// best answer names its translations.
func (s *site) translationsOf(ctx context.Context, d *accordv1.Document, passages []document.Passage, at quote.Quote, q query) (list []passage) {
	question := ""
	for _, p := range passages {
		if p.Range.Start <= at.Start && at.Start < p.Range.End {
			question = firstRunes(p.Text, 2000)
		}
	}
	if strings.TrimSpace(question) == "" || at.Start == at.End {
		return nil
	}
	answer, err := s.search.Search(ctx, &accordv1.SearchRequest{
		Query: question, Parent: "collections/" + q.Collection, PageSize: perPage, GroupTranslations: true,
		Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC, QueryLanguageCode: d.GetLanguageCode(),
	})
	if err != nil { // the document can be read without them
		return nil
	}
	for _, r := range answer.GetResults() {
		if holds(r.GetPassage(), d.GetName(), at) {
			return newResult(r, query{}).Translations
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
