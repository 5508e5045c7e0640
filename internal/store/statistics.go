package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// analyser has Postgres look at tables that an import has filled or outgrown, in the
// background. Housekeeping of Postgres's own comes to a table a minute later or more,
// and until then plans are made for one that is empty.
type analyser struct {
	pool *pgxpool.Pool
	log  *slog.Logger

	mu      sync.Mutex
	written map[string]growth // by collection
	due     map[string]bool

	wakeup chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

// growth is how many passages this process wrote, and at how many it looks next.
type growth struct{ passages, next int }

const (
	// firstLook is after how many passages of a collection its tables are looked at.
	firstLook = 1_000
	// outgrown is the factor by which a table has grown since its last ANALYZE when it is
	// analysed again.
	outgrown = 2
	// analyseLimit bounds one ANALYZE, which reads up to 30,000 rows.
	analyseLimit = time.Minute
	// watchedCollections bounds the memory of a server with very many collections.
	watchedCollections = 10_000
)

func newAnalyser(pool *pgxpool.Pool, log *slog.Logger) *analyser {
	ctx, cancel := context.WithCancel(context.Background())
	a := &analyser{
		pool: pool, log: log, written: map[string]growth{}, due: map[string]bool{},
		wakeup: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{}),
	}
	go a.run(ctx)
	return a
}

func (a *analyser) close() {
	a.cancel()
	<-a.done
}

// wrote notes that so many passages of a collection were written. It never waits for
// a look.
func (a *analyser) wrote(collection string, passages int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.written) >= watchedCollections {
		clear(a.written)
	}
	g := a.written[collection]
	g.passages += passages
	if g.passages >= max(g.next, firstLook) {
		g.next = g.passages + g.passages/2 // tables do not double exactly when passages do
		a.due[collection] = true
		select {
		case a.wakeup <- struct{}{}:
		default:
		}
	}
	a.written[collection] = g
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
			if err := a.look(ctx, collection); err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "tables not analysed; Postgres does so later", "collection", collection, "error", err)
			}
		}
	}
}

// look analyses the tables of a collection, and those that all share, that were never
// analysed or have outgrown what was found then.
func (a *analyser) look(ctx context.Context, collection string) error {
	tables, err := a.outgrown(ctx, collection)
	if err != nil {
		return err
	}
	var failed []error
	for _, table := range tables {
		limited, cancel := context.WithTimeout(ctx, analyseLimit)
		// One that is being analysed, or has an index built, is left alone.
		_, err := a.pool.Exec(limited, "ANALYZE (SKIP_LOCKED) "+table)
		cancel()
		if err != nil && !isGone(err) {
			failed = append(failed, fmt.Errorf("%s: %w", table, err))
		}
	}
	return errors.Join(failed...)
}

// outgrown returns the quoted names of the tables that are to be analysed.
func (a *analyser) outgrown(ctx context.Context, collection string) ([]string, error) {
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
		ORDER BY name`, collection, countsSuffix, outgrown)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// isGone reports whether a table was dropped meanwhile.
func isGone(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42P01" // undefined_table
}
