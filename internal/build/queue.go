package build

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// QueueStore is what a Queue asks of the database; store.Store says more.
type QueueStore interface {
	documents
	ActiveSpace(ctx context.Context, collection string) (space.Space, error)
	ClaimDocuments(ctx context.Context, claim string, lease time.Duration, resting []string, last string) (document.Claim, error)
	KeepClaim(ctx context.Context, claim string, lease time.Duration) error
	ReleaseClaim(ctx context.Context, claim string, pause time.Duration) error
	AddClaimed(ctx context.Context, sp space.Space, claim string, list []document.Built) (changed []string, err error)
	FailDocument(ctx context.Context, claim, id, reason string, times int, pause time.Duration) error
}

// QueueCalibrator makes the similarities of a space comparable; upkeep.Keeper says
// more.
type QueueCalibrator interface {
	Prepare(ctx context.Context, sp space.Space, language string) error
	// Changed takes note of vectors that were added; it never waits.
	Changed(collection string)
}

const (
	// queuePause is how long the queue is not looked at that nobody told of: what
	// another server stored, or what a dead worker held.
	queuePause = time.Second
	// lease is how long a worker that gave no sign of life keeps what it claimed, and
	// leaseBeat how often it gives one.
	lease     = 20 * time.Second
	leaseBeat = 5 * time.Second
	// documentTries is how often a document must fail beside a model server that is well
	// to have failed for good, and documentPause how long it is left alone after the
	// first time, twice as long after the second, and so on.
	documentTries = 5
	documentPause = 5 * time.Second
)

// Queue embeds documents that wait for it. Run does the work; Wake is safe for
// concurrent use. What there is to do stands in the database, where queues of several
// servers share it.
type Queue struct {
	store    QueueStore
	embedder Embedder
	workers  int
	log      *slog.Logger
	wakeup   chan struct{} // holds one value a worker
	outages  outages
	// pause is documentPause but for tests.
	pause time.Duration
}

// NewQueue returns a queue of so many workers that does nothing yet.
func NewQueue(store QueueStore, embedder Embedder, workers int, log *slog.Logger) *Queue {
	return &Queue{
		store: store, embedder: embedder, workers: workers, log: log,
		wakeup: make(chan struct{}, max(1, workers)), outages: outages{of: map[string]*outage{}, first: firstOutagePause},
		pause: documentPause,
	}
}

// Wake has the workers look for work at once; it never waits.
func (q *Queue) Wake() {
	for range cap(q.wakeup) {
		select {
		case q.wakeup <- struct{}{}:
		default:
			return
		}
	}
}

// Run embeds what waits until ctx ends.
func (q *Queue) Run(ctx context.Context, spaces Spaces, calibrator QueueCalibrator) {
	var working sync.WaitGroup
	for range q.workers {
		working.Go(func() {
			for last := ""; ctx.Err() == nil; {
				var found bool
				if last, found = q.next(ctx, spaces, calibrator, last); found {
					continue
				}
				select {
				case <-ctx.Done():
				case <-q.wakeup:
				case <-time.After(queuePause):
				}
			}
		})
	}
	working.Wait()
}

// next claims documents and embeds them, and returns their collection; found is false
// if none are due.
func (q *Queue) next(ctx context.Context, spaces Spaces, calibrator QueueCalibrator, last string) (collection string, found bool) {
	claim, err := q.store.ClaimDocuments(ctx, rand.Text(), lease, q.outages.resting(), last)
	if err != nil && ctx.Err() == nil {
		q.log.WarnContext(ctx, "documents that wait for vectors not looked for; tried again later", "error", err)
	}
	if err != nil || len(claim.Documents) == 0 {
		return last, false
	}
	q.outages.try(claim.Collection)
	ctx, stop := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { q.keep(ctx, claim) })
	pause := q.embed(ctx, spaces, calibrator, claim)
	stop()
	keeping.Wait()
	ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeat)
	defer cancel()
	if err := q.store.ReleaseClaim(ended, claim.ID, pause); err != nil {
		q.log.DebugContext(ctx, "claim not released; it soon ends by itself", "collection", claim.Collection, "error", err)
	}
	return claim.Collection, true
}

// keep keeps a claim until ctx ends.
func (q *Queue) keep(ctx context.Context, claim document.Claim) {
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := q.store.KeepClaim(ctx, claim.ID, lease); err != nil && ctx.Err() == nil {
				q.log.DebugContext(ctx, "claim not kept", "collection", claim.Collection, "error", err)
			}
		}
	}
}

// embed embeds what is claimed, and returns for how long the rest is to be left alone.
func (q *Queue) embed(ctx context.Context, spaces Spaces, calibrator QueueCalibrator, claim document.Claim) (pause time.Duration) {
	w := &worker{documents: q.store, embedder: q.embedder, prepare: calibrator.Prepare, prepared: map[string]bool{}}
	w.store = func(ctx context.Context, list []document.Built) ([]string, error) {
		return q.store.AddClaimed(ctx, w.space, claim.ID, list)
	}
	defer func() {
		if w.done > 0 {
			calibrator.Changed(claim.Collection)
		}
	}()
	stored, err := q.store.ActiveSpace(ctx, claim.Collection)
	if err == nil {
		w.space, err = spaces.Served(ctx, stored)
	}
	if err == nil {
		err = w.together(ctx, claim.Documents)
		if err != nil && !errors.Is(err, document.ErrNotFound) && q.well(ctx, w) {
			err = q.oneByOne(ctx, w, claim)
		}
	}
	switch {
	case ctx.Err() != nil:
		return 0
	case errors.Is(err, document.ErrNotFound): // the collection is gone
		q.outages.end(claim.Collection)
		return 0
	case err != nil:
		pause, first := q.outages.add(claim.Collection)
		if first {
			q.log.WarnContext(ctx, "documents wait for vectors, which cannot be made now; tried until they can",
				"collection", claim.Collection, "error", err)
		}
		return pause
	}
	if q.outages.end(claim.Collection) {
		q.log.InfoContext(ctx, "vectors are made again for documents that waited", "collection", claim.Collection)
	}
	return 0
}

// well reports whether the model server makes a vector of a text that any does.
func (q *Queue) well(ctx context.Context, w *worker) bool {
	made := false
	err := q.embedder.EmbedEach(ctx, w.space, []string{"The meeting was held on Monday."}, func(_ int, batch []document.Embedding) error {
		made = batch[0].Failure == nil
		return nil
	})
	return err == nil && made
}

// oneByOne embeds documents each by itself, so that one that fails beside a model
// server that is well fails alone. It returns the error of one if the server is not.
func (q *Queue) oneByOne(ctx context.Context, w *worker, claim document.Claim) error {
	for _, id := range claim.Documents {
		err := w.together(ctx, []string{id})
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !q.well(ctx, w) {
			return err
		}
		q.log.WarnContext(ctx, "a document was not embedded", "document", document.Name(claim.Collection, id), "error", err)
		if err := q.store.FailDocument(ctx, claim.ID, id, reasonOf(err), documentTries, q.pause); err != nil {
			return err
		}
	}
	return nil
}

// reasonOf returns what callers are told of why a document failed.
func reasonOf(err error) string {
	if errors.Is(err, errStore) {
		return "its vectors could not be stored; the server's log says more"
	}
	const longest = 500
	reason := []rune(err.Error())
	return string(reason[:min(len(reason), longest)])
}
