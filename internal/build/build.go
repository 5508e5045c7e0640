// Package build embeds, in the background, what embedding spaces lack: a Builder all
// documents of a new one, and those that a space could not be given when they were
// written; a Queue the documents that were stored without vectors for the space that
// is searched. It neither makes spaces nor has them searched.
package build

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Store is what a Builder asks of the database; store.Store says more.
type Store interface {
	documents
	SpacesToBuild(ctx context.Context) ([]space.Space, error)
	HoldSpace(ctx context.Context, sp space.Space, builder string) (held bool, err error)
	ReleaseSpace(ctx context.Context, sp space.Space, builder string) error
	DocumentsToBuild(ctx context.Context, sp space.Space, after string, limit int) (ids []string, err error)
	AddWindows(ctx context.Context, sp space.Space, builder string, list []document.Built) (changed []string, err error)
	MakeReady(ctx context.Context, sp space.Space) (ready bool, err error)
}

// Spaces says how the model server of a space takes its windows; space.Manager
// says more.
type Spaces interface {
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder makes vectors for a space; done gets those of texts[start:] as each
// request is answered, one call at a time.
type Embedder interface {
	EmbedEach(ctx context.Context, sp space.Space, texts []string, done func(start int, batch []document.Embedding) error) error
}

// Calibrator makes the similarities of a space comparable; upkeep.Keeper says more.
type Calibrator interface {
	Prepare(ctx context.Context, sp space.Space, language string) error
	Calibrate(ctx context.Context, sp space.Space) error
}

const (
	// pause is how long nothing is looked for that nobody told of: what another
	// server left behind.
	pause = 30 * time.Second
	// retryPause is how long a space is left alone that could not be built, or that
	// another builder has, whoever wakes this one.
	retryPause = 5 * time.Second
	// heartbeat is how often the store is told that the builder lives; it forgets one
	// after ten seconds.
	heartbeat = 3 * time.Second
)

// errLost says that another builder took this one for dead, or that the space is
// gone.
var errLost = errors.New("the space is another builder's, or gone")

// Builder builds spaces. Run does the work; Wake is safe for concurrent use.
type Builder struct {
	store    Store
	embedder Embedder
	log      *slog.Logger
	name     string // tells it from other builders
	wakeup   chan struct{}
}

// New returns a builder that does nothing yet.
func New(store Store, embedder Embedder, log *slog.Logger) *Builder {
	return &Builder{store: store, embedder: embedder, log: log, name: rand.Text(), wakeup: make(chan struct{}, 1)}
}

// Wake has the builder look for work at once; it never waits.
func (b *Builder) Wake() {
	select {
	case b.wakeup <- struct{}{}:
	default:
	}
}

// Run builds what there is to build until ctx ends.
func (b *Builder) Run(ctx context.Context, spaces Spaces, calibrator Calibrator) {
	resting := map[string]time.Time{} // by tables: spaces that are left alone until then
	for {
		wait := b.round(ctx, spaces, calibrator, resting)
		select {
		case <-ctx.Done():
			return
		case <-b.wakeup:
		case <-time.After(wait):
		}
	}
}

// round builds each space that lacks something and is not resting, and returns how
// long there is nothing more to do.
func (b *Builder) round(ctx context.Context, spaces Spaces, calibrator Calibrator, resting map[string]time.Time) (wait time.Duration) {
	list, err := b.store.SpacesToBuild(ctx)
	if err != nil {
		if ctx.Err() == nil {
			b.log.WarnContext(ctx, "spaces not looked after; tried again later", "error", err)
		}
		return retryPause
	}
	maps.DeleteFunc(resting, func(_ string, until time.Time) bool { return time.Now().After(until) })
	for _, sp := range list {
		if _, rests := resting[sp.VectorTable]; rests {
			continue
		}
		done, err := b.build(ctx, spaces, calibrator, sp)
		if done || ctx.Err() != nil {
			continue
		}
		resting[sp.VectorTable] = time.Now().Add(retryPause)
		if err != nil {
			b.log.WarnContext(ctx, "space not built; tried again later", "space", sp.Name(), "error", err)
		}
	}
	if len(resting) > 0 {
		return retryPause
	}
	return pause
}

// build gives a space what it lacks; done is false where another builder is at it
// or some is left.
func (b *Builder) build(ctx context.Context, spaces Spaces, calibrator Calibrator, sp space.Space) (done bool, err error) {
	held, err := b.store.HoldSpace(ctx, sp, b.name)
	if err != nil || !held {
		return false, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		b.beat(ctx, stop, sp)
	}()
	defer func() {
		stop(nil)
		<-beating
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeat)
		defer cancel()
		if failed := b.store.ReleaseSpace(release, sp, b.name); failed != nil {
			b.log.DebugContext(ctx, "space not released; it is soon free by itself", "space", sp.Name(), "error", failed)
		}
	}()
	w := &worker{documents: b.store, embedder: b.embedder, prepare: calibrator.Prepare, prepared: map[string]bool{}}
	w.store = func(ctx context.Context, list []document.Built) ([]string, error) {
		return b.store.AddWindows(ctx, w.space, b.name, list)
	}
	if w.space, err = spaces.Served(ctx, sp); err != nil {
		return false, err
	}
	if sp.State == space.Building {
		b.log.InfoContext(ctx, "building a space", "space", sp.Name(), "model", sp.Model)
	}
	if err := b.all(ctx, w); err != nil {
		if errors.Is(context.Cause(ctx), errLost) {
			err = errLost
		}
		return false, fmt.Errorf("%w (%d documents done)", err, w.done)
	}
	if err := calibrator.Calibrate(ctx, w.space); err != nil {
		return false, err
	}
	ready, err := b.store.MakeReady(ctx, sp)
	if ready {
		b.log.InfoContext(ctx, "a space is ready", "space", sp.Name(), "documents", w.done, "windows", w.windows)
	}
	return ready || sp.State != space.Building, err
}

// hopeless is how many documents in a row must fail for the fault to be the model
// server's, and not of what they say.
const hopeless = 5

// all embeds every document that the worker's space lacks, and returns the first error
// of one that fails. Documents written meanwhile come with their vectors, or are
// found by the next round.
func (b *Builder) all(ctx context.Context, w *worker) (failed error) {
	const atATime = 100
	for after := ""; ; {
		ids, err := b.store.DocumentsToBuild(ctx, w.space, after, atATime)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return failed
		}
		after = ids[len(ids)-1]
		if w.together(ctx, ids) == nil {
			continue
		}
		inARow := 0
		for _, id := range ids {
			err := w.together(ctx, []string{id})
			if err == nil {
				inARow = 0
				continue
			}
			if failed == nil {
				failed = fmt.Errorf("document %s: %w", id, err)
			}
			if inARow++; inARow == hopeless || ctx.Err() != nil {
				return failed
			}
		}
	}
}

// beat keeps a space until ctx ends, and ends it where the space is lost.
func (b *Builder) beat(ctx context.Context, stop context.CancelCauseFunc, sp space.Space) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if held, err := b.store.HoldSpace(ctx, sp, b.name); err == nil && !held {
				stop(errLost)
				return
			}
		}
	}
}
