package maintenance

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// fake is both a store and a model server.
type fake struct {
	mu         sync.Mutex
	space      space.Space
	others     []space.Space
	counts     map[string]int
	calibrated map[string]map[string]int // by space
	written    map[string]int
	references map[string]map[[2]int]bool // stored windows, by language
	learned    []string
	built      int
	texts      []string
	queries    map[string]map[[2]int]bool // stored reference queries, by language
	asked      []string                   // embedded queries
	stale      bool
	elsewhere  int           // number of tries to build a generation during which another server builds one
	tries      int           // number of tries to build a generation
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

func (f *fake) WrittenCounts(context.Context, space.Space) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.written), nil
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
	if f.tries++; f.tries <= f.elsewhere {
		return false, nil
	}
	f.built++
	if f.calibrated == nil {
		f.calibrated = map[string]map[string]int{}
	}
	f.calibrated[sp.ID], f.written = maps.Clone(f.counts), nil
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
