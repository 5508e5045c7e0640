package backfill

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/lease"
	"github.com/accord-search/accord/internal/recurring"
	"github.com/accord-search/accord/internal/space"
)

// QueueStore is the database access of a Queue. See store.Store.
type QueueStore interface {
	documents
	ActiveSpace(ctx context.Context, collection string) (space.Space, error)
	ClaimDocuments(ctx context.Context, claim string, lease time.Duration, resting []string, last string) (document.Claim, error)
	KeepClaim(ctx context.Context, claim string, lease time.Duration) error
	ReleaseClaim(ctx context.Context, claim string, pause time.Duration) error
	AddClaimed(ctx context.Context, sp space.Space, claim string, list []document.WindowsToAdd) (changed []string, err error)
	FailDocument(ctx context.Context, claim, id, reason string, times int, pause time.Duration) error
	// Unavailable reports whether an error is about the state of the database, and not about a
	// document.
	Unavailable(err error) bool
	// TimedOut reports whether such an error means only that something took too long.
	TimedOut(err error) bool
	// PingWrites returns nil if the database answers and accepts writes.
	PingWrites(ctx context.Context) error
}

// QueueCalibrator makes the similarities of a space comparable. See maintenance.Keeper.
type QueueCalibrator interface {
	Prepare(ctx context.Context, sp space.Space, language string) error
	// Changed reports that vectors were added. It never blocks.
	Changed(collection string)
}

const (
	// queuePause is the time between checks for documents without a call of Wake: those
	// that another server stored, or that a dead worker had claimed.
	queuePause = time.Second
	// claimLease is how long a claim lasts after the worker's last heartbeat. claimBeat is
	// the time between heartbeats.
	claimLease = 20 * time.Second
	claimBeat  = 5 * time.Second
	// documentTries is the number of failures, while the model server works, after which a
	// document has failed permanently. documentPause is how long the document is skipped
	// after the first failure. The pause doubles with each further failure.
	documentTries = 5
	documentPause = 5 * time.Second
	// slowPauses is how many times as long a document is skipped if its vectors could not be
	// stored in time. The database may only be busy, so the five tries of a document take at
	// least ten minutes.
	slowPauses = 12
)

// Queue embeds documents that wait for vectors. Run does the work. Wake is safe for
// concurrent use. The waiting documents are in the database, where all servers share them.
type Queue struct {
	store    QueueStore
	embedder Embedder
	workers  int
	log      *slog.Logger
	wakeup   chan struct{} // has room for one value per worker
	outages  outages
	claiming *recurring.Task
	// pause is documentPause, and beat is claimBeat, except in tests.
	pause, beat time.Duration
}

// NewQueue returns a queue with the given number of workers. It does nothing until Run
// is called.
func NewQueue(store QueueStore, embedder Embedder, workers int, log *slog.Logger) *Queue {
	return &Queue{
		store: store, embedder: embedder, workers: workers, log: log,
		wakeup: make(chan struct{}, max(1, workers)), outages: outages{byCollection: map[string]*outage{}, first: firstOutagePause},
		pause: documentPause, beat: claimBeat, claiming: &recurring.Task{Failure: "documents in the queue not claimed; will retry", Logger: log},
	}
}

// Wake makes the workers check for work at once. It never blocks.
func (q *Queue) Wake() {
	for range cap(q.wakeup) {
		select {
		case q.wakeup <- struct{}{}:
		default:
			return
		}
	}
}

// Run embeds waiting documents until ctx ends.
func (q *Queue) Run(ctx context.Context, spaces Spaces, calibrator QueueCalibrator) {
	var working sync.WaitGroup
	for range q.workers {
		working.Go(func() {
			for last := ""; ctx.Err() == nil; {
				var found bool
				err := guard.Call(func() error {
					last, found = q.processClaim(ctx, spaces, calibrator, last)
					return nil
				})
				if err != nil {
					q.log.ErrorContext(ctx, "a worker of the queue panicked; it continues", "error", err)
				}
				if found {
					continue
				}
				select {
				case <-ctx.Done():
				case <-q.wakeup:
				case <-time.After(q.claiming.Pause(queuePause)):
				}
			}
		})
	}
	working.Wait()
}

// processClaim claims documents and embeds them. It returns their collection. found is
// false if no documents are due.
func (q *Queue) processClaim(ctx context.Context, spaces Spaces, calibrator QueueCalibrator, last string) (collection string, found bool) {
	claim, err := q.store.ClaimDocuments(ctx, rand.Text(), claimLease, q.outages.resting(), last)
	q.claiming.Note(ctx, err)
	if err != nil || len(claim.Documents) == 0 {
		return last, false
	}
	if q.outages.beginTry(claim.Collection) {
		defer q.outages.endTry(claim.Collection)
	}
	// Nothing is stored unless the claim still exists, so it need not be checked before
	// each write.
	ctx, end := lease.Keep(ctx, q.beat, func(ctx context.Context) (bool, error) { return true, q.store.KeepClaim(ctx, claim.ID, claimLease) })
	pause := q.embedClaim(ctx, spaces, calibrator, claim)
	end()
	ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeat)
	defer cancel()
	if err := q.store.ReleaseClaim(ended, claim.ID, pause); err != nil {
		q.log.DebugContext(ctx, "claim not released; its lease ends soon", "collection", claim.Collection, "error", err)
	}
	return claim.Collection, true
}

// embedClaim embeds the claimed documents. It returns how long to skip those that are left.
func (q *Queue) embedClaim(ctx context.Context, spaces Spaces, calibrator QueueCalibrator, claim document.Claim) (pause time.Duration) {
	w := &worker{documents: q.store, embedder: q.embedder, prepare: calibrator.Prepare, prepared: map[string]bool{}}
	w.store = func(ctx context.Context, list []document.WindowsToAdd) ([]string, error) {
		return q.store.AddClaimed(ctx, w.space, claim.ID, list)
	}
	defer func() {
		if w.done > 0 {
			calibrator.Changed(claim.Collection)
		}
	}()
	err := guard.Call(func() error { return q.embedWith(ctx, w, spaces, claim) })
	var panicked *guard.PanicError
	switch {
	case errors.As(context.Cause(ctx), &panicked):
		q.log.ErrorContext(ctx, "a claim on queued documents was not extended; they are claimed again", "collection", claim.Collection, "error", panicked)
		return 0
	case ctx.Err() != nil:
		return 0
	case errors.Is(err, document.ErrNotFound): // the collection is gone
		q.outages.end(claim.Collection)
		return 0
	case err != nil:
		pause, first := q.outages.add(claim.Collection)
		if first {
			q.log.WarnContext(ctx, "documents wait because they cannot be embedded or stored now; will retry",
				"collection", claim.Collection, "error", err)
		}
		return pause
	}
	if q.outages.end(claim.Collection) {
		q.log.InfoContext(ctx, "waiting documents are being embedded again", "collection", claim.Collection)
	}
	return 0
}

// embedWith embeds the claimed documents for the active space of their collection.
func (q *Queue) embedWith(ctx context.Context, w *worker, spaces Spaces, claim document.Claim) error {
	stored, err := q.store.ActiveSpace(ctx, claim.Collection)
	if err != nil {
		return err
	}
	if w.space, err = spaces.Served(ctx, stored); err != nil {
		return err
	}
	if len(claim.Documents) > 1 {
		if err := w.embedDocuments(ctx, claim.Documents); err == nil || !q.worksWithout(ctx, w, err) {
			return err
		}
	}
	return q.embedOneByOne(ctx, w, claim)
}

// worksWithout reports whether the database and the model server work and the collection
// exists, so that a document is to blame for an error.
func (q *Queue) worksWithout(ctx context.Context, w *worker, err error) bool {
	return ctx.Err() == nil && !errors.Is(err, document.ErrNotFound) && q.databaseWorks(ctx, err) && q.serverWorks(ctx, w)
}

// databaseWorks reports whether an error is not about the state of the database. If something
// took too long, that may be because of the document, so it asks the database.
func (q *Queue) databaseWorks(ctx context.Context, err error) bool {
	return !q.store.Unavailable(err) || q.store.TimedOut(err) && q.store.PingWrites(ctx) == nil
}

// serverWorks reports whether the model server embeds a simple text.
func (q *Queue) serverWorks(ctx context.Context, w *worker) bool {
	made := false
	err := q.embedder.EmbedEach(ctx, w.space, []string{"The meeting was held on Monday."}, func(_ int, batch []document.Embedding) error {
		made = batch[0].Failure == nil
		return nil
	})
	return err == nil && made
}

// embedOneByOne embeds each document separately, so that one that cannot be embedded fails
// alone. It returns an error if the model server or the database does not work.
func (q *Queue) embedOneByOne(ctx context.Context, w *worker, claim document.Claim) error {
	for _, id := range claim.Documents {
		err := w.embedDocuments(ctx, []string{id})
		if err == nil {
			continue
		}
		if !q.worksWithout(ctx, w, err) {
			return err
		}
		q.log.WarnContext(ctx, "document not embedded", "document", document.Name(claim.Collection, id), "error", err)
		reason, pause := reasonOf(err), q.pause
		if q.store.TimedOut(err) {
			reason, pause = "its vectors could not be stored in time; see the server's log", slowPauses*q.pause
		}
		if err := q.store.FailDocument(ctx, claim.ID, id, reason, documentTries, pause); err != nil {
			return err
		}
	}
	return nil
}

// reasonOf returns the reason of a document's failure as callers see it. The error itself
// may name servers, so only the log has it.
func reasonOf(err error) string {
	var panicked *guard.PanicError
	switch {
	case errors.Is(err, errStore):
		return "its vectors could not be stored; see the server's log"
	case errors.As(err, &panicked):
		return "its vectors could not be made; see the server's log"
	}
	return "the model server fails on it, but embeds other texts; see the server's log"
}
