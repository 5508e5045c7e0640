package ingest_test

import (
	"context"
	"log/slog"
	"sync"

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
