package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// filterGroup is a group of values that the form offers as a filter.
type filterGroup struct {
	Name, Title string // the name of the parameter, and the heading for people
	Values      []filterValue
}

// filterValue is a value, and how many results have it.
type filterValue struct {
	Value, Name string
	Count       int64 // 0 for a chosen value that no result has
	Checked     bool
}

// yearLink leads to the results of one year.
type yearLink struct {
	Year  string
	Count int64
	Link  string
}

// The fields by which the results are counted.
const (
	byLanguage = "language_code"
	bySource   = "source"
	byKind     = "kind"
	byYear     = "publish_year"
)

// facetFields are the fields in the order of the form.
var facetFields = []string{byLanguage, bySource, byKind, byYear}

// answerWithFacets runs a search, and counts its results by each field of the form. The counts
// of a field ignore the filter on that field itself, so that they say what choosing another
// value would find.
func (s *site) answerWithFacets(ctx context.Context, q query) (*accordv1.SearchResponse, error) {
	var wider []*accordv1.Facet
	var group errgroup.Group
	group.Go(guard.Func(func() error { wider = s.widerFacets(ctx, q); return nil }))
	answer, err := s.answer(ctx, q, facetFields...)
	if widerErr := group.Wait(); err == nil {
		err = widerErr
	}
	for i, facet := range answer.GetFacets() {
		for _, w := range wider {
			if w.GetField() == facet.GetField() {
				answer.Facets[i] = w
			}
		}
	}
	return answer, err
}

// widerFacets returns the counts of each field that is filtered, without the filter on it. It
// leaves out what cannot be counted.
func (s *site) widerFacets(ctx context.Context, q query) (facets []*accordv1.Facet) {
	batch := &accordv1.BatchSearchRequest{Parent: document.CollectionName(q.Collection)}
	for field, widen := range wideners(q) {
		wide := q
		wide.Page = 1
		widen(&wide)
		request, err := wide.request()
		if err != nil {
			return nil
		}
		request.PageSize, request.Facets = 1, []string{field}
		batch.Requests = append(batch.Requests, request)
	}
	if len(batch.GetRequests()) == 0 {
		return nil
	}
	reply, err := s.search.BatchSearch(ctx, batch)
	if err != nil {
		return nil
	}
	for _, answer := range reply.GetAnswers() {
		facets = append(facets, answer.GetResponse().GetFacets()...)
	}
	return facets
}

// wideners returns, for each field that a search filters, a function that removes the filter.
func wideners(q query) map[string]func(*query) {
	all := map[string]func(*query){}
	if len(q.Languages) > 0 {
		all[byLanguage] = func(wide *query) { wide.Languages = nil }
	}
	if len(q.Sources) > 0 {
		all[bySource] = func(wide *query) { wide.Sources = nil }
	}
	if len(q.Kinds) > 0 {
		all[byKind] = func(wide *query) { wide.Kinds = nil }
	}
	if q.From+q.To != "" {
		all[byYear] = func(wide *query) { wide.From, wide.To = "", "" }
	}
	return all
}

// filterGroups returns the values that the form offers: those that results have, and those that
// are chosen.
func filterGroups(q query, facets []*accordv1.Facet) []filterGroup {
	own := func(value string) string { return value }
	return []filterGroup{
		newGroup("language", "Language", q.Languages, countsOf(facets, byLanguage), languageName),
		newGroup("source", "Source", q.Sources, countsOf(facets, bySource), own),
		newGroup("kind", "Kind", q.Kinds, kindCounts(countsOf(facets, byKind)), kindName),
	}
}

// countsOf returns the values of a field, the most frequent first.
func countsOf(facets []*accordv1.Facet, field string) (values []filterValue) {
	for _, f := range facets {
		if f.GetField() != field {
			continue
		}
		for _, v := range f.GetValues() {
			values = append(values, filterValue{Value: v.GetValue(), Count: int64(v.GetCount())})
		}
	}
	return values
}

// kindCounts replaces the API's names of kinds by those of the parameter kind.
func kindCounts(values []filterValue) []filterValue {
	for i, v := range values {
		values[i].Value = strings.ToLower(strings.TrimPrefix(v.Value, "PASSAGE_KIND_"))
	}
	return values
}

func kindName(value string) string {
	for _, k := range kinds {
		if k.Value == value {
			return k.Name
		}
	}
	return value
}

// maxValues is the number of values that a group shows, besides those that are chosen.
const maxValues = 12

func newGroup(name, title string, chosen []string, found []filterValue, nameOf func(string) string) filterGroup {
	g := filterGroup{Name: name, Title: title}
	for i, v := range found {
		v.Name, v.Checked = nameOf(v.Value), slices.Contains(chosen, v.Value)
		if i < maxValues || v.Checked {
			g.Values = append(g.Values, v)
		}
	}
	for _, value := range chosen {
		if !slices.ContainsFunc(found, func(v filterValue) bool { return v.Value == value }) {
			g.Values = append(g.Values, filterValue{Value: value, Name: nameOf(value), Checked: true})
		}
	}
	return g
}

// yearLinks returns the years in which documents of the results were published, the latest
// first.
func yearLinks(q query, facets []*accordv1.Facet) (links []yearLink) {
	for _, v := range countsOf(facets, byYear) {
		of := q
		of.From, of.To = v.Value+"-01-01", v.Value+"-12-31"
		if len(v.Value) == len("2024") { // the form's dates have years of four digits
			links = append(links, yearLink{v.Value, v.Count, of.link(1)})
		}
	}
	slices.SortFunc(links, func(a, b yearLink) int { return yearOf(b.Year) - yearOf(a.Year) })
	return links[:min(len(links), maxValues)]
}

func yearOf(year string) int {
	n, _ := strconv.Atoi(year) // 0 if it is not a year, which sorts last
	return n
}
