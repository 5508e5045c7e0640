package maintenance

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/accord-search/accord/internal/referencetexts/shipped"
	"github.com/accord-search/accord/internal/space"
)

// registry returns spaces with a fingerprint, or an error, and counts its calls.
type registry struct {
	fingerprint [][]float32
	err         error
	calls       int
}

// Served implements Spaces.
func (r *registry) Served(_ context.Context, sp space.Space) (space.Space, error) {
	r.calls++
	sp.Fingerprint = r.fingerprint
	return sp, r.err
}

// TestAsked checks that a question waits for the preparation of its language only if that
// needs no model server, and does not wait again after the preparation failed.
func TestAsked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		spaces    registry
		languages []string
		want      bool
		calls     int
	}{
		{"the shipped model", registry{fingerprint: shipped.Fingerprint()}, []string{"en", "th", "zh"}, true, 3},
		{"another model", registry{fingerprint: [][]float32{{1}}}, []string{"en", "zh"}, false, 2},
		{"no model server", registry{err: errors.New("down")}, []string{"en", "zh"}, false, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{references: map[string]map[[2]int]bool{}}
			f.space = space.Space{Collection: "c", ID: "s", Windowing: space.WindowingSentences, WindowTokens: 500}
			k := &Keeper{ // without background work
				store: f, spaces: &tc.spaces, embedder: f, log: slog.New(slog.DiscardHandler),
				asked: map[question]bool{}, wakeup: make(chan struct{}, 1), ctx: t.Context(),
			}
			for _, language := range tc.languages {
				if added := k.Asked(t.Context(), f.active(t), language); added != tc.want || knows(f.active(t), language) != tc.want {
					t.Errorf("%s added %v, want %v; languages %v", language, added, tc.want, f.active(t).Calibration.Languages)
				}
			}
			if tc.spaces.calls != tc.calls {
				t.Errorf("%d calls for the space, want %d", tc.spaces.calls, tc.calls)
			}
		})
	}
}
