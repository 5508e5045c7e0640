package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/guard"
)

// analyser runs ANALYZE in the background on tables that an import has filled, or that have
// grown much. Autovacuum does so only after a minute or more. Until then, Postgres plans as
// if the tables were empty.
type analyser struct {
	pool *sharedPool
	log  *slog.Logger

	mu      sync.Mutex
	written *lru.Cache[string, growth] // by collection
	due     map[string]bool

	wakeup chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

// growth has the number of passages of a collection that this process wrote, and the number
// at which its tables are checked next.
type growth struct{ passages, next int }

const (
	// firstCheck is the number of written passages of a collection after which its
	// tables are checked.
	firstCheck = 1_000
	// outgrownFactor is the factor by which a table must have grown since its last ANALYZE
	// to be analysed again.
	outgrownFactor = 2
	// analyseLimit bounds one ANALYZE, which reads up to 30,000 rows.
	analyseLimit = time.Minute
	// maxCached bounds the collections or spaces that one cache keeps data for.
	maxCached = 10_000
)

// newBoundedCache returns a cache with a value for each collection or space. It forgets the
// least recently used one, whose value starts again at zero.
func newBoundedCache[V any]() *lru.Cache[string, V] {
	cache, err := lru.New[string, V](maxCached)
	if err != nil {
		panic(err) // cannot happen: only a size below 1 is refused
	}
	return cache
}

func newAnalyser(pool *sharedPool, log *slog.Logger) *analyser {
	ctx, cancel := context.WithCancel(context.Background())
	a := &analyser{
		pool: pool, log: log, written: newBoundedCache[growth](), due: map[string]bool{},
		wakeup: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{}),
	}
	go guard.Log(log, "ANALYZE of tables", func() { a.run(ctx) })()
	return a
}

func (a *analyser) close() {
	a.cancel()
	<-a.done
}

// countWritten counts written passages of a collection. It never blocks.
func (a *analyser) countWritten(collection string, passages int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g, _ := a.written.Get(collection)
	g.passages += passages
	if g.passages >= max(g.next, firstCheck) {
		g.next = g.passages + g.passages/2 // check again before the number doubles, since tables do not grow exactly as passages do
		a.due[collection] = true
		select {
		case a.wakeup <- struct{}{}:
		default:
		}
	}
	a.written.Add(collection, g)
}

func (a *analyser) run(ctx context.Context) {
	defer close(a.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wakeup:
		}
		a.mu.Lock()
		due := a.due
		a.due = map[string]bool{}
		a.mu.Unlock()
		for collection := range due {
			if err := guard.Call(func() error { return a.analyse(ctx, collection) }); err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "tables not analysed; autovacuum will do it", "collection", collection, "error", err)
			}
		}
	}
}

// analyse runs ANALYZE on the tables of a collection, and on those that collections share,
// if they were never analysed or have outgrown their last ANALYZE.
func (a *analyser) analyse(ctx context.Context, collection string) error {
	tables, err := a.outgrownTables(ctx, collection)
	if err != nil {
		return err
	}
	var failed []error
	for _, table := range tables {
		limited, cancel := context.WithTimeout(ctx, analyseLimit)
		// SKIP_LOCKED skips a table that is being analysed, or whose index is being
		// built.
		_, err := a.pool.Exec(limited, "ANALYZE (SKIP_LOCKED) "+table)
		cancel()
		if err != nil && !isGone(err) {
			failed = append(failed, fmt.Errorf("%s: %w", table, err))
		}
	}
	return errors.Join(failed...)
}

// outgrownTables returns the quoted names of the tables to analyse.
func (a *analyser) outgrownTables(ctx context.Context, collection string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, analyseLimit)
	defer cancel()
	rows, err := a.pool.Query(ctx, `WITH used(name) AS (
			SELECT unnest(ARRAY['documents', 'passages', 'indexed_documents'])
			UNION ALL SELECT unnest(ARRAY[terms_table, terms_table || $2]) FROM collections WHERE collection_id = $1
			UNION ALL SELECT vector_table FROM spaces WHERE collection_id = $1
			UNION ALL SELECT centred_table FROM calibrations WHERE collection_id = $1 AND retire_time IS NULL)
		SELECT quote_ident(name) FROM used JOIN pg_class c ON c.oid = to_regclass(quote_ident(name))
		WHERE pg_relation_size(c.oid) > 0
			AND (c.reltuples < 0 OR pg_relation_size(c.oid) >= $3 * c.relpages::bigint * current_setting('block_size')::bigint)
		ORDER BY name`, collection, countsSuffix, outgrownFactor)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
