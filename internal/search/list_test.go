package search_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// found returns fakes whose vectors find these documents, in this order.
func found(ids ...string) *fakes {
	f := &fakes{near: map[document.PassageKey]float64{}, gone: map[document.PassageKey]bool{}, texts: map[document.PassageKey]string{}}
	for i, id := range ids {
		f.near[key(id)] = 1 - float64(i)/1000
	}
	return f
}

// ids returns the documents of the hits, each with the documents of its copies.
func ids(answer search.Response) string {
	var out []string
	for _, h := range answer.Hits {
		id := h.Document.ID
		for _, c := range h.Copies {
			id += "=" + c.Document
		}
		out = append(out, id)
	}
	return strings.Join(out, " ")
}

func (f *fakes) ask(t *testing.T, req search.Request) search.Response {
	t.Helper()
	req.Query, req.Mode = "who?", search.ModeSemantic
	if req.Limit == 0 {
		req.Limit = 100
	}
	answer, err := f.searcher().Search(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestPages: a page skips deleted passages, up to the end of the list, with few reads.
func TestPages(t *testing.T) {
	t.Parallel()
	all := make([]string, 60)
	for i := range all {
		all[i] = fmt.Sprintf("d%02d", i)
	}
	for _, test := range []struct {
		what  string
		gone  []string
		limit int
		want  string
		next  int
		read  []int
	}{
		{"page", nil, 3, "d00 d01 d02", 3, []int{3}},
		{"one gone", all[1:2], 3, "d00 d02 d03", 4, []int{3, 6}},
		{"first gone", all[:3], 3, "d03 d04 d05", 6, []int{3, 6}},
		{"next is the first that is left over", all[:2], 1, "d02", 3, []int{1, 2}},
		{"many gone", all[1:40], 2, "d00 d40", 41, []int{2, 4, 8, 16, 30}},
		{"all gone", all, 1, "", 60, []int{1, 2, 4, 8, 16, 29}},
		{"last gone", all[59:], 100, strings.Join(all[:59], " "), 60, []int{60}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			f := found(all...)
			for _, id := range test.gone {
				f.gone[key(id)] = true
			}
			answer := f.ask(t, search.Request{Limit: test.limit})
			if got := ids(answer); got != test.want || answer.Next != test.next {
				t.Errorf("hits %q, next %d; want %q, %d", got, answer.Next, test.want, test.next)
			}
			if diff := cmp.Diff(test.read, f.read); diff != "" {
				t.Errorf("passages per read (-want +got):\n%s", diff)
			}
			for _, h := range answer.Hits {
				if answer.Entries[h.Place].Document != h.Document.ID {
					t.Errorf("%s is not at index %d of the list", h.Document.ID, h.Place)
				}
			}
		})
	}
}

// TestListIndependentOfPages: the list is the same for every page size.
func TestListIndependentOfPages(t *testing.T) {
	t.Parallel()
	f := found("a", "b", "c")
	want := f.ask(t, search.Request{Limit: 100}).List
	for _, limit := range []int{1, 2, 3} {
		if diff := cmp.Diff(want, f.ask(t, search.Request{Limit: limit}).List); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

// TestResume: a list continues without a new search. If the query has no vector, only
// similarities are missing.
func TestResume(t *testing.T) {
	t.Parallel()
	f := found("a", "b", "c")
	first := f.ask(t, search.Request{Limit: 1})
	rest := first.List
	rest.Entries = rest.Entries[first.Next:]
	f.near = nil // neither leg finds anything any more
	second := f.ask(t, search.Request{List: &rest})
	if got := ids(second); got != "b c" || !second.Hits[0].Compared || second.Hits[0].DenseRank != 2 {
		t.Errorf("hits %q, compared %v, dense rank %d", got, second.Hits[0].Compared, second.Hits[0].DenseRank)
	}
	f.err = errDown
	second = f.ask(t, search.Request{List: &rest})
	if got := ids(second); got != "b c" || second.Hits[0].Compared || !slices.Equal(second.Degraded, []search.Degradation{search.EmbedderUnavailable}) {
		t.Errorf("without a vector: hits %q, compared %v, degraded %v", got, second.Hits[0].Compared, second.Degraded)
	}
	if len(second.List.Degraded) > 0 {
		t.Error("the failure of one page is recorded in the list")
	}
	_, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 1, List: &rest, OnFailure: search.OnFailureFail})
	if !errors.Is(err, search.ErrNoVector) {
		t.Errorf("with OnFailureFail: error %v, want ErrNoVector", err)
	}
	rest.SpaceID = "another"
	if _, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 1, List: &rest}); !errors.Is(err, search.ErrExpired) {
		t.Errorf("another space: error %v, want ErrExpired", err)
	}
}

const report = "The two sides signed an agreement on trade in digital services, agreed to cut tariffs by 25 percent " +
	"before 2016-09, and will meet again in Lima to review how cross-border electronic commerce has grown."

// TestCopies checks which passages are collapsed into which.
func TestCopies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ what, text, want string }{
		{"same", report, "a=b"},
		{"other white space, case and marks", strings.ToUpper(strings.ReplaceAll(strings.ReplaceAll(report, " ", "\n "), ",", ";")), "a=b"},
		{"with a dateline", "LIMA (Andina) - " + report, "a=b"},
		{"with an editor's line", report + " (end)", "a=b"},
		{"with a number before", "7. " + report, "a b"},
		{"other figures", strings.ReplaceAll(report, "25", "35"), "a b"},
		{"other country", strings.ReplaceAll(report, "Lima", "Quito"), "a b"},
		{"opposite", strings.ReplaceAll(report, "will meet", "will not meet"), "a b"},
		{"much more", report + " " + strings.ReplaceAll(report, "trade", "fishing"), "a b"},
		{"nothing to compare", "", "a b"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			f := found("a", "b")
			f.texts[key("a")], f.texts[key("b")] = report, test.text
			if got := ids(f.ask(t, search.Request{})); got != test.want {
				t.Errorf("hits %q, want %q", got, test.want)
			}
			if got := ids(f.ask(t, search.Request{KeepDuplicates: true})); got != "a b" {
				t.Errorf("with KeepDuplicates: hits %q, want both", got)
			}
			f.script = "-Shaw"
			if got := ids(f.ask(t, search.Request{})); got != "a b" {
				t.Errorf("in another script: hits %q, want both", got)
			}
			f.script, f.noTerms = "", errors.New("lost")
			if got := ids(f.ask(t, search.Request{})); got != "a b" {
				t.Errorf("without terms: hits %q, want both", got)
			}
		})
	}
}

// TestManyCopies: a copy of a copy counts as a copy of the first passage, and at most
// MaxCopies are listed.
func TestManyCopies(t *testing.T) {
	t.Parallel()
	f := found("first", "other")
	f.texts[key("first")], f.texts[key("other")] = report, strings.ReplaceAll(report, "25", "35")
	for i := range search.MaxCopies + 5 {
		id := fmt.Sprintf("x%02d", i)
		f.near[key(id)], f.texts[key(id)] = .5-float64(i)/1000, report
	}
	answer := f.ask(t, search.Request{})
	if len(answer.Hits) != 2 || len(answer.Hits[0].Copies) != search.MaxCopies || answer.Hits[0].Copies[1] != key("x01") || answer.Hits[1].Copies != nil {
		t.Errorf("hits %q", ids(answer))
	}
}

// leavingAtCopies is a store whose caller leaves while the texts of likely copies are read.
type leavingAtCopies struct {
	*fakes
	leave context.CancelFunc
}

// Texts implements search.PassageReader.
func (l leavingAtCopies) Texts(ctx context.Context, _ space.Space, _ []document.PassageKey) (map[document.PassageKey]document.Passage, error) {
	l.leave()
	return nil, ctx.Err()
}

// TestCallerLeavesAtCopies: nothing failed if a caller leaves while copies are looked for, so
// there is no warning.
func TestCallerLeavesAtCopies(t *testing.T) {
	t.Parallel()
	f := found("a", "b")
	f.texts[key("a")], f.texts[key("b")] = report, report
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var log bytes.Buffer
	s := search.New(search.Config{
		Vectors: f, Terms: f, Both: f, Passages: leavingAtCopies{f, leave}, Calibrations: f, Spaces: f, Embedder: f, Calibrator: f,
		VectorTimeout: time.Minute, QueryCacheSize: 2, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if _, err := s.Search(ctx, search.Request{Query: "q", Limit: 5}); !errors.Is(err, context.Canceled) || log.Len() > 0 {
		t.Errorf("error %v, log %q; want %v and an empty log", err, &log, context.Canceled)
	}
}

func TestMaxPerDocument(t *testing.T) {
	t.Parallel()
	f := found()
	for i, id := range []string{"a", "a", "b", "a", "c", "b", "b"} {
		f.near[document.PassageKey{Document: id, Ordinal: i}] = 1 - float64(i)/1000
	}
	for most, want := range map[int]string{0: "a a b a c b b", 1: "a b c", 2: "a a b c b", 3: "a a b a c b b"} {
		if got := ids(f.ask(t, search.Request{MaxPerDocument: most})); got != want {
			t.Errorf("at most %d per document: hits %q, want %q", most, got, want)
		}
	}
}

// TestDiversity: the second of two similar passages moves down, and more so with more
// diversity.
func TestDiversity(t *testing.T) {
	t.Parallel()
	f := found()
	f.near = map[document.PassageKey]float64{key("a"): 1, key("a2"): .9, key("b"): .6, key("gone"): .5, key("last"): 0}
	f.vectors = map[document.PassageKey][]float32{key("a"): {1, 0, 0}, key("a2"): {1, 0, 0}, key("b"): {0, 1, 0}, key("last"): {0, 0, -1}}
	for diversity, want := range map[float64]string{
		0: "a a2 b gone last", .1: "a a2 b gone last", .4: "a b gone a2 last", 1: "a b gone last a2",
	} {
		if got := ids(f.ask(t, search.Request{Diversity: diversity})); got != want {
			t.Errorf("diversity %v: hits %q, want %q", diversity, got, want)
		}
	}
}
