// Package backfill embeds in the background. A Builder embeds the documents that a space
// lacks: all of them for a new space, and those that could not be embedded when they
// were written. A Queue embeds documents that were stored without vectors for the
// active space. The package neither creates nor activates spaces.
package backfill

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/lease"
	"github.com/accord-search/accord/internal/recurring"
	"github.com/accord-search/accord/internal/space"
)

// Store is the database access of a Builder. See store.Store.
type Store interface {
	documents
	SpacesToBuild(ctx context.Context) ([]space.Space, error)
	HoldSpace(ctx context.Context, sp space.Space, builder string) (held bool, err error)
	ReleaseSpace(ctx context.Context, sp space.Space, builder string) error
	// DocumentsToBuild compares every document after an id with the space, and returns
	// those that the space lacks.
	DocumentsToBuild(ctx context.Context, sp space.Space, after string, limit int) (ids []string, err error)
	// UnbuiltDocuments is like DocumentsToBuild, but reads only documents that were noted
	// as lacking: those that were written without vectors or whose embedding has begun.
	UnbuiltDocuments(ctx context.Context, sp space.Space, after string, limit int) (ids []string, err error)
	AddWindows(ctx context.Context, sp space.Space, builder string, list []document.WindowsToAdd) (changed []string, err error)
	MakeReady(ctx context.Context, sp space.Space) (ready bool, err error)
}

// Spaces resolves the name under which the model server of a space knows its model. See
// space.Registry.
type Spaces interface {
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder makes vectors for a space. EmbedEach calls done after each answered request. batch
// has the vectors of the request's texts, which begin at texts[start]. It makes one call of
// done at a time.
type Embedder interface {
	EmbedEach(ctx context.Context, sp space.Space, texts []string, done func(start int, batch []document.Embedding) error) error
}

// Calibrator makes the similarities of a space comparable. See maintenance.Keeper.
type Calibrator interface {
	Prepare(ctx context.Context, sp space.Space, language string) error
	Calibrate(ctx context.Context, sp space.Space) error
}

const (
	// pause is the time between checks for work without a call of Wake, such as work that
	// another server left behind.
	pause = 30 * time.Second
	// retryPause is how long a space is skipped after it failed, or while another builder
	// has it, even if Wake is called.
	retryPause = 5 * time.Second
	// heartbeat is the time between heartbeats to the store. The lease of a builder
	// ends ten seconds after the last one.
	heartbeat = 3 * time.Second
)

// Builder builds spaces. Run does the work. Wake is safe for concurrent use.
type Builder struct {
	store    Store
	embedder Embedder
	log      *slog.Logger
	name     string // identifies this builder
	wakeup   chan struct{}
	// compared has, by vector table of a BUILDING space, the id of the last document that
	// was compared. Up to this id, the space lacks only documents that UnbuiltDocuments
	// returns, so those documents are not compared again.
	compared map[string]string
	listing  *recurring.Task
}

// New returns a builder. It does nothing until Run is called.
func New(store Store, embedder Embedder, log *slog.Logger) *Builder {
	return &Builder{
		store: store, embedder: embedder, log: log, name: rand.Text(), wakeup: make(chan struct{}, 1), compared: map[string]string{},
		listing: &recurring.Task{Failure: "spaces to build not listed; will retry", Logger: log},
	}
}

// Wake makes the builder check for work at once. It never blocks.
func (b *Builder) Wake() {
	select {
	case b.wakeup <- struct{}{}:
	default:
	}
}

// Run builds spaces until ctx ends.
func (b *Builder) Run(ctx context.Context, spaces Spaces, calibrator Calibrator) {
	resting := map[string]time.Time{} // by vector table: the time until which the space is skipped
	for {
		wait := b.buildSpaces(ctx, spaces, calibrator, resting)
		select {
		case <-ctx.Done():
			return
		case <-b.wakeup:
		case <-time.After(wait):
		}
	}
}

// buildSpaces builds each space that lacks documents and is not in resting. It returns how
// long to wait before the next round. A panic counts as an error of the space that was
// being built.
func (b *Builder) buildSpaces(ctx context.Context, spaces Spaces, calibrator Calibrator, resting map[string]time.Time) (wait time.Duration) {
	var list []space.Space
	err := guard.Call(func() (err error) {
		list, err = b.store.SpacesToBuild(ctx)
		return err
	})
	b.listing.Note(ctx, err)
	if err != nil {
		return b.listing.Pause(retryPause)
	}
	maps.DeleteFunc(b.compared, func(table, _ string) bool {
		return !slices.ContainsFunc(list, func(sp space.Space) bool { return sp.VectorTable == table })
	})
	maps.DeleteFunc(resting, func(_ string, until time.Time) bool { return time.Now().After(until) })
	for _, sp := range list {
		if _, rests := resting[sp.VectorTable]; rests {
			continue
		}
		var done bool
		err := guard.Call(func() (err error) {
			done, err = b.build(ctx, spaces, calibrator, sp)
			return err
		})
		if done || ctx.Err() != nil {
			continue
		}
		resting[sp.VectorTable] = time.Now().Add(retryPause)
		if err != nil {
			b.log.WarnContext(ctx, "space not built; will retry", "space", sp.Name(), "error", err)
		}
	}
	if len(resting) > 0 {
		return retryPause
	}
	return pause
}

// build embeds the documents that a space lacks. done is false if another builder has the
// space, or if documents remain.
func (b *Builder) build(ctx context.Context, spaces Spaces, calibrator Calibrator, sp space.Space) (done bool, err error) {
	held, err := b.store.HoldSpace(ctx, sp, b.name)
	if err != nil || !held {
		return false, err
	}
	ctx, end := lease.Keep(ctx, heartbeat, func(ctx context.Context) (bool, error) { return b.store.HoldSpace(ctx, sp, b.name) })
	defer func() {
		end()
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeat)
		defer cancel()
		if failed := b.store.ReleaseSpace(release, sp, b.name); failed != nil {
			b.log.DebugContext(ctx, "space not released; its lease ends soon", "space", sp.Name(), "error", failed)
		}
	}()
	w := &worker{documents: b.store, embedder: b.embedder, prepare: calibrator.Prepare, prepared: map[string]bool{}}
	w.store = func(ctx context.Context, list []document.WindowsToAdd) ([]string, error) {
		return b.store.AddWindows(ctx, w.space, b.name, list)
	}
	if w.space, err = spaces.Served(ctx, sp); err != nil {
		return false, err
	}
	if sp.State == space.Building {
		b.log.InfoContext(ctx, "building space", "space", sp.Name(), "model", sp.Model)
	}
	if err := b.embedMissing(ctx, w); err != nil {
		if errors.Is(context.Cause(ctx), lease.ErrLost) {
			err = lease.ErrLost
		}
		return false, fmt.Errorf("%w (%d documents done)", err, w.done)
	}
	if err := calibrator.Calibrate(ctx, w.space); err != nil {
		return false, err
	}
	ready, err := b.store.MakeReady(ctx, sp)
	if ready {
		b.log.InfoContext(ctx, "space is ready", "space", sp.Name(), "documents", w.done, "windows", w.windows)
	}
	return ready || sp.State != space.Building, err
}

// maxFailuresInRow is the number of consecutive failures after which the model server, and
// not the documents, is taken to be at fault.
const maxFailuresInRow = 5

// embedMissing embeds every document that the worker's space lacks, and returns the error
// of the first document that failed. Documents that are written meanwhile come with their
// vectors, or are embedded in the next round.
func (b *Builder) embedMissing(ctx context.Context, w *worker) error {
	if table := w.space.VectorTable; w.space.State == space.Building {
		err := embedPages(ctx, w, b.store.DocumentsToBuild, b.compared[table], func(last string) { b.compared[table] = last })
		if err != nil {
			return err
		}
	}
	return embedPages(ctx, w, b.store.UnbuiltDocuments, "", func(string) {})
}

// lister returns up to limit ids, after the given one, of documents that a space lacks.
type lister func(ctx context.Context, sp space.Space, after string, limit int) (ids []string, err error)

// embedPages embeds the documents that list returns after an id, and returns the error of
// the first one that failed. After each page it calls begun with the page's last document.
func embedPages(ctx context.Context, w *worker, list lister, after string, begun func(last string)) (failed error) {
	const atATime = 100
	for {
		ids, err := list(ctx, w.space, after, atATime)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return failed
		}
		after = ids[len(ids)-1]
		if w.embedDocuments(ctx, ids) != nil {
			first, all := embedSeparately(ctx, w, ids)
			if failed = cmp.Or(failed, first); !all {
				return failed
			}
		}
		begun(after)
	}
}

// embedSeparately embeds one document at a time, and returns the error of the first one
// that failed. all is false if it gave up because the model server is at fault.
func embedSeparately(ctx context.Context, w *worker, ids []string) (failed error, all bool) {
	inARow := 0
	for _, id := range ids {
		err := w.embedDocuments(ctx, []string{id})
		if err == nil {
			inARow = 0
			continue
		}
		if failed == nil {
			failed = fmt.Errorf("document %s: %w", id, err)
		}
		if inARow++; inARow == maxFailuresInRow || ctx.Err() != nil || errors.Is(err, errStore) {
			return failed, false
		}
	}
	return failed, true
}
