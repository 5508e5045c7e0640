package space_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// TestCompatible checks that vectors of another space are taken only if model, dimensions
// and windows are the same, whatever the model's name.
func TestCompatible(t *testing.T) {
	t.Parallel()
	sameModel := modelA
	sameModel.Fingerprint, sameModel.Model = fingerprint, "another name"
	for name, test := range map[string]struct {
		change func(*space.Space)
		detail string // "" if the vectors fit
	}{
		"same":           {func(*space.Space) {}, ""},
		"dimensions":     {func(sp *space.Space) { sp.Dimensions = 4 }, "dimensions 4 instead of 3"},
		"max_tokens":     {func(sp *space.Space) { sp.Profile.MaxTokens = 9 }, "max_tokens 9 instead of 0"},
		"windowing":      {func(sp *space.Space) { sp.Windowing++ }, "windowing"},
		"no fingerprint": {func(sp *space.Space) { sp.Fingerprint = nil }, "no fingerprint of their model, which GetSpace returns"},
		"fingerprint":    {func(sp *space.Space) { sp.Fingerprint = [][]float32{{0, 0, 1}} }, "the fingerprint of another model than model-a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &fakeStore{spaces: map[string]space.Space{"c": in("c", modelA)}}
			from := sameModel
			test.change(&from)
			_, err := space.NewRegistry(store, fakeModels{}, nil).Compatible(t.Context(), "c", from)
			if test.detail == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, space.ErrModelMismatch) || !strings.Contains(err.Error(), test.detail) {
				t.Errorf("error %v, want %q", err, test.detail)
			}
		})
	}
	_, err := space.NewRegistry(&fakeStore{}, fakeModels{}, nil).Compatible(t.Context(), "c", sameModel)
	if !errors.Is(err, document.ErrNotFound) {
		t.Errorf("without a collection: %v", err)
	}
}

// TestReady checks that a space is ready if it has all documents and is not being built.
func TestReady(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		state   space.State
		pending int64
		ready   bool
	}{
		{space.Active, 1, true},
		{space.Ready, 0, true},
		{space.Ready, 1, false},
		{space.Building, 0, false},
		{space.Retired, 0, true},
	} {
		var s space.Status
		s.State, s.Pending = test.state, test.pending
		if err := s.Ready(); (err == nil) != test.ready || err != nil && !errors.Is(err, space.ErrNotReady) {
			t.Errorf("state %v, %d documents pending: %v", test.state, test.pending, err)
		}
	}
}
