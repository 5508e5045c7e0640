package search

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Bounds of a facet.
const (
	maxFacetValues = 100
	maxFacetLength = 256 // code points of a value
)

// Facet counts the passages of a list by their value of a field.
type Facet struct {
	Field string
	// Values are the values with the highest counts, in descending order of the count and
	// then by value: at most 100 values of at most 256 code points.
	Values []FacetValue
	// Other is the number of passages with another value, and Missing that of passages
	// without a value.
	Other, Missing int
}

// FacetValue is a value with the number of passages that have it.
type FacetValue struct {
	Value string
	Count int
}

// Order is the order of a list.
type Order int

// Values of Order. Undated passages are last in both orders by time.
const (
	BestFirst Order = iota
	OldestFirst
	NewestFirst
)

// arrange puts the entries of a list into the order of a request and counts them by its
// facets. It does not count passages that were deleted meanwhile.
func (s *Searcher) arrange(ctx context.Context, sp space.Space, req Request, entries []Entry) ([]Facet, error) {
	if req.Order == BestFirst && len(req.Facets) == 0 {
		return nil, nil
	}
	keys := make([]document.PassageKey, len(entries))
	for i, e := range entries {
		keys[i] = e.PassageKey
	}
	values, err := s.cfg.Passages.Values(ctx, sp, keys, req.Facets)
	if err != nil {
		return nil, err
	}
	if req.Order != BestFirst {
		orderByTime(entries, values, req.Order)
	}
	facets := make([]Facet, len(req.Facets))
	for i, field := range req.Facets {
		facets[i] = countValues(field, i, values)
	}
	return facets, nil
}

// orderByTime keeps the order of entries with the same publish time.
func orderByTime(entries []Entry, values map[document.PassageKey]document.PassageValues, order Order) {
	slices.SortStableFunc(entries, func(a, b Entry) int {
		x, y := values[a.PassageKey].PublishTime, values[b.PassageKey].PublishTime
		switch {
		case x.IsZero() || y.IsZero():
			return cmp.Compare(undated(x.IsZero()), undated(y.IsZero()))
		case order == NewestFirst:
			return y.Compare(x)
		default:
			return x.Compare(y)
		}
	})
}

func undated(is bool) int {
	if is {
		return 1
	}
	return 0
}

// countValues counts passages by their value of a field. i is the index of that value in
// PassageValues.Values.
func countValues(field string, i int, values map[document.PassageKey]document.PassageValues) Facet {
	facet, counts := Facet{Field: field}, map[string]int{}
	for _, v := range values {
		switch value := v.Values[i]; {
		case value == nil:
			facet.Missing++
		case utf8.RuneCountInString(*value) > maxFacetLength:
			facet.Other++
		default:
			counts[*value]++
		}
	}
	sorted := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for place, value := range sorted {
		if place < maxFacetValues {
			facet.Values = append(facet.Values, FacetValue{value, counts[value]})
		} else {
			facet.Other += counts[value]
		}
	}
	return facet
}
