package ingest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/space"
)

// fakes are a store, a model server and the spaces in one.
type fakes struct {
	state  document.State
	rivals int // writes that another writer is faster in
	// meanwhile returns the etag that another writer leaves before a write of
	// the etag given; nil for no such writer.
	meanwhile func(etag string) string
	short     bool
	embedded  []string
	stored    []document.Indexed
}

// Active implements ingest.Spaces.
func (f *fakes) Active(context.Context, string) (space.Space, error) {
	return space.Space{WindowTokens: 20}, nil
}

// EmbedPassages implements ingest.Embedder.
func (f *fakes) EmbedPassages(_ context.Context, texts []string) ([][]float32, error) {
	f.embedded = append(f.embedded, texts...)
	vectors := make([][]float32, len(texts))
	for i := range texts {
		vectors[i] = []float32{float32(i)}
	}
	if f.short {
		vectors = vectors[1:]
	}
	return vectors, nil
}

// DocumentState implements ingest.Store.
func (f *fakes) DocumentState(context.Context, space.Space, string) (document.State, error) {
	return f.state, nil
}

// ReplaceDocument implements ingest.Store.
func (f *fakes) ReplaceDocument(_ context.Context, _ space.Space, in document.Indexed) (document.Document, document.State, error) {
	if f.rivals > 0 && in.Windows == nil {
		f.rivals--
		return document.Document{}, document.State{}, document.ErrChanged
	}
	before := f.state
	if f.meanwhile != nil {
		before = document.State{ETag: f.meanwhile(in.Document.ETag), ContentHash: in.ContentHash}
	}
	f.stored = append(f.stored, in)
	f.state = document.State{ETag: in.Document.ETag, ContentHash: in.ContentHash}
	return in.Document, before, nil
}

// Prepare implements ingest.Calibrator.
func (f *fakes) Prepare(context.Context, space.Space, string) error { return nil }

// Changed implements ingest.Calibrator.
func (f *fakes) Changed(string) {}

func newIngester(f *fakes) *ingest.Ingester {
	return ingest.New(f, f, f, f, ingest.DefaultMaxTextBytes)
}

// TestVectorsOfWindows: each passage gets the vectors of its own windows.
func TestVectorsOfWindows(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	long := strings.Repeat("A sentence of some words. ", 20)
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Short.\n\n" + long + "\n\nShort again."}
	if _, err := newIngester(f).Upsert(t.Context(), d); err != nil {
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
				t.Errorf("vector %v follows %v", window.Vector[0], last)
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
		if _, err := in.Upsert(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		f.rivals = rivals
		changed := d
		changed.Source = "Wire"
		result, err := in.Upsert(t.Context(), changed)
		if !errors.Is(err, want) {
			t.Errorf("%d rivals: got %v, want %v", rivals, err, want)
		}
		var resource *document.ResourceError
		if err != nil && (!errors.As(err, &resource) || resource.Name != "collections/c/documents/d") {
			t.Errorf("%v does not name the document", err)
		}
		if err == nil && result.Outcome != ingest.Updated {
			t.Errorf("%d rivals: outcome %v", rivals, result.Outcome)
		}
	}
}

// TestOutcomeIsTheStores: what another writer stored since the first look at the
// document decides.
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
		result, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."})
		if err != nil || result.Outcome != test.want {
			t.Errorf("%s: outcome %v, error %v, want %v", what, result.Outcome, err, test.want)
		}
	}
}

func TestTooFewVectors(t *testing.T) {
	t.Parallel()
	f := &fakes{short: true}
	_, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."})
	if err == nil || len(f.stored) > 0 {
		t.Errorf("stored %v, error %v", f.stored, err)
	}
}
