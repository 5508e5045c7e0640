package search

import (
	"slices"
	"strconv"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// The range of years that texts are about, which yearRE matches.
const (
	firstYear = 1900
	lastYear  = 2099
)

// yearTerms are the terms of the years.
var yearTerms = func() map[int32]bool {
	ids := map[int32]bool{}
	for year := firstYear; year <= lastYear; year++ {
		ids[yearTerm(year)] = true
	}
	return ids
}()

// yearTerm returns the ID of the term of a year.
func yearTerm(year int) int32 { return lexical.Term{Text: strconv.Itoa(year)}.ID() }

// yearsAbsent reports whether no passage contains any of the query's years.
func (c *coverage) yearsAbsent(queries map[string]lexical.Query) bool {
	for _, query := range queries {
		if slices.ContainsFunc(c.years, func(id int32) bool { return query.Holding(id) > 0 }) {
			return false
		}
	}
	return len(c.years) > 0
}

// ofOtherYear reports whether a passage is about another year than the query: it contains
// years, but none of the query's. If no passage at all contains a year of the query, every
// passage counts as such.
func (c *coverage) ofOtherYear(key document.PassageKey) bool {
	if len(c.years) == 0 || c.noYear {
		return c.noYear
	}
	ids := c.terms[key].IDs
	holds := func(id int32) bool {
		_, found := slices.BinarySearch(ids, id)
		return found
	}
	return !slices.ContainsFunc(c.years, holds) && slices.ContainsFunc(ids, func(id int32) bool { return yearTerms[id] })
}
