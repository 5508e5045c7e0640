package search

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// naming is how well a passage fits the article that a question names.
type naming int

const (
	unnamed     naming = iota
	namedNumber        // its number, in a document of another year than the question names
	namedWhole         // its number and, where the question names one, its year
)

// place is where such a passage stands among those that are named.
type place struct {
	naming
	spoken bool // in the question's language
}

// maxNamed bounds the articles of the number that are ranked: those of the year
// first, then the newest.
const maxNamed = 300

var yearRE = regexp.MustCompile(`^(?:19|20)[0-9]{2}$`)

// named returns the articles that a question names by their number, as in "第三条"
// or "Article 3 of the 2016 statement", in whatever language they are written.
// Whatever else it says has no part in that.
func (s *Searcher) named(ctx context.Context, sp space.Space, q question) (map[document.PassageKey]place, error) {
	numbers := map[string]bool{}
	var ids []int32
	for _, term := range lexical.NamedArticles(q.text) {
		numbers[term.Text], ids = true, append(ids, term.ID())
	}
	if len(ids) == 0 || len(q.filter.Kinds) > 0 && !slices.Contains(q.filter.Kinds, document.KindArticle) {
		return nil, nil
	}
	years := yearsOf(q.text)
	articles, err := s.cfg.Store.Articles(ctx, sp, ids, years, q.filter)
	if err != nil {
		return nil, err
	}
	named := map[document.PassageKey]place{}
	for _, a := range articles {
		if term, ok := lexical.LabelledArticle(a.Label); !ok || !numbers[term.Text] || len(named) == maxNamed {
			continue
		}
		fit := namedNumber
		if a.InYear || len(years) == 0 {
			fit = namedWhole
		}
		named[a.PassageKey] = place{fit, a.Language == q.language}
	}
	return named, nil
}

// yearsOf returns the years that a question names.
func yearsOf(text string) (years []int32) {
	for _, term := range lexical.Terms(text, "") {
		if yearRE.MatchString(term.Text) {
			year, _ := strconv.ParseInt(term.Text, 10, 32) // four digits
			years = append(years, int32(year))
		}
	}
	return years
}

// matchNamed adds the articles that a question names to what the lexical leg
// found, so that they are ranked whether or not it did.
func (s *Searcher) matchNamed(ctx context.Context, sp space.Space, q question, leg *lexicalLeg) error {
	named, err := s.named(ctx, sp, q)
	if err != nil || len(named) == 0 {
		return err
	}
	leg.named = named
	return addMatches(ctx, s, sp, leg, named)
}

// namedFirst moves the articles that the question names to the front, those that
// fit better first, of these those in its language, and takes those that fit best
// for answers; all else keeps its order.
func namedFirst(list []ranked, named map[document.PassageKey]place) []ranked {
	if len(named) == 0 || len(list) == 0 {
		return list
	}
	slices.SortStableFunc(list, func(a, b ranked) int {
		return named[b.PassageKey].order() - named[a.PassageKey].order()
	})
	best := named[list[0].PassageKey].naming
	for i, r := range list {
		fit := named[r.PassageKey].naming
		list[i].Named = fit != unnamed
		if list[i].Named && fit == best {
			list[i].Relevance = max(r.Relevance, namedRelevance)
		}
	}
	return list
}

// order is higher for what stands before.
func (p place) order() int {
	if p.spoken {
		return 2*int(p.naming) + 1
	}
	return 2 * int(p.naming)
}
