package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// withTypedMetadata adds a number and a time to the metadata of a document. A tenth of the
// documents have neither, and a tenth have texts instead.
func withTypedMetadata(in document.Indexed, n int) document.Indexed {
	d := &in.Document
	d.Metadata = maps.Clone(d.Metadata)
	if d.Metadata == nil {
		d.Metadata = map[string]string{}
	}
	switch n % 10 {
	case 3:
	case 7:
		d.Metadata["number"], d.Metadata["time"] = "many", "yesterday"
	default:
		d.Metadata["number"], d.Metadata["time"] = strconv.Itoa(n), d.PublishTime.In(time.FixedZone("", 5*3600)).Format(time.RFC3339)
	}
	return in
}

// conditionsOf returns filters with conditions that about the given share of documents
// meet: a number below n, a time not before from, and others.
func conditionsOf(share string, n float64, from time.Time) []shareFilter {
	part := document.Condition{Test: document.TestAnyOf, Field: "metadata.part", Values: []string{share, "absent"}}
	below := document.Condition{Test: document.TestNumber, Field: "metadata.number", Numbers: []document.Bound[float64]{{Side: document.Below, Value: n}, {Side: document.AtLeast, Value: 0}}}
	since := document.Condition{Test: document.TestTime, Field: "metadata.time", Times: []document.Bound[time.Time]{{Side: document.AtLeast, Value: from}}}
	number := document.Condition{Test: document.TestExists, Field: "metadata.number"}
	isBelow := func(d document.Document) bool {
		x, err := strconv.ParseFloat(d.Metadata["number"], 64)
		return err == nil && x < n
	}
	isSince := func(d document.Document) bool {
		t, err := time.Parse(time.RFC3339, d.Metadata["time"])
		return err == nil && !t.Before(from)
	}
	either := document.Condition{Test: document.TestAny, Not: true, Conditions: []document.Condition{
		{Test: document.TestAll, Not: true, Conditions: []document.Condition{number}},
		{Test: document.TestAny, Not: true, Conditions: []document.Condition{part, below}},
	}}
	return []shareFilter{
		{"any of " + share, document.Filter{Conditions: []document.Condition{part}}, func(d document.Document, _ document.Passage) bool { return d.Metadata["part"] == share }},
		{"numbers " + share, document.Filter{Conditions: []document.Condition{below}}, func(d document.Document, _ document.Passage) bool { return isBelow(d) }},
		{"times " + share, document.Filter{Conditions: []document.Condition{since}}, func(d document.Document, _ document.Passage) bool { return isSince(d) }},
		{"combined " + share, document.Filter{Conditions: []document.Condition{either}}, func(d document.Document, _ document.Passage) bool {
			return d.Metadata["number"] != "" && (d.Metadata["part"] == share || isBelow(d))
		}},
	}
}

// ofAllDocuments returns a filter with a condition that all documents meet. These are too
// many for Narrow to replace the condition by their ids.
func ofAllDocuments() shareFilter {
	without := document.Condition{Test: document.TestAnyOf, Not: true, Field: "metadata.part", Values: []string{"absent"}}
	return shareFilter{"none of", document.Filter{Conditions: []document.Condition{without}}, func(document.Document, document.Passage) bool { return true }}
}

// TestNarrow checks that Narrow replaces the conditions of a filter by the ids of the few
// documents that meet them, reports whether there are any, and leaves other filters as they
// are.
func TestNarrow(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	corpusOf(t, s, sp, 40)
	isF2 := document.Condition{Test: document.TestAnyOf, Field: "metadata.file", Values: []string{"f2"}}
	for what, tc := range map[string]struct {
		filter, want document.Filter
		possible     bool
	}{
		"no conditions": {document.Filter{Sources: []string{"Wire"}}, document.Filter{Sources: []string{"Wire"}}, true},
		"a condition": {
			document.Filter{Languages: []string{"en"}, Sources: []string{"Wire"}, Conditions: []document.Condition{isF2}},
			document.Filter{Languages: []string{"en"}, Sources: []string{"Wire"}, Documents: []string{"d0002", "d0012", "d0022", "d0032"}},
			true,
		},
		"documents": {
			document.Filter{Documents: []string{"d0001", "d0007"}, Metadata: map[string]string{"file": "f2"}}, document.Filter{Documents: []string{"d0007"}}, true,
		},
		"no document": {document.Filter{Documents: []string{"d0001"}, Conditions: []document.Condition{isF2}}, document.Filter{}, false},
	} {
		got, possible, err := s.Narrow(t.Context(), sp, tc.filter)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got.Documents)
		if diff := gocmp.Diff(tc.want, got); possible != tc.possible || diff != "" {
			t.Errorf("%s: possible is %v (-want +got):\n%s", what, possible, diff)
		}
	}
}

// TestConditionsOnTexts checks which texts conditions on numbers and times accept. All
// other texts do not match, and none causes an error.
func TestConditionsOnTexts(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	long := strings.Repeat("9", 300)
	numbers := []string{"0", "2024", "-0", "+12", "3.5", "3.", ".5", "1e6", "1E-99", "-.5e+10", "1e300", long, "0." + long}
	times := []string{
		"2024-05-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2024-05-31T10:00:00Z", "2024-05-31t23:59:59.123456789z",
		"2024-05-31 10:00:00+08:00", "2024-05-31T10:00:00-15:59", "9999-12-31T23:59:59-15:59",
	}
	neither := []string{
		"", " ", "1 ", "1\n", "١٢", "１２", "1,5", "1_0", "0x1", "1e", "e1", ".", "-", "1e309", "1e-400", long + long, "+-1", "1.2.3", "1e5e5", "NaN", "inf", "1;2",
		"2024-5", "2024-5-31", "2023-02-29", "1900-02-29", "2100-02-29", "2024-02-30", "2024-04-31", "2024-00-10", "2024-10-00", "2024-13-01", "0000-12-31", "10000-01-01",
		"2024-05-31T", "2024-05-31T10:00Z", "2024-05-31T10:00:00", "2024-05-31T24:00:00Z", "2024-05-31T10:60:00Z", "2024-05-31T10:00:60Z", "2024-05-31T10:00:61Z", "2024-05-31T10:00:00.Z",
		"2024-05-31T10:00:00+16:00", "2024-05-31T10:00:00+08", "2024-05-31T10:00:00+08:60", "2024-05-31\n", "now", "today", "infinity", "epoch", "J2451187", "2024-05-31 BC",
	}
	for i, value := range slices.Concat(numbers, times, neither) {
		in := newDocument("c", fmt.Sprintf("d%03d", i), newRand(), "A text.")
		in.Document.Metadata = map[string]string{"v": value}
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
	}
	earliest := document.Bound[time.Time]{Side: document.AtLeast, Value: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}
	for what, tc := range map[string]struct {
		condition document.Condition
		want      []string
	}{
		"numbers": {document.Condition{Test: document.TestNumber, Field: "metadata.v", Numbers: []document.Bound[float64]{{Side: document.AtLeast, Value: -1e300}}}, numbers},
		"times":   {document.Condition{Test: document.TestTime, Field: "metadata.v", Times: []document.Bound[time.Time]{earliest}}, times},
	} {
		list, err := s.ListDocuments(t.Context(), "c", document.Filter{Conditions: []document.Condition{tc.condition}}, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range list {
			got = append(got, d.Metadata["v"])
		}
		if diff := gocmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}
