// Package maintenance keeps calibrations up to date. It embeds reference texts for
// languages that are new to a space, and builds a new generation when a corpus has
// outgrown the current one. Package calibrate defines what a calibration is; package
// store stores and swaps them.
package maintenance

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/keylock"
	"github.com/accord-search/accord/internal/space"
)

// Store is the part of the database that a Keeper uses. See store.Store for the full
// contract.
type Store interface {
	ActiveSpace(ctx context.Context, collection string) (space.Space, error)
	// Spaces returns the active space first.
	Spaces(ctx context.Context, collection string) ([]space.Space, error)
	PassageCounts(ctx context.Context, sp space.Space) (map[string]int, error)
	CalibratedCounts(ctx context.Context, sp space.Space) (map[string]int, error)
	// WrittenCounts returns how many of the PassageCounts were written since the current
	// generation was begun.
	WrittenCounts(ctx context.Context, sp space.Space) (map[string]int, error)
	// LearnLanguage returns false if some of the windows of the reference texts are not
	// stored.
	LearnLanguage(ctx context.Context, sp space.Space, language string, windows int) (kept bool, err error)
	ReferenceTextsHeld(ctx context.Context, sp space.Space, language string) (map[[2]int]bool, error)
	AddReferenceTexts(ctx context.Context, sp space.Space, language string, windows []document.PlacedWindow) error
	// ReferenceQueriesHeld returns the forms and numbers of the stored reference queries.
	ReferenceQueriesHeld(ctx context.Context, sp space.Space, language string) (map[[2]int]bool, error)
	AddReferenceQueries(ctx context.Context, sp space.Space, language string, queries []document.ReferenceQuery) error
	// Stale reports whether a new generation should be built to get a new index.
	Stale(ctx context.Context, sp space.Space) (bool, error)
	// Recalibrate returns false if another server is building a generation.
	Recalibrate(ctx context.Context, sp space.Space) (built bool, err error)
	KeepTerms(ctx context.Context, sp space.Space) error
}

// Spaces returns a stored space with the current limits of its model server. See
// space.Registry for the full contract.
type Spaces interface {
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder makes vectors for a space. EmbedEach calls done with the vectors of
// texts[start:] after each request; the calls do not overlap.
type Embedder interface {
	EmbedEach(ctx context.Context, sp space.Space, texts []string, done func(start int, batch []document.Embedding) error) error
	// EmbedQuery returns the unit vector of a query.
	EmbedQuery(ctx context.Context, sp space.Space, text string) ([]float32, error)
}

const (
	// quiet is how long there must have been no write and no import before a changed
	// collection is maintained. After patience it is maintained in any case.
	quiet    = 2 * time.Second
	patience = 5 * time.Minute
	// maxConcurrent is the number of collections that are maintained at the same
	// time.
	maxConcurrent = 3
	// taskLimit bounds one background task. The longest task copies and indexes a
	// generation of a large corpus.
	taskLimit = 2 * time.Hour
)

// ErrNoReferenceTexts means that the model server embeds no texts in a language.
var ErrNoReferenceTexts = errors.New("the model server embeds no texts in a language")

// Keeper keeps calibrations up to date in the background, until it is closed. It is
// safe for concurrent use.
type Keeper struct {
	store    Store
	spaces   Spaces
	embedder Embedder
	log      *slog.Logger

	preparing singleflight.Group
	locks     keylock.Locks // by collection; held while the collection is maintained
	slots     chan struct{}

	mu         sync.Mutex
	changed    map[string]bool // collections that have changed
	inProgress map[string]bool // collections that are being maintained
	asked      map[question]bool
	later      map[string]bool // collections that checkLater waits for
	wakeup     chan struct{}
	imports    atomic.Int64 // number of imports in progress
	// askedFailed is when the preparation that a search waited for last failed.
	askedFailed atomic.Pointer[time.Time]
	ctx         context.Context
	cancel      context.CancelFunc
	tasks       sync.WaitGroup // no task begins after ctx has ended
}

// question identifies a language that a collection was queried in. It is one of the
// languages with reference texts, or the fallback for all others, so that callers
// cannot make the set of questions grow.
type question struct{ collection, language string }

// New returns a keeper and starts its background work.
func New(store Store, spaces Spaces, embedder Embedder, log *slog.Logger) *Keeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &Keeper{
		store: store, spaces: spaces, embedder: embedder, log: log,
		changed: map[string]bool{}, inProgress: map[string]bool{}, asked: map[question]bool{}, later: map[string]bool{},
		slots: make(chan struct{}, maxConcurrent), wakeup: make(chan struct{}, 1), ctx: ctx, cancel: cancel,
	}
	k.tasks.Go(guard.Log(log, "maintenance", func() { k.run(ctx) }))
	return k
}

// Close cancels the background work and waits for it.
func (k *Keeper) Close() {
	k.mu.Lock()
	k.cancel()
	k.mu.Unlock()
	k.tasks.Wait()
}

// startTask runs a task in the background, unless the keeper is closed. A panic of the
// task is logged.
func (k *Keeper) startTask(task func(context.Context)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.ctx.Err(); err != nil {
		return err
	}
	k.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(k.ctx, taskLimit)
		defer cancel()
		if err := guard.Call(func() error { task(ctx); return nil }); err != nil {
			k.log.ErrorContext(ctx, "a maintenance task panicked", "error", err)
		}
	})
	return nil
}

// Changed schedules the maintenance of a collection. It does not block.
func (k *Keeper) Changed(collection string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changed[collection] = true
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
			k.prepareAsked(ctx)
			select {
			case <-ctx.Done():
				return
			case <-k.wakeup:
			case <-time.After(quiet):
				busy = k.imports.Load() > 0
			}
		}
		for collection := range take(&k.mu, &k.changed) {
			k.startMaintenance(collection)
		}
	}
}

// startMaintenance maintains a collection in a task of its own. If it is being
// maintained already, it is maintained again afterwards.
func (k *Keeper) startMaintenance(collection string) {
	k.mu.Lock()
	busy := k.inProgress[collection]
	k.inProgress[collection] = true
	if busy {
		k.changed[collection] = true
	}
	k.mu.Unlock()
	if busy {
		return
	}
	_ = k.startTask(func(ctx context.Context) { // a closed keeper does nothing
		defer func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			delete(k.inProgress, collection)
			if k.changed[collection] {
				k.wake()
			}
		}()
		select {
		case k.slots <- struct{}{}:
			defer func() { <-k.slots }()
		case <-ctx.Done():
			return
		}
		k.logError(ctx, collection, k.maintain(ctx, collection))
	})
}

// prepareAsked prepares spaces for the recorded questions.
func (k *Keeper) prepareAsked(ctx context.Context) {
	for q := range take(&k.mu, &k.asked) {
		k.logError(ctx, q.collection, k.withTaskLimit(ctx, func(ctx context.Context) error {
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

// take empties a set and returns its previous content.
func take[K comparable](mu *sync.Mutex, set *map[K]bool) map[K]bool {
	mu.Lock()
	defer mu.Unlock()
	taken := *set
	*set = map[K]bool{}
	return taken
}

// withTaskLimit calls f with a context that ends after taskLimit. It returns the error of f,
// or an error if f panics.
func (k *Keeper) withTaskLimit(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, taskLimit)
	defer cancel()
	return guard.Call(func() error { return f(ctx) })
}

func (k *Keeper) logError(ctx context.Context, collection string, err error) {
	if err != nil && ctx.Err() == nil && !errors.Is(err, document.ErrNotFound) {
		k.log.WarnContext(ctx, "maintenance of a collection failed; it is retried after the next write or query", "collection", collection, "error", err)
	}
}

// Importing records that an import is in progress until done is called.
func (k *Keeper) Importing() (done func()) {
	k.imports.Add(1)
	return func() { k.imports.Add(-1) }
}
