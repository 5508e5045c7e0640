package ingest_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/space"
)

// fakes is a store, a model server and the spaces in one.
type fakes struct {
	ingest.Store
	state     document.State
	rivals    int // number of writes before which another writer changes the document
	conflicts int // number of writes with vectors that fail with document.ErrChanged
	// meanwhile gets the stored etag before a write, and returns the etag that another
	// writer stores at that moment. nil means that there is no other writer.
	meanwhile func(etag string) string
	short     bool
	others    []string         // ids of the spaces beside the active one
	down      map[string]error // by space
	slow      string           // a space whose model server does not answer in time
	waited    int              // how often a write waited for the slow space
	ignorant  string           // a space whose calibration lacks the language
	woken     int
	queued    int // how often the queue was woken
	changed   int // number of calls of the calibrator's Changed

	mu       sync.Mutex
	embedded []string
	calls    map[string]int // number of calls to the model server, by space
	stored   []document.Indexed
}

// WriteTargets implements ingest.Spaces.
func (f *fakes) WriteTargets(context.Context, string) ([]space.Space, error) {
	list := []space.Space{{ID: "active", VectorTable: "active", Dimensions: 1}}
	for _, id := range f.others {
		list = append(list, space.Space{ID: id, VectorTable: id})
	}
	return list, nil
}

// Served implements ingest.Spaces.
func (f *fakes) Served(_ context.Context, sp space.Space) (space.Space, error) {
	sp.WindowTokens = 20
	return sp, f.down[sp.ID]
}

// EmbedPassages implements ingest.Embedder.
func (f *fakes) EmbedPassages(ctx context.Context, sp space.Space, texts []string) ([]document.Embedding, error) {
	if f.slow == sp.ID {
		f.waited++
		<-ctx.Done()
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.embedded = append(f.embedded, texts...)
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[sp.ID]++
	made := make([]document.Embedding, len(texts))
	for i := range texts {
		made[i].Vector = []float32{float32(i)}
	}
	if f.short {
		made = made[1:]
	}
	return made, nil
}

// DocumentStates implements ingest.Store.
func (f *fakes) DocumentStates(_ context.Context, _ space.Space, ids []string) (map[string]document.State, error) {
	states := map[string]document.State{}
	for _, id := range ids {
		states[id] = f.state
	}
	return states, nil
}

// ReplaceDocuments implements ingest.Store.
func (f *fakes) ReplaceDocuments(_ context.Context, _ space.Space, list []document.Indexed) (out []document.ReplaceResult) {
	for _, in := range list {
		out = append(out, f.replace(in))
	}
	return out
}

func (f *fakes) replace(in document.Indexed) document.ReplaceResult {
	if f.rivals > 0 && in.Windows == nil {
		f.rivals--
		return document.ReplaceResult{Err: document.ErrChanged}
	}
	if f.conflicts > 0 {
		f.conflicts--
		return document.ReplaceResult{Err: document.ErrChanged}
	}
	if in.Deferred {
		in.Document.IndexState = document.IndexPending
	}
	before := f.state
	if f.meanwhile != nil {
		before = document.State{ETag: f.meanwhile(in.Document.ETag), ContentHash: in.ContentHash}
	}
	f.stored = append(f.stored, in)
	f.state = document.State{ETag: in.Document.ETag, ContentHash: in.ContentHash}
	return document.ReplaceResult{Document: in.Document, Before: before}
}

// Prepare implements ingest.Calibrator.
func (f *fakes) Prepare(context.Context, space.Space, string) error { return nil }

// Knows implements ingest.Calibrator.
func (f *fakes) Knows(sp space.Space, _ string) bool { return sp.ID != f.ignorant }

// Changed implements ingest.Calibrator.
func (f *fakes) Changed(string) { f.changed++ }

// Wake implements ingest.Builder.
func (f *fakes) Wake() { f.woken++ }

// queue counts how often it is woken.
type queue struct{ *fakes }

// Wake implements ingest.Queue.
func (q queue) Wake() { q.queued++ }

func newIngester(f *fakes) *ingest.Ingester {
	return ingest.New(ingest.Config{
		Store: f, Spaces: f, Embedder: f, Calibrator: f, Builder: f, Queue: queue{f},
		MaxTextBytes: ingest.DefaultMaxTextBytes, Logger: slog.New(slog.DiscardHandler),
	})
}

// TestVectorsOfWindows checks that each passage gets the vectors of its own windows.
func TestVectorsOfWindows(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	long := strings.Repeat("A sentence of some words. ", 20)
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Short.\n\n" + long + "\n\nShort again."}
	if _, err := newIngester(f).Upsert(t.Context(), d, document.Precondition{}); err != nil {
		t.Fatal(err)
	}
	windows := f.stored[0].Windows
	if len(windows) != 3 || len(windows[0]) != 1 || len(windows[1]) < 2 || len(windows[2]) != 1 {
		t.Fatalf("windows %v", windows)
	}
	last := float32(-1)
	for _, passage := range windows {
		for _, window := range passage {
			if window.Vector[0] != last+1 {
				t.Errorf("vector %v comes after %v", window.Vector[0], last)
			}
			last = window.Vector[0]
		}
	}
	if got := strings.Join(f.embedded[1:len(f.embedded)-1], " "); got != strings.TrimSpace(long) {
		t.Errorf("windows of the long passage are %q", got)
	}
}

func TestRivalWriters(t *testing.T) {
	t.Parallel()
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
	for rivals, want := range map[int]error{0: nil, 2: nil, 3: document.ErrChanged} {
		f := &fakes{}
		in := newIngester(f)
		if _, err := in.Upsert(t.Context(), d, document.Precondition{}); err != nil {
			t.Fatal(err)
		}
		f.rivals = rivals
		changed := d
		changed.Source = "Wire"
		result, err := in.Upsert(t.Context(), changed, document.Precondition{})
		if !errors.Is(err, want) {
			t.Errorf("%d rivals: got %v, want %v", rivals, err, want)
		}
		var resource *document.ResourceError
		if err != nil && (!errors.As(err, &resource) || resource.Name != "collections/c/documents/d") {
			t.Errorf("the error %v does not name the document", err)
		}
		if err == nil && result.Outcome != ingest.Updated {
			t.Errorf("%d rivals: outcome %v", rivals, result.Outcome)
		}
	}
}

// TestOutcomeIsTheStores checks that the outcome considers what another writer stored after
// the state was read.
func TestOutcomeIsTheStores(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		meanwhile func(string) string
		want      ingest.Outcome
	}{
		"nobody":      {nil, ingest.Created},
		"the same":    {func(etag string) string { return etag }, ingest.Unchanged},
		"another one": {func(string) string { return "other" }, ingest.Updated},
	} {
		f := &fakes{meanwhile: test.meanwhile}
		result, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}, document.Precondition{})
		if err != nil || result.Outcome != test.want {
			t.Errorf("%s: outcome %v, error %v, want %v", what, result.Outcome, err, test.want)
		}
	}
}

func TestTooFewVectors(t *testing.T) {
	t.Parallel()
	f := &fakes{short: true}
	_, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}, document.Precondition{})
	if err == nil || len(f.stored) > 0 {
		t.Errorf("stored %v, error %v", f.stored, err)
	}
}

// TestOtherSpaces checks that a write gives each space its vectors. A space whose model
// server is down or too slow is skipped, and the builder is woken.
func TestOtherSpaces(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		down           map[string]error
		slow, ignorant string
		want           []string
		woken          int
	}{
		"all well":           {want: []string{"new", "old"}},
		"down":               {down: map[string]error{"new": errors.New("down")}, want: []string{"old"}, woken: 1},
		"too slow":           {slow: "old", want: []string{"new"}, woken: 1},
		"no reference texts": {ignorant: "new", want: []string{"old"}, woken: 1},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := &fakes{others: []string{"new", "old"}, down: test.down, slow: test.slow, ignorant: test.ignorant}
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // half of this time is spent on the slow space
			defer cancel()
			d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
			in := newIngester(f)
			if _, err := in.Upsert(ctx, d, document.Precondition{}); err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(f.stored[0].Others)); !slices.Equal(got, test.want) || len(f.stored[0].Windows) != 1 {
				t.Errorf("windows for the other spaces %v, want %v", got, test.want)
			}
			if f.woken != test.woken {
				t.Errorf("the builder was woken %d times, want %d", f.woken, test.woken)
			}
			if test.slow == "" {
				return
			}
			// The next write skips the space.
			asked := f.waited
			d.ID, f.state = "e", document.State{}
			if _, err := in.Upsert(ctx, d, document.Precondition{}); err != nil || f.waited != asked || len(f.stored[1].Others) != 1 {
				t.Errorf("the next write waited %d times, stored windows of %d other spaces, error %v", f.waited-asked, len(f.stored[1].Others), err)
			}
		})
	}
	f := &fakes{others: []string{"new"}, down: map[string]error{"active": context.Canceled}}
	if _, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}, document.Precondition{}); err == nil || len(f.stored) > 0 {
		t.Errorf("stored %d although the active space failed, error %v", len(f.stored), err)
	}
}

// TestEnqueue checks that no model server is called, and that the queue is woken, and
// the builder if there are other spaces.
func TestEnqueue(t *testing.T) {
	t.Parallel()
	for others, woken := range map[string]int{"": 0, "new": 1} {
		f := &fakes{down: map[string]error{"active": errors.New("down")}}
		if others != "" {
			f.others = []string{others}
		}
		in := newIngester(f)
		d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
		result, err := in.Enqueue(t.Context(), d, document.Precondition{})
		if err != nil || result.Outcome != ingest.Created || result.Document.IndexState != document.IndexPending || result.Passages != 1 {
			t.Errorf("result %+v, error %v", result, err)
		}
		if len(f.embedded) > 0 || len(f.stored) != 1 || !f.stored[0].Deferred || f.stored[0].Windows != nil {
			t.Errorf("embedded %q, stored %+v", f.embedded, f.stored)
		}
		if f.queued != 1 || f.woken != woken {
			t.Errorf("the queue was woken %d times, the builder %d, want 1 and %d", f.queued, f.woken, woken)
		}
		if again, err := in.Enqueue(t.Context(), d, document.Precondition{}); err != nil || again.Outcome != ingest.Unchanged {
			t.Errorf("second write: outcome %v, error %v", again.Outcome, err)
		}
	}
}
