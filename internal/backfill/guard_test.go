package backfill_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/backfill"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

// panicking is a store in which the first call of one method panics.
type panicking struct {
	*store.Store
	method string
	fired  atomic.Bool
}

func (p *panicking) panicIn(method string) {
	if p.method == method && !p.fired.Swap(true) {
		panic("odd " + method)
	}
}

// SpacesToBuild implements backfill.Store.
func (p *panicking) SpacesToBuild(ctx context.Context) ([]space.Space, error) {
	p.panicIn("SpacesToBuild")
	return p.Store.SpacesToBuild(ctx)
}

// MakeReady implements backfill.Store.
func (p *panicking) MakeReady(ctx context.Context, sp space.Space) (bool, error) {
	p.panicIn("MakeReady")
	return p.Store.MakeReady(ctx, sp)
}

// ActiveSpace implements backfill.QueueStore.
func (p *panicking) ActiveSpace(ctx context.Context, collection string) (space.Space, error) {
	p.panicIn("ActiveSpace")
	return p.Store.ActiveSpace(ctx, collection)
}

// ClaimDocuments implements backfill.QueueStore.
func (p *panicking) ClaimDocuments(ctx context.Context, claim string, lease time.Duration, resting []string, last string) (document.Claim, error) {
	p.panicIn("ClaimDocuments")
	return p.Store.ClaimDocuments(ctx, claim, lease, resting, last)
}

// TestBuilderSurvivesPanic checks that a panic in any step of building a space is an
// error of that round, and that the next round builds the space.
func TestBuilderSurvivesPanic(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"SpacesToBuild", "Calibrate", "MakeReady"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s, sp := begin(t, 1)
			p := &panicking{Store: s, method: method}
			b := backfill.New(p, &model{}, slog.New(slog.DiscardHandler))
			b.Round(t.Context(), &model{}, calibrator{panics: method == "Calibrate"})
			if status, err := s.SpaceStatus(t.Context(), sp.Collection, sp.ID); err != nil || status.State != space.Building {
				t.Fatalf("after the panic: %v, error %v", status.State, err)
			}
			b.Round(t.Context(), &model{}, calibrator{})
			if status, err := s.SpaceStatus(t.Context(), sp.Collection, sp.ID); err != nil || status.State != space.Ready {
				t.Errorf("after the next round: %v, error %v", status.State, err)
			}
		})
	}
}

// TestQueueSurvivesPanic checks that a worker of the queue continues after a panic that no
// document caused.
func TestQueueSurvivesPanic(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ClaimDocuments", "ActiveSpace"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s, _ := begin(t, 0)
			enqueue(t, s, "d", "Text.")
			p := &panicking{Store: s, method: method}
			q := backfill.NewQueue(p, &model{}, 1, slog.New(slog.DiscardHandler))
			q.Hasten()
			ctx, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { q.Run(ctx, &model{}, calibrator{}) })
			defer running.Wait()
			defer stop()
			becomes(t, s, "d", document.IndexComplete)
			if !p.fired.Load() {
				t.Error("nothing panicked")
			}
		})
	}
}

// arrhythmic is a store whose next heartbeat panics once armed is set. It then sets fired.
type arrhythmic struct {
	*store.Store
	armed, fired atomic.Bool
}

// KeepClaim implements backfill.QueueStore.
func (a *arrhythmic) KeepClaim(ctx context.Context, claim string, lease time.Duration) error {
	if a.armed.Load() && !a.fired.Swap(true) {
		panic("odd heartbeat")
	}
	return a.Store.KeepClaim(ctx, claim, lease)
}

// TestQueueSurvivesPanicOfHeartbeat lets a worker test whether an outage has ended. It checks
// that the collection is tried again if a heartbeat of this worker panics.
func TestQueueSurvivesPanicOfHeartbeat(t *testing.T) {
	t.Parallel()
	s, _ := begin(t, 0)
	enqueue(t, s, "d", "Text.")
	a := &arrhythmic{Store: s}
	m := &model{}
	m.answered = func(requests int64) error {
		if requests <= 2 { // the document, and the text that shows whether the server works
			return errors.New("down")
		}
		a.armed.Store(true)
		for !a.fired.Load() { // the worker is still testing when its heartbeat panics
			time.Sleep(time.Millisecond)
		}
		return nil
	}
	log := &lines{}
	q := backfill.NewQueue(a, m, 1, slog.New(slog.NewTextHandler(log, nil)))
	q.Hasten()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx, m, calibrator{}) })
	defer running.Wait()
	defer stop()
	becomes(t, s, "d", document.IndexComplete)
	if n := log.count("a claim on queued documents was not extended"); n != 1 {
		t.Errorf("%d lines about the panic, want 1:\n%s", n, &log.text)
	}
}
