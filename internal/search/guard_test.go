package search

import (
	"context"
	"errors"
	"testing"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// TestPanicWhileCiting checks that a panic while matched terms are found becomes an error
// of the call. A searcher without caches panics there.
func TestPanicWhileCiting(t *testing.T) {
	t.Parallel()
	hits := []Hit{{Hit: document.Hit{Passage: document.Passage{LanguageCode: "en", Text: "Ports."}}}}
	var panicked *guard.PanicError
	if err := (&Searcher{}).cite(t.Context(), space.Space{}, Request{Query: "ports"}, hits); !errors.As(err, &panicked) {
		t.Errorf("got error %v", err)
	}
}

// TestPanicWhileLoadingCalibration checks that if loading a calibration panics, those who
// wait for it get an error, and the next caller loads it again.
func TestPanicWhileLoadingCalibration(t *testing.T) {
	t.Parallel()
	calls := 0
	c := &calibrations{loaded: map[string]loadedCalibration{}}
	c.source = sourceFunc(func(ctx context.Context, sp space.Space) (calibrate.Calibration, error) {
		if calls++; calls == 1 {
			panic("odd calibration")
		}
		return loadVersion(ctx, sp)
	})
	var panicked *guard.PanicError
	if _, err := c.get(t.Context(), versioned("t", 1, 1)); !errors.As(err, &panicked) {
		t.Errorf("got error %v", err)
	}
	if _, err := c.get(t.Context(), versioned("t", 1, 1)); err != nil {
		t.Errorf("the next caller got error %v", err)
	}
}
