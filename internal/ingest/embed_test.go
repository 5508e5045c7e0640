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

// TestSkippedSpacesAreBounded: spaces whose model servers failed are forgotten, the
// oldest first, so that spaces that are created and deleted again and again take no more
// memory.
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
