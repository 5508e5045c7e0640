package web

import (
	"slices"
	"strconv"
	"strings"

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

// maxValues is the number of values that a group shows, beside those that are chosen.
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
