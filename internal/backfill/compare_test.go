package backfill_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/backfill"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

// comparing records the ids after which a builder compares all documents.
type comparing struct {
	*store.Store
	after []string
}

// DocumentsToBuild implements backfill.Store.
func (c *comparing) DocumentsToBuild(ctx context.Context, sp space.Space, after string, limit int) ([]string, error) {
	c.after = append(c.after, after)
	return c.Store.DocumentsToBuild(ctx, sp, after, limit)
}

// TestComparesOnce checks that a builder compares each document of a new space once, even
// if one fails. Afterwards it embeds only what failed and what was written meanwhile.
func TestComparesOnce(t *testing.T) {
	t.Parallel()
	s, sp := begin(t, 5)
	counted, m := &comparing{Store: s}, &model{poison: "Two 2."}
	b := backfill.New(counted, m, slog.New(slog.DiscardHandler))
	round := func(want ...string) {
		t.Helper()
		counted.after = nil
		b.Round(t.Context(), m, calibrator{})
		if diff := cmp.Diff(want, counted.after); diff != "" {
			t.Errorf("documents were compared after (-want +got):\n%s", diff)
		}
	}
	round("", "d4")
	round("d4")
	m.poison = ""
	write(t, s, "d1", "Written meanwhile.")
	round("d4")
	st, err := s.SpaceStatus(t.Context(), "c", sp.ID)
	if err != nil || st.State != space.Ready || !slices.Contains(m.texts(), "Written meanwhile.") || !slices.Contains(m.texts(), "Two 2.") {
		t.Errorf("space %+v, error %v, embedded %q", st, err, m.texts())
	}
	write(t, s, "d3", "Another text.")
	round() // a space that was READY is not compared again
	if !slices.Contains(m.texts(), "Another text.") {
		t.Errorf("embedded %q", m.texts())
	}
}
