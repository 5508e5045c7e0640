package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// unserved is a model server that serves no space.
type unserved struct {
	Spaces
	Calibrator
}

// Served implements Spaces.
func (unserved) Served(context.Context, space.Space) (space.Space, error) {
	return space.Space{}, errors.New("down")
}

// Knows implements Calibrator.
func (unserved) Knows(space.Space, string) bool { return true }

// TestSkippedSpacesAreBounded: if too many spaces are skipped, the oldest are forgotten.
// Otherwise creating and deleting spaces again and again would take more and more memory.
func TestSkippedSpacesAreBounded(t *testing.T) {
	t.Parallel()
	in := New(Config{Spaces: unserved{}, Calibrator: unserved{}, Logger: slog.New(slog.DiscardHandler)})
	table := func(n int) space.Space { return space.Space{VectorTable: fmt.Sprint("vectors_", n)} }
	for n := range maxSkipped + 10 {
		if _, err := in.embedOther(t.Context(), table(n), document.Document{}, nil, &embedding{}); err == nil {
			t.Fatal("a space without a model server was embedded")
		}
	}
	if kept := in.skipUntil.Len(); kept != maxSkipped {
		t.Errorf("%d spaces are kept, want %d", kept, maxSkipped)
	}
	if windows, err := in.embedOther(t.Context(), table(maxSkipped), document.Document{}, nil, &embedding{}); windows != nil || err != nil {
		t.Errorf("a space that failed is not skipped: %v, error %v", windows, err)
	}
}

// oddServer is a model server that panics for every space but the active one.
type oddServer struct{ Embedder }

// EmbedPassages implements Embedder.
func (oddServer) EmbedPassages(_ context.Context, sp space.Space, texts []string) ([]document.Embedding, error) {
	if sp.ID != "active" {
		panic("odd text")
	}
	return make([]document.Embedding, len(texts)), nil
}

// servedAlways serves every space, with every language.
type servedAlways struct{ Calibrator }

// Served implements Spaces.
func (servedAlways) Served(_ context.Context, sp space.Space) (space.Space, error) {
	sp.WindowTokens = 20
	return sp, nil
}

// WriteTargets implements Spaces.
func (servedAlways) WriteTargets(context.Context, string) ([]space.Space, error) { return nil, nil }

// Knows implements Calibrator.
func (servedAlways) Knows(space.Space, string) bool { return true }

// Prepare implements Calibrator.
func (servedAlways) Prepare(context.Context, space.Space, string) error { return nil }

// TestPanicBesideActiveSpace checks that if embedding for another space panics, that space
// is left out and the write continues.
func TestPanicBesideActiveSpace(t *testing.T) {
	t.Parallel()
	in := New(Config{Spaces: servedAlways{}, Calibrator: servedAlways{}, Embedder: oddServer{}, Logger: slog.New(slog.DiscardHandler)})
	spaces := []space.Space{{ID: "active", VectorTable: "vectors_1"}, {ID: "other", VectorTable: "vectors_2"}}
	active, others, err := in.embedAll(t.Context(), spaces, document.Document{LanguageCode: "en"}, []document.Passage{{Text: "Ports."}}, &embedding{})
	if err != nil || len(active) != 1 || len(others) != 0 {
		t.Errorf("%d passages for the active space, %d other spaces, error %v", len(active), len(others), err)
	}
}
