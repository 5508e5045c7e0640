package maintenance

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/accord-search/accord/internal/space"
)

// panicking is a store in which the first call of ActiveSpace panics.
type panicking struct {
	*fake
	calls atomic.Int64
}

// ActiveSpace implements Store.
func (p *panicking) ActiveSpace(ctx context.Context, collection string) (space.Space, error) {
	if p.calls.Add(1) == 1 {
		panic("odd space")
	}
	return p.fake.ActiveSpace(ctx, collection)
}

// TestPanicWhilePreparing checks that a keeper continues after a panic while it prepares a
// space for a question, and prepares the space after the next question.
func TestPanicWhilePreparing(t *testing.T) {
	t.Parallel()
	f := &fake{references: map[string]map[[2]int]bool{}}
	f.space = space.Space{Collection: "c", ID: "s", Windowing: space.WindowingSentences, WindowTokens: 500}
	p := &panicking{fake: f}
	k := New(p, f, f, slog.New(slog.DiscardHandler))
	t.Cleanup(k.Close)
	k.Asked(t.Context(), f.space, "en")
	wait(t, func() error {
		if p.calls.Load() == 0 {
			return fmt.Errorf("nobody prepares the space")
		}
		return nil
	})
	k.Asked(t.Context(), f.space, "en")
	wait(t, func() error {
		if !knows(f.active(t), "en") {
			return fmt.Errorf("the language is not prepared")
		}
		return nil
	})
}
