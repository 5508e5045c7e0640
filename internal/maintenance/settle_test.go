package maintenance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSettle(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3, "zh": 2}}
	k := start(t, f)
	for range 2 {
		if settled, err := k.Settle(t.Context(), "c", 5); err != nil || !settled {
			t.Fatalf("settled %v, error %v", settled, err)
		}
	}
	if f.generations() != 1 {
		t.Errorf("%d generations were built for one change, want 1", f.generations())
	}
	if diff := cmp.Diff([]string{"en", "zh"}, f.active(t).Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
}

// TestSettleWithoutModelServer checks that building a generation needs no model
// server.
func TestSettleWithoutModelServer(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}, down: errors.New("down")}
	if _, err := start(t, f).Settle(t.Context(), "c", 3); err != nil || f.generations() != 1 {
		t.Errorf("%d generations, error %v", f.generations(), err)
	}
}

// TestSettleBesideRebuild checks that Settle waits for a rebuild as long as there is time,
// and that other collections are maintained meanwhile.
func TestSettleBesideRebuild(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}, rebuilding: make(chan struct{})}
	k := start(t, f)
	k.Changed("slow")
	<-f.rebuilding
	k.Changed("c")
	wait(t, func() error {
		if n := f.generations(); n != 1 {
			return fmt.Errorf("%d generations", n)
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // Settle waits half of it
	defer cancel()
	f.mu.Lock()
	f.counts["en"]++
	f.mu.Unlock()
	if settled, err := k.Settle(ctx, "slow", 1); settled || err != nil || ctx.Err() != nil {
		t.Errorf("settled %v, error %v, deadline %v", settled, err, ctx.Err())
	}
	if settled, err := k.Settle(t.Context(), "c", 1); !settled || err != nil || f.generations() != 2 {
		t.Errorf("another: settled %v, %d generations, error %v", settled, f.generations(), err)
	}
	close(f.rebuilding)
}

func TestSettleLeavesLargeCorpora(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": largeCorpus}, learned: []string{"en"}}
	k := start(t, f)
	if settled, err := k.Settle(t.Context(), "c", largeCorpus); err != nil || settled || f.generations() != 0 {
		t.Fatalf("settled %v, %d generations, error %v, want it left to the background", settled, f.generations(), err)
	}
	wait(t, func() error {
		if n := f.generations(); n != 1 {
			return fmt.Errorf("%d generations", n)
		}
		return nil
	})
}
