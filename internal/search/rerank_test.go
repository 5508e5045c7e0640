package search_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// backwards is a reranker that gives later texts higher scores, or returns an error.
type backwards struct {
	err   error
	texts []string // the texts that it scored
	calls int
}

// Rerank implements search.Reranker.
func (b *backwards) Rerank(_ context.Context, _ string, texts []string) ([]float64, error) {
	b.texts = texts
	b.calls++
	scores := make([]float64, len(texts))
	for i := range texts {
		scores[i] = float64(i) - 1
	}
	return scores, b.err
}

func ptr(b bool) *bool { return &b }

// TestRerank: the first two candidates change places, and all others stay, whatever the
// other options.
func TestRerank(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what string
		req  search.Request
		err  error // error of the reranker
		gone string
		want string
	}{
		{"unset", search.Request{}, nil, "", "b a c"},
		{"asked for", search.Request{Rerank: ptr(true)}, nil, "", "b a c"},
		{"not wanted", search.Request{Rerank: ptr(false)}, nil, "", "a b c"},
		{"one a page", search.Request{Limit: 1}, nil, "", "b"},
		{"fails", search.Request{}, errDown, "", "a b c"},
		{"one gone", search.Request{}, nil, "a", "b c"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			model := &backwards{err: test.err}
			f := found("a", "b", "c")
			f.reranker, f.gone[key(test.gone)] = model, true
			f.texts = map[document.PassageKey]string{key("a"): "of a", key("b"): "of b", key("c"): "of c"}
			answer := f.ask(t, test.req)
			if got := ids(answer); got != test.want {
				t.Errorf("hits %q, want %q", got, test.want)
			}
			asked := test.req.Rerank == nil || *test.req.Rerank
			if asked && test.gone == "" && !slices.Equal(model.texts, []string{"of a", "of b"}) || !asked && model.texts != nil {
				t.Errorf("reranker scored %q", model.texts)
			}
			var degraded []search.Degradation
			if test.err != nil {
				degraded = []search.Degradation{search.RerankerUnavailable}
			}
			if diff := cmp.Diff([][]search.Degradation{degraded, degraded}, [][]search.Degradation{answer.Degraded, answer.List.Degraded}); diff != "" {
				t.Errorf("degraded (-want +got):\n%s", diff)
			}
			for _, e := range answer.Entries {
				if want := asked && test.err == nil && test.gone != e.Document && e.Document != "c"; e.Reranked != want {
					t.Errorf("%s reranked: %v", e.Document, e.Reranked)
				}
			}
		})
	}
}

// TestRerankInModes: the results of every mode are reranked, and an empty result is not.
func TestRerankInModes(t *testing.T) {
	t.Parallel()
	for _, mode := range []search.Mode{search.ModeHybrid, search.ModeLexical} {
		model := &backwards{}
		f := &fakes{words: map[document.PassageKey]float64{key("a"): 20, key("b"): 10}, reranker: model}
		f.far = f.words
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 9, Mode: mode})
		if got := ids(answer); err != nil || got != "b a" || answer.Hits[0].Rerank != 0 || answer.Hits[1].Rerank != -1 {
			t.Errorf("mode %d: hits %q, error %v", mode, got, err)
		}
		model.texts, f.words, f.far = nil, nil, nil
		if _, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 9, Mode: mode}); err != nil || model.texts != nil {
			t.Errorf("mode %d: reranker called without hits: %q, error %v", mode, model.texts, err)
		}
	}
}

// TestRerankLeavesNamed: an article that the query names stays first. The candidates after
// it are reranked.
func TestRerankLeavesNamed(t *testing.T) {
	t.Parallel()
	model := &backwards{}
	f := found("a", "b", "c", "third")
	f.reranker = model
	f.articles = []document.Article{{PassageKey: key("third"), Label: "Article 3"}}
	answer, err := f.searcher().Search(t.Context(), search.Request{Query: "Article 3", Limit: 9})
	if got := ids(answer); err != nil || got != "third b a c" || answer.Hits[0].Reranked {
		t.Errorf("hits %q, error %v", got, err)
	}
}

// TestNoReranker: without a reranker, a request that asks for reranking is refused. All
// other searches, and the next page of a reranked list, work without one.
func TestNoReranker(t *testing.T) {
	t.Parallel()
	f := found("a", "b", "c")
	for _, rerank := range []*bool{nil, ptr(false)} {
		if answer := f.ask(t, search.Request{Rerank: rerank}); ids(answer) != "a b c" || answer.Degraded != nil {
			t.Errorf("hits %q, degraded %v", ids(answer), answer.Degraded)
		}
	}
	req := search.Request{Query: "who?", Limit: 1, Rerank: ptr(true)}
	if _, err := f.searcher().Search(t.Context(), req); !errors.Is(err, search.ErrNoReranker) {
		t.Errorf("got %v, want ErrNoReranker", err)
	}
	rest := f.ask(t, search.Request{}).List
	req.List = &rest
	if answer, err := f.searcher().Search(t.Context(), req); err != nil || ids(answer) != "a" {
		t.Errorf("the next page: hits %q, error %v", ids(answer), err)
	}
}

// TestCallerGoneWhileReranking: a cancelled call gives an error, not a degradation.
func TestCallerGoneWhileReranking(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := found("a", "b")
	f.reranker = leaving(cancel)
	if _, err := f.searcher().Search(ctx, search.Request{Query: "who?", Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// leaving is a reranker during whose call the caller cancels.
type leaving context.CancelFunc

// Rerank implements search.Reranker.
func (l leaving) Rerank(ctx context.Context, _ string, _ []string) ([]float64, error) {
	l()
	return nil, ctx.Err()
}

// outdated remembers a space that is no longer active, as the first read shows. It implements
// search.Ahead.
type outdated struct{}

// RecentSpace implements search.Ahead.
func (o *outdated) RecentSpace(ctx context.Context, _ string) (context.Context, space.Space, func() bool) {
	return ctx, space.Space{ID: "old"}, func() bool { return false }
}

// HitsAhead implements search.Ahead.
func (*outdated) HitsAhead(ctx context.Context) (context.Context, func(space.Space, []float32, []float32, []document.PassageKey), func() ([]document.Hit, []document.PassageKey)) {
	return ctx, nil, nil
}

// TestRerankOnce: if the space has changed, the search is made again, but results are reranked
// only once.
func TestRerankOnce(t *testing.T) {
	t.Parallel()
	model := &backwards{}
	f := found("a", "b", "c")
	f.reranker, f.ahead = model, &outdated{}
	answer := f.ask(t, search.Request{})
	if got := ids(answer); got != "b a c" || answer.Space.ID != "s" || model.calls != 1 {
		t.Errorf("hits %q of space %s, reranked %d times", got, answer.Space.ID, model.calls)
	}
}
