package activation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

var errDown = errors.New("down")

// fakeSearcher finds passage 0 in the active space, and passages 0 and 1 in others. It
// fails for the query "bad", and panics for "panic".
type fakeSearcher struct{}

// Search implements Searcher.
func (fakeSearcher) Search(_ context.Context, req search.Request) (search.Response, error) {
	var out search.Response
	switch req.Query {
	case "bad":
		return out, errDown
	case "panic":
		panic("secret")
	}
	for ordinal := range 2 {
		if ordinal == 0 || req.Space != "" {
			out.Hits = append(out.Hits, search.Hit{Hit: document.Hit{Passage: document.Passage{Ordinal: ordinal}}})
		}
	}
	return out, nil
}

// fakeSpaces has the space "new" of the collection "c", and records the calls.
type fakeSpaces struct {
	fails error
	calls []string
}

// GetSpace implements Spaces.
func (f *fakeSpaces) GetSpace(_ context.Context, collection, id string) (space.Status, error) {
	return space.Status{Space: space.Space{Collection: collection, ID: id, State: space.Ready}}, nil
}

// ActivateSpace implements Spaces.
func (f *fakeSpaces) ActivateSpace(_ context.Context, collection, id string) (space.Status, error) {
	f.calls = append(f.calls, fmt.Sprint("activate ", id))
	return space.Status{Space: space.Space{Collection: collection, ID: id, State: space.Active}}, f.fails
}

// Changed implements Calibrator.
func (f *fakeSpaces) Changed(collection string) {
	f.calls = append(f.calls, fmt.Sprint("changed ", collection))
}

// TestRecorder: answered questions are remembered, but not later pages, failures or
// comparisons.
func TestRecorder(t *testing.T) {
	t.Parallel()
	recorder := NewRecorder(fakeSearcher{})
	for _, req := range []search.Request{
		{Collection: "c", Query: "first"},
		{Collection: "c", Query: "second"},
		{Collection: "d", Query: "other"},
		{Collection: "c", Query: "page", List: &search.List{}},
		{Collection: "c", Query: "bad"},
	} {
		if _, err := recorder.Search(t.Context(), req); (err != nil) != (req.Query == "bad") {
			t.Fatalf("%s: error %v", req.Query, err)
		}
	}
	a := New(&fakeSpaces{}, recorder, &fakeSpaces{}, slog.New(slog.DiscardHandler))
	req := Request{Collection: "c", Space: "new", Queries: []string{"given"}, Recent: 10, ValidateOnly: true}
	want := &Comparison{Mean: .5, Overlaps: []Overlap{{"given", .5}, {"second", .5}, {"first", .5}}}
	for range 2 {
		_, got, err := a.Activate(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("comparison (-want +got):\n%s", diff)
		}
	}
}

// TestActivate: the calibration is checked only if the space was activated. If a comparison
// fails, nothing is activated.
func TestActivate(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		req   Request
		fails error
		want  []string
		err   bool
	}{
		"activated":         {req: Request{Queries: []string{"x"}, MinOverlap: .5}, want: []string{"activate new", "changed c"}},
		"only validated":    {req: Request{ValidateOnly: true}},
		"too little":        {req: Request{Queries: []string{"x"}, MinOverlap: .51}, err: true},
		"no answer":         {req: Request{Queries: []string{"x", "bad"}}, err: true},
		"panic":             {req: Request{Queries: []string{"panic"}}, err: true},
		"activation failed": {fails: errDown, want: []string{"activate new"}, err: true},
	} {
		spaces := &fakeSpaces{fails: test.fails}
		test.req.Collection, test.req.Space = "c", "new"
		_, _, err := New(spaces, NewRecorder(fakeSearcher{}), spaces, slog.New(slog.DiscardHandler)).Activate(t.Context(), test.req)
		if (err != nil) != test.err || !cmp.Equal(spaces.calls, test.want) {
			t.Errorf("%s: calls %q, want %q, error %v", what, spaces.calls, test.want, err)
		}
	}
}
