// Package upkeep keeps calibrations up with their corpora: it has background
// texts embedded for languages that are new to a space, and a new generation
// built when a corpus has outgrown the one in use. What a calibration is stands
// in package calibrate; how one is stored and swapped, in package store.
package upkeep

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Store is what a Keeper asks of the database; store.Store says more.
type Store interface {
	ActiveSpace(ctx context.Context, collection string) (space.Space, error)
	// Spaces returns the active one first.
	Spaces(ctx context.Context, collection string) ([]space.Space, error)
	PassageCounts(ctx context.Context, sp space.Space) (map[string]int, error)
	CalibratedCounts(ctx context.Context, sp space.Space) (map[string]int, error)
	// LearnLanguage returns false where not all windows of the background are kept.
	LearnLanguage(ctx context.Context, sp space.Space, language string, windows int) (kept bool, err error)
	BackgroundHeld(ctx context.Context, sp space.Space, language string) (map[[2]int]bool, error)
	AddBackground(ctx context.Context, sp space.Space, language string, windows []document.PlacedWindow) error
	// ReferenceQueriesHeld returns the form and number of the queries that are kept.
	ReferenceQueriesHeld(ctx context.Context, sp space.Space, language string) (map[[2]int]bool, error)
	AddReferenceQueries(ctx context.Context, sp space.Space, language string, queries []document.ReferenceQuery) error
	// Stale returns true if another generation should bring another index.
	Stale(ctx context.Context, sp space.Space) (bool, error)
	Recalibrate(ctx context.Context, sp space.Space) (built bool, err error)
	KeepTerms(ctx context.Context, sp space.Space) error
}

// Spaces gives a stored space with what its model server says of it; space.Manager
// says more.
type Spaces interface {
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder makes vectors for a space; done gets those of texts[start:] as each
// request is answered, one call at a time.
type Embedder interface {
	EmbedEach(ctx context.Context, sp space.Space, texts []string, done func(start int, batch []document.Embedding) error) error
	// EmbedQuery returns the unit vector of a query.
	EmbedQuery(ctx context.Context, sp space.Space, text string) ([]float32, error)
}

const (
	// quiet is how long no write must come, nor an import be under way, before a
	// corpus is looked at; after patience it is looked at all the same.
	quiet    = 2 * time.Second
	patience = 5 * time.Minute
	// looksAtOnce is how many collections are looked at at once.
	looksAtOnce = 3
	// taskLimit bounds one task in the background: a generation of a large
	// corpus is copied and indexed anew.
	taskLimit = 2 * time.Hour
)

// ErrNoBackground says that the model server makes no vectors of texts in a language.
var ErrNoBackground = errors.New("the model server is of no use for a language")

// Keeper keeps calibrations up. It is safe for concurrent use. Close ends it.
type Keeper struct {
	store    Store
	spaces   Spaces
	embedder Embedder
	log      *slog.Logger

	preparing singleflight.Group
	building  sync.Map // collection → chan struct{}, which holds one value while it is kept
	looks     chan struct{}

	mu      sync.Mutex
	written map[string]bool // collections
	looked  map[string]bool // collections that are being looked at
	asked   map[question]bool
	wakeup  chan struct{}
	imports atomic.Int64 // under way
	ctx     context.Context
	cancel  context.CancelFunc
	tasks   sync.WaitGroup // none begins once ctx has ended
}

// question is a language that a collection was asked in.
type question struct{ collection, language string }

// New returns a keeper that works in the background until it is closed.
func New(store Store, spaces Spaces, embedder Embedder, log *slog.Logger) *Keeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &Keeper{
		store: store, spaces: spaces, embedder: embedder, log: log,
		written: map[string]bool{}, looked: map[string]bool{}, asked: map[question]bool{},
		looks: make(chan struct{}, looksAtOnce), wakeup: make(chan struct{}, 1), ctx: ctx, cancel: cancel,
	}
	k.tasks.Go(func() { k.run(ctx) })
	return k
}

// Close ends the background work.
func (k *Keeper) Close() {
	k.mu.Lock()
	k.cancel()
	k.mu.Unlock()
	k.tasks.Wait()
}

// begin has a task done in the background, unless the keeper is closed.
func (k *Keeper) begin(task func(context.Context)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.ctx.Err(); err != nil {
		return err
	}
	k.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(k.ctx, taskLimit)
		defer cancel()
		task(ctx)
	})
	return nil
}

// Changed has a collection looked at soon; it never waits.
func (k *Keeper) Changed(collection string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.written[collection] = true
	k.wake()
}

// Asked has a space prepared for questions in a language that its calibration
// does not know; it never waits.
func (k *Keeper) Asked(sp space.Space, language string) {
	if knows(sp, language) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked[question{sp.Collection, language}] = true
	k.wake()
}

func (k *Keeper) wake() {
	select {
	case k.wakeup <- struct{}{}:
	default:
	}
}

func (k *Keeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-k.wakeup:
		}
		for first, busy := time.Now(), true; busy && time.Since(first) < patience; {
			k.answer(ctx)
			select {
			case <-ctx.Done():
				return
			case <-k.wakeup:
			case <-time.After(quiet):
				busy = k.imports.Load() > 0
			}
		}
		for collection := range take(&k.mu, &k.written) {
			k.look(collection)
		}
	}
}

// look has a collection kept, beside others; one that is being kept is looked at
// again after that.
func (k *Keeper) look(collection string) {
	k.mu.Lock()
	busy := k.looked[collection]
	k.looked[collection] = true
	if busy {
		k.written[collection] = true
	}
	k.mu.Unlock()
	if busy {
		return
	}
	_ = k.begin(func(ctx context.Context) { // a closed keeper keeps nothing
		defer func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			delete(k.looked, collection)
			if k.written[collection] {
				k.wake()
			}
		}()
		select {
		case k.looks <- struct{}{}:
			defer func() { <-k.looks }()
		case <-ctx.Done():
			return
		}
		k.report(ctx, collection, k.keep(ctx, collection))
	})
}

// answer prepares spaces for the questions that came.
func (k *Keeper) answer(ctx context.Context) {
	for q := range take(&k.mu, &k.asked) {
		k.report(ctx, q.collection, k.bounded(ctx, func(ctx context.Context) error {
			stored, err := k.store.ActiveSpace(ctx, q.collection)
			if err != nil {
				return err
			}
			sp, err := k.spaces.Served(ctx, stored)
			if err != nil {
				return err
			}
			return k.Prepare(ctx, sp, q.language)
		}))
	}
}

// take empties a set and returns what was in it.
func take[K comparable](mu *sync.Mutex, set *map[K]bool) map[K]bool {
	mu.Lock()
	defer mu.Unlock()
	taken := *set
	*set = map[K]bool{}
	return taken
}

func (k *Keeper) bounded(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, taskLimit)
	defer cancel()
	return f(ctx)
}

func (k *Keeper) report(ctx context.Context, collection string, err error) {
	if err != nil && ctx.Err() == nil && !errors.Is(err, document.ErrNotFound) {
		k.log.WarnContext(ctx, "calibration not kept up; tried again after the next write or question", "collection", collection, "error", err)
	}
}

// Importing says that many writes are to come, until done is called.
func (k *Keeper) Importing() (done func()) {
	k.imports.Add(1)
	return func() { k.imports.Add(-1) }
}

// Calibrate builds a generation for a space, active or not, if its corpus has
// outgrown the one in use.
func (k *Keeper) Calibrate(ctx context.Context, sp space.Space) error {
	counts, err := k.store.PassageCounts(ctx, sp)
	if err != nil {
		return err
	}
	return k.calibrate(ctx, sp, counts)
}

func (k *Keeper) calibrate(ctx context.Context, sp space.Space, counts map[string]int) error {
	calibrated, err := k.store.CalibratedCounts(ctx, sp)
	if err != nil {
		return err
	}
	if !outgrown(calibrated, counts) {
		if stale, err := k.store.Stale(ctx, sp); err != nil || !stale {
			return err
		}
	}
	if err := k.prepareAll(ctx, sp, counts); err != nil {
		// The next generation does without; the one after may have it.
		k.log.WarnContext(ctx, "background texts not embedded", "space", sp.Name(), "error", err)
	}
	_, err = k.store.Recalibrate(ctx, sp)
	return err
}

// prepareAll prepares a space for the languages of its corpus: documents whose
// language was changed came without.
func (k *Keeper) prepareAll(ctx context.Context, stored space.Space, counts map[string]int) error {
	for language := range counts {
		if knows(stored, language) {
			continue
		}
		sp, err := k.spaces.Served(ctx, stored)
		if err != nil {
			return err
		}
		if err := k.Prepare(ctx, sp, language); err != nil {
			return err
		}
	}
	return nil
}
