package maintenance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

func TestOutgrown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name               string
		calibrated, counts map[string]int
		want               bool
	}{
		{"an empty corpus", nil, nil, false},
		{"its first passage", nil, map[string]int{"en": 1}, true},
		{"reference texts alone", map[string]int{"en": 0}, nil, false},
		{"nothing changed", map[string]int{"en": 60, "zh": 0}, map[string]int{"en": 60}, false},
		{"one more while small", map[string]int{"en": 60}, map[string]int{"en": 61}, true},
		{"one less while small", map[string]int{"en": 200}, map[string]int{"en": 199}, true},
		{"emptied", map[string]int{"en": 1}, nil, true},
		{"a third more", map[string]int{"en": 300}, map[string]int{"en": 400}, false},
		{"half more", map[string]int{"en": 300}, map[string]int{"en": 450}, true},
		{"half gone", map[string]int{"en": 600}, map[string]int{"en": 300}, true},
		{"a few in another language of a large corpus", map[string]int{"en": 9000}, map[string]int{"en": 9000, "zh": 99}, false},
		{"many in another language of a large corpus", map[string]int{"en": 9000}, map[string]int{"en": 9000, "zh": 100}, true},
		{"a large corpus grows a little", map[string]int{"en": 9000}, map[string]int{"en": 13_000}, false},
		{"a large corpus grows", map[string]int{"en": 9000}, map[string]int{"en": 13_500}, true},
	} {
		if got := outgrown(tc.calibrated, tc.counts); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// fake is both a store and a model server.
type fake struct {
	mu         sync.Mutex
	space      space.Space
	others     []space.Space
	counts     map[string]int
	calibrated map[string]map[string]int  // by space
	references map[string]map[[2]int]bool // stored windows, by language
	learned    []string
	built      int
	texts      []string
	queries    map[string]map[[2]int]bool // stored reference queries, by language
	asked      []string                   // embedded queries
	stale      bool
	rebuilding chan struct{} // receives a value for a generation of the collection "slow", which then waits until the channel is closed
	down       error
	dies       bool          // whether the model server fails after each request
	embedding  chan struct{} // receives a value for each request, which then waits until the channel is closed
}

func (f *fake) ActiveSpace(_ context.Context, collection string) (space.Space, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sp := f.space
	sp.Collection = collection
	sp.Calibration.Languages = slices.Sorted(slices.Values(f.learned))
	return sp, nil
}

func (f *fake) Spaces(ctx context.Context, collection string) ([]space.Space, error) {
	sp, err := f.ActiveSpace(ctx, collection)
	return append([]space.Space{sp}, f.others...), err
}

func (f *fake) Served(_ context.Context, sp space.Space) (space.Space, error) { return sp, nil }

func (f *fake) PassageCounts(context.Context, space.Space) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts), nil
}

func (f *fake) CalibratedCounts(_ context.Context, sp space.Space) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.calibrated[sp.ID]), nil
}

func (f *fake) LearnLanguage(_ context.Context, _ space.Space, language string, windows int) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := len(f.references[language]) == windows
	if kept && !slices.Contains(f.learned, language) {
		f.learned = append(f.learned, language)
	}
	return kept, nil
}

func (f *fake) ReferenceTextsHeld(_ context.Context, _ space.Space, language string) (map[[2]int]bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.references[language]), nil
}

func (f *fake) AddReferenceTexts(_ context.Context, _ space.Space, language string, windows []document.PlacedWindow) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.references[language] == nil {
		f.references[language] = map[[2]int]bool{}
	}
	for _, w := range windows {
		f.references[language][[2]int{w.Passage.Ordinal, w.Number}] = true
	}
	return nil
}

func (f *fake) ReferenceQueriesHeld(_ context.Context, _ space.Space, language string) (map[[2]int]bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.queries[language]), nil
}

func (f *fake) AddReferenceQueries(_ context.Context, _ space.Space, language string, queries []document.ReferenceQuery) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.queries == nil {
		f.queries = map[string]map[[2]int]bool{}
	}
	if f.queries[language] == nil {
		f.queries[language] = map[[2]int]bool{}
	}
	for _, q := range queries {
		f.queries[language][[2]int{int(q.Form), q.Number}] = true
	}
	return nil
}

// EmbedQuery implements Embedder.
func (f *fake) EmbedQuery(_ context.Context, _ space.Space, text string) ([]float32, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down != nil {
		return nil, f.down
	}
	f.asked = append(f.asked, text)
	return []float32{1}, nil
}

func (f *fake) KeepTerms(context.Context, space.Space) error { return nil }

// Stale implements maintenance.Store.
func (f *fake) Stale(context.Context, space.Space) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stale, nil
}

func (f *fake) Recalibrate(ctx context.Context, sp space.Space) (bool, error) {
	if sp.Collection == "slow" {
		select {
		case f.rebuilding <- struct{}{}:
		case <-ctx.Done():
		}
		select {
		case <-f.rebuilding:
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.built++
	if f.calibrated == nil {
		f.calibrated = map[string]map[string]int{}
	}
	f.calibrated[sp.ID] = maps.Clone(f.counts)
	return true, nil
}

// EmbedEach implements Embedder with one request for each hundred texts.
func (f *fake) EmbedEach(_ context.Context, _ space.Space, texts []string, done func(int, []document.Embedding) error) error {
	if f.embedding != nil {
		<-f.embedding
		<-f.embedding
	}
	start := 0
	for batch := range slices.Chunk(texts, 100) {
		f.mu.Lock()
		f.texts = append(f.texts, batch...)
		down := f.down
		f.mu.Unlock()
		if down != nil {
			return down
		}
		if err := done(start, make([]document.Embedding, len(batch))); err != nil {
			return err
		}
		start += len(batch)
		if f.dies {
			return errors.New("died after a request")
		}
	}
	return nil
}

func (f *fake) generations() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.built
}

func start(t *testing.T, f *fake) *Keeper {
	t.Helper()
	f.space = space.Space{Collection: "c", ID: "s", Windowing: space.WindowingSentences, WindowTokens: 500}
	if f.references == nil {
		f.references = map[string]map[[2]int]bool{}
	}
	k := New(f, f, f, slog.New(slog.DiscardHandler))
	t.Cleanup(k.Close)
	return k
}

func (f *fake) active(t *testing.T) space.Space {
	t.Helper()
	sp, err := f.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

func TestSettle(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3, "zh": 2}}
	k := start(t, f)
	for range 2 {
		if settled, err := k.Settle(t.Context(), "c", 5); err != nil || !settled {
			t.Fatalf("settled %v, error %v", settled, err)
		}
	}
	if f.generations() != 1 {
		t.Errorf("%d generations were built for one change, want 1", f.generations())
	}
	if diff := cmp.Diff([]string{"en", "zh"}, f.active(t).Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
}

// TestStaleIndex checks that if all documents of a corpus were rewritten, a new generation
// is built for its index, even if the corpus has not grown.
func TestStaleIndex(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 300}}
	k := start(t, f)
	for want, stale := range []bool{false, false, true} {
		f.mu.Lock()
		f.stale = stale
		f.mu.Unlock()
		if _, err := k.Settle(t.Context(), "c", 300); err != nil || f.generations() != max(1, want) {
			t.Errorf("stale %v: %d generations, error %v, want %d", stale, f.generations(), err, max(1, want))
		}
	}
}

// TestSettleWithoutModelServer checks that building a generation needs no model
// server.
func TestSettleWithoutModelServer(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}, down: errors.New("down")}
	if _, err := start(t, f).Settle(t.Context(), "c", 3); err != nil || f.generations() != 1 {
		t.Errorf("%d generations, error %v", f.generations(), err)
	}
}

// TestSettleBesideRebuild checks that Settle waits for a rebuild as long as there is time,
// and that other collections are maintained meanwhile.
func TestSettleBesideRebuild(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}, rebuilding: make(chan struct{})}
	k := start(t, f)
	k.Changed("slow")
	<-f.rebuilding
	k.Changed("c")
	wait(t, func() error {
		if n := f.generations(); n != 1 {
			return fmt.Errorf("%d generations", n)
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	f.mu.Lock()
	f.counts["en"]++
	f.mu.Unlock()
	if settled, err := k.Settle(ctx, "slow", 1); settled || err != nil || ctx.Err() != nil {
		t.Errorf("settled %v, error %v, deadline %v", settled, err, ctx.Err())
	}
	if settled, err := k.Settle(t.Context(), "c", 1); !settled || err != nil || f.generations() != 2 {
		t.Errorf("another: settled %v, %d generations, error %v", settled, f.generations(), err)
	}
	close(f.rebuilding)
}

func TestSettleLeavesLargeCorpora(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": largeCorpus}, learned: []string{"en"}}
	k := start(t, f)
	if settled, err := k.Settle(t.Context(), "c", largeCorpus); err != nil || settled || f.generations() != 0 {
		t.Fatalf("settled %v, %d generations, error %v, want it left to the background", settled, f.generations(), err)
	}
	wait(t, func() error {
		if n := f.generations(); n != 1 {
			return fmt.Errorf("%d generations", n)
		}
		return nil
	})
}

// TestBackgroundWork checks that one round of maintenance handles several writes, and that
// a query in a new language causes the preparation of that language.
func TestBackgroundWork(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}}
	k := start(t, f)
	imported := k.Importing()
	for range 5 {
		k.Changed("c")
	}
	k.Asked(f.active(t), "es")
	wait(t, func() error { // preparation does not wait for imports
		if languages := f.active(t).Calibration.Languages; !slices.Equal(languages, []string{"es"}) {
			return fmt.Errorf("languages %v", languages)
		}
		return nil
	})
	if n := f.generations(); n != 0 {
		t.Errorf("%d generations were built during an import", n)
	}
	imported()
	wait(t, func() error {
		if languages := f.active(t).Calibration.Languages; f.generations() != 1 || !slices.Equal(languages, []string{"en", "es"}) {
			return fmt.Errorf("%d generations, languages %v", f.generations(), languages)
		}
		return nil
	})
}

// TestOtherSpaces checks that spaces that may be activated are calibrated too, and that a
// space that is being built is not.
func TestOtherSpaces(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}, others: []space.Space{
		{Collection: "c", ID: "building", State: space.Building}, {Collection: "c", ID: "retired", State: space.Retired},
	}}
	start(t, f).Changed("c")
	wait(t, func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if got := slices.Sorted(maps.Keys(f.calibrated)); !slices.Equal(got, []string{"retired", "s"}) {
			return fmt.Errorf("calibrated %v", got)
		}
		return nil
	})
}

// wait polls check until it returns nil, or fails when the test's time is over.
func wait(t *testing.T, wrong func() error) {
	t.Helper()
	for {
		err := wrong()
		if err == nil {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal(err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
