package v1_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestBatchGetPassages: passages come in the order of their names, and equal those that a
// search finds.
func TestBatchGetPassages(t *testing.T) {
	t.Parallel()
	s := library(t)
	all := s.passages(t, name("a"))
	want := []*accordv1.Passage{all[1], all[0], all[1]}
	var names []string
	for _, p := range want {
		names = append(names, p.GetName())
	}
	resp, err := s.search.BatchGetPassages(callContext(t), &accordv1.BatchGetPassagesRequest{Names: names})
	if diff := gocmp.Diff(want, resp.GetPassages(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("error %v, passages (-want +got):\n%s", err, diff)
	}
	for _, missing := range []string{name("a") + "/passages/99", name("none") + "/passages/0"} {
		_, err := s.search.BatchGetPassages(callContext(t), &accordv1.BatchGetPassagesRequest{Names: []string{names[0], missing}})
		checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
		if err != nil && !strings.Contains(err.Error(), missing) {
			t.Errorf("the error does not name %s: %v", missing, err)
		}
	}
	for what, bad := range map[string]*accordv1.BatchGetPassagesRequest{
		"names[0]": {Names: []string{name("a")}},
		"names":    {Parent: "collections/other", Names: names},
	} {
		_, err := s.search.BatchGetPassages(callContext(t), bad)
		checkFailure(t, err, invalid(what))
	}
	_, err = s.search.BatchGetPassages(callContext(t), &accordv1.BatchGetPassagesRequest{Names: slices.Repeat(names[:1], 101)})
	checkFailure(t, err, invalid("names"))
}

// TestLargePassages: passages above the bound are refused, but a single one is not.
func TestLargePassages(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	var names []string
	for i := range 60 {
		id := name(fmt.Sprint("d", i))
		s.upsert(t, &accordv1.Document{Name: id, LanguageCode: "en", Text: strings.Repeat("x", maxTextBytes)})
		names = append(names, id+"/passages/0")
	}
	for _, large := range [][]string{names, slices.Repeat(names[:1], 60)} {
		_, err := s.search.BatchGetPassages(callContext(t), &accordv1.BatchGetPassagesRequest{Names: large})
		checkFailure(t, err, invalid("names"))
	}
	resp, err := s.search.BatchGetPassages(callContext(t), &accordv1.BatchGetPassagesRequest{Names: names[:40]})
	if err != nil || len(resp.GetPassages()) != 40 {
		t.Errorf("%d passages, error %v", len(resp.GetPassages()), err)
	}
}
