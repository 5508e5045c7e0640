package v1_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// conditionValues are values of metadata: numbers, times, and what looks like them.
var conditionValues = []string{
	"", "a", "b", "10", "-3.5", "1e3", "+.5", "7.", "0", "NaN", "Infinity", "0x10", "1e999", "1_000", "1,000", " 5", "5 ", "١٢", "--1", ".", "e5",
	"2024-05-31", "2024-02-29", "2023-02-29", "2024-04-31", "2024-13-01", "1900-02-29", "2000-02-29", "24-5-1", "now", "infinity",
	"2024-05-31T10:00:00Z", "2024-05-31T10:00:00.5-03:30", "2024-05-31T24:00:00Z", "2024-05-31T10:00:60Z", "2024-05-31T10:00:00+08:00", "2024-05-31T10:00:00", "2024-05-31T10:00:00+25:00",
}

// conditionDocuments returns documents that all contain the word harbour.
func conditionDocuments() (list []*accordv1.Document) {
	for i, value := range slices.Concat(conditionValues, conditionValues[:20]) {
		d := &accordv1.Document{
			Name: name(fmt.Sprintf("d%02d", i)), LanguageCode: "en", Text: fmt.Sprintf("The harbour has berth %d.", i),
			Source: []string{"", "Wire", "10"}[i%3], Title: []string{"", "2024-05-31", "T"}[i%3],
		}
		if i%5 > 0 {
			d.PublishTime = timestamppb.New(time.Date(2024, 5, 20+i%20, 10, 0, 0, 0, time.UTC))
		}
		if i < len(conditionValues) {
			d.Metadata = map[string]string{"v.1": value, strconv.Itoa(i % 4): "x"}
		}
		list = append(list, d)
	}
	return list
}

// TestConditionsAreEvaluated: random conditions select, in each mode of search, in lists and
// in deletions, exactly the documents for which holdsFor returns true.
func TestConditionsAreEvaluated(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	documents := conditionDocuments()
	for _, d := range documents {
		s.upsert(t, d)
	}
	r := rand.New(rand.NewPCG(7, 8))
	chosen := map[int]bool{}
	for range 40 {
		filter := &accordv1.Filter{}
		for range 1 + r.IntN(2) {
			filter.Conditions = append(filter.Conditions, randomCondition(r, 1))
		}
		var want []string
		for _, d := range documents {
			if !slices.ContainsFunc(filter.GetConditions(), func(c *accordv1.Condition) bool { return !holdsFor(c, d) }) {
				want = append(want, d.GetName())
			}
		}
		chosen[len(want)] = true
		for what, got := range s.selected(t, filter) {
			if diff := gocmp.Diff(ids(want), got); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", what, protojson.Format(filter), diff)
			}
		}
	}
	if len(chosen) < 10 {
		t.Errorf("the conditions select only %d different numbers of documents", len(chosen))
	}
}

// selected returns the ids of the documents that a filter selects in each mode of search, in a
// list and in a deletion.
func (s *service) selected(t *testing.T, filter *accordv1.Filter) map[string]string {
	t.Helper()
	got := map[string]string{}
	for mode, what := range accordv1.SearchMode_name {
		var found []string
		for _, r := range s.walk(t, &accordv1.SearchRequest{Query: "harbour", Filter: filter, Mode: accordv1.SearchMode(mode), KeepDuplicates: true}, 100) {
			found = append(found, r.GetDocument().GetName())
		}
		got[what] = ids(found)
	}
	listed, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{Filter: filter})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, d := range listed.GetDocuments() {
		list = append(list, d.GetName())
	}
	got["list"] = ids(list)
	deleted, err := s.ingest.DeleteDocuments(callContext(t), &accordv1.DeleteDocumentsRequest{Filter: filter, ValidateOnly: true})
	if err != nil || int(deleted.GetDocumentCount()) != len(list) {
		t.Errorf("a deletion counts %d documents, the list has %d; error %v", deleted.GetDocumentCount(), len(list), err)
	}
	return got
}

func randomCondition(r *rand.Rand, depth int) *accordv1.Condition {
	c := &accordv1.Condition{Field: []string{"metadata.v.1", "metadata.v.1", "metadata.2", "metadata.none", "source", "title", "uri", "publish_time", "create_time"}[r.IntN(9)]}
	kind := r.IntN(8)
	if strings.HasSuffix(c.GetField(), "_time") {
		kind = 2 + 2*r.IntN(2)
	}
	if depth >= 4 {
		kind = min(kind, 4)
	}
	switch values := (&accordv1.Values{Values: []string{conditionValues[r.IntN(len(conditionValues))], "Wire", "x", conditionValues[r.IntN(len(conditionValues))]}}); kind {
	case 0:
		c.Test = &accordv1.Condition_AnyOf{AnyOf: values}
	case 1:
		c.Test = &accordv1.Condition_NoneOf{NoneOf: values}
	case 2:
		c.Test = &accordv1.Condition_Exists{Exists: r.IntN(2) == 0}
	case 3:
		c.Test = &accordv1.Condition_Number{Number: []*accordv1.NumberRange{
			{Gt: proto.Float64(0)}, {Gte: proto.Float64(10), Lte: proto.Float64(10)}, {Lt: proto.Float64(.5)}, {Lte: proto.Float64(1e3), Gt: proto.Float64(-1e300)},
		}[r.IntN(4)]}
	case 4:
		at := timestamppb.New(time.Date(2024, 5, 31, []int{0, 2, 10}[r.IntN(3)], 0, 0, 0, time.UTC))
		c.Test = &accordv1.Condition_Time{Time: []*accordv1.TimeRange{{Gt: at}, {Gte: at, Lte: at}, {Lt: at}, {Lte: at}}[r.IntN(4)]}
	default:
		list := &accordv1.Conditions{}
		for range 1 + r.IntN(3) {
			list.Conditions = append(list.Conditions, randomCondition(r, depth+1))
		}
		c.Field = ""
		c.Test = []*accordv1.Condition{
			{Test: &accordv1.Condition_AnyCondition{AnyCondition: list}}, {Test: &accordv1.Condition_AllConditions{AllConditions: list}}, {Test: &accordv1.Condition_NoCondition{NoCondition: list}},
		}[kind-5].GetTest()
	}
	return c
}

// holdsFor evaluates a condition with Go's parsers.
func holdsFor(c *accordv1.Condition, d *accordv1.Document) bool {
	value, exists, at, isTime := conditionField(c.GetField(), d)
	switch test := c.GetTest().(type) {
	case *accordv1.Condition_AnyOf:
		return exists && slices.Contains(test.AnyOf.GetValues(), value)
	case *accordv1.Condition_NoneOf:
		return !holdsFor(&accordv1.Condition{Field: c.GetField(), Test: &accordv1.Condition_AnyOf{AnyOf: test.NoneOf}}, d)
	case *accordv1.Condition_Exists:
		return exists == test.Exists
	case *accordv1.Condition_Number:
		x, err := strconv.ParseFloat(value, 64)
		n := test.Number
		return exists && err == nil && !strings.ContainsAny(value, "NIx_") &&
			(n.Gt == nil || x > n.GetGt()) && (n.Gte == nil || x >= n.GetGte()) && (n.Lt == nil || x < n.GetLt()) && (n.Lte == nil || x <= n.GetLte())
	case *accordv1.Condition_Time:
		n := test.Time
		return isTime &&
			(n.Gt == nil || at.After(n.GetGt().AsTime())) && (n.Gte == nil || !at.Before(n.GetGte().AsTime())) &&
			(n.Lt == nil || at.Before(n.GetLt().AsTime())) && (n.Lte == nil || !at.After(n.GetLte().AsTime()))
	case *accordv1.Condition_AnyCondition:
		return slices.ContainsFunc(test.AnyCondition.GetConditions(), func(c *accordv1.Condition) bool { return holdsFor(c, d) })
	case *accordv1.Condition_AllConditions:
		return !slices.ContainsFunc(test.AllConditions.GetConditions(), func(c *accordv1.Condition) bool { return !holdsFor(c, d) })
	case *accordv1.Condition_NoCondition:
		return !slices.ContainsFunc(test.NoCondition.GetConditions(), func(c *accordv1.Condition) bool { return holdsFor(c, d) })
	default:
		panic("a condition without a test")
	}
}

// conditionField returns the value of a field, and whether it exists. If the value is a time,
// it also returns that.
func conditionField(field string, d *accordv1.Document) (value string, exists bool, at time.Time, isTime bool) {
	switch field {
	case "publish_time":
		return "", d.GetPublishTime() != nil, d.GetPublishTime().AsTime(), d.GetPublishTime() != nil
	case "create_time":
		return "", true, time.Now(), true
	case "source", "title", "uri":
		value = map[string]string{"source": d.GetSource(), "title": d.GetTitle(), "uri": d.GetUri()}[field]
		exists = value != ""
	default:
		value, exists = d.GetMetadata()[strings.TrimPrefix(field, "metadata.")]
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return value, exists, t, true
		}
	}
	return value, exists, time.Time{}, false
}
