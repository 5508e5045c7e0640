package search_test

import (
	"context"
	"testing"

	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// recent remembers a space that is still active. It implements search.Ahead.
type recent struct{ outdated }

// RecentSpace implements search.Ahead.
func (*recent) RecentSpace(ctx context.Context, _ string) (context.Context, space.Space, func() bool) {
	return ctx, space.Space{ID: "s"}, func() bool { return true }
}

// TestLanguageAdded checks that a question whose language was added to the calibration is
// answered with the new calibration, even if the old space was known, and that words alone
// need no calibration.
func TestLanguageAdded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		lacks      bool
		ahead      search.Ahead
		mode       search.Mode
		wantStored int
	}{
		{"the language is known", false, nil, search.ModeHybrid, 1},
		{"it was added", true, nil, search.ModeHybrid, 2},
		{"the space was known", false, &recent{}, search.ModeSemantic, 0},
		{"the space was known, and the language was added", true, &recent{}, search.ModeSemantic, 1},
		{"words alone", true, nil, search.ModeLexical, 1},
	} {
		f := found("a", "b")
		f.lacks, f.ahead = tc.lacks, tc.ahead
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 10, Mode: tc.mode})
		if err != nil || len(answer.Hits) == 0 && tc.mode != search.ModeLexical || f.stored != tc.wantStored || f.lacks != (tc.lacks && tc.mode == search.ModeLexical) || len(f.asked) > 1 {
			t.Errorf("%s: error %v, %d hits, the space was read %d times, want %d; the language is lacking: %v; embedded %v",
				tc.name, err, len(answer.Hits), f.stored, tc.wantStored, f.lacks, f.asked)
		}
	}
}
