package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/accord-search/accord/internal/document"
)

// indexKeeper gives each language of a space's centred vectors partial HNSW
// indexes, one a role, once it has enough rows, in the background, and notes with
// the calibration which languages have them. One index over all languages would
// not do: filtered by language it finds almost nothing (recall@10 .11 at 100,000
// rows and a language of 10 %; design, Retrieval 6).
type indexKeeper struct {
	pool    *pgxpool.Pool
	minRows int64
	log     *slog.Logger

	wakeup chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	// indexPause is how long writes may gather before rows are counted again.
	indexPause = 30 * time.Second
	// indexLookLimit bounds one statement that only looks.
	indexLookLimit = time.Minute
	// indexBuildLimit bounds one build; building is in the background and
	// blocks nothing.
	indexBuildLimit = 2 * time.Hour
)

func newIndexKeeper(pool *pgxpool.Pool, minRows int64, log *slog.Logger) *indexKeeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &indexKeeper{
		pool: pool, minRows: minRows, log: log,
		wakeup: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{}),
	}
	go k.run(ctx)
	return k
}

func (k *indexKeeper) close() {
	k.cancel()
	<-k.done
}

// wake asks for a look at the tables soon; it never waits.
func (k *indexKeeper) wake() {
	select {
	case k.wakeup <- struct{}{}:
	default:
	}
}

func (k *indexKeeper) run(ctx context.Context) {
	defer close(k.done)
	for {
		if err := k.look(ctx); err != nil && ctx.Err() == nil {
			k.log.WarnContext(ctx, "vector indexes not looked after; tried again later", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(indexPause):
		}
		select {
		case <-ctx.Done():
			return
		case <-k.wakeup:
		case <-time.After(10 * indexPause): // another replica may have built one
		}
	}
}

// look builds what is missing and takes note of what there is. What fails for
// one table does not keep it from the others.
func (k *indexKeeper) look(ctx context.Context) error {
	tables, err := k.tables(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for table, dimensions := range tables {
		if err := k.keep(ctx, table, dimensions); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", table, err))
		}
	}
	return errors.Join(failed...)
}

// tables returns the tables that are searched, with their dimensions. One that
// is being built is its builder's.
func (k *indexKeeper) tables(ctx context.Context) (map[string]int, error) {
	ctx, cancel := context.WithTimeout(ctx, indexLookLimit)
	defer cancel()
	rows, err := k.pool.Query(ctx, `SELECT c.centred_table, s.dimensions
		FROM spaces s JOIN calibrations c USING (collection_id, space_id, generation) WHERE s.dimensions <= $1`, maxHalfvecIndexed)
	if err != nil {
		return nil, err
	}
	tables := map[string]int{}
	var (
		table      string
		dimensions int
	)
	_, err = pgx.ForEachRow(rows, []any{&table, &dimensions}, func() error {
		tables[table] = dimensions
		return nil
	})
	return tables, err
}

// keep notes which languages of a table have their indexes, and makes those that
// are missing, noting each language when it is done.
func (k *indexKeeper) keep(ctx context.Context, table string, dimensions int) error {
	ready, err := k.note(ctx, table)
	if err != nil {
		return err
	}
	large, err := k.large(ctx, table, ready)
	if err != nil {
		return err
	}
	for _, language := range large {
		for _, role := range roles {
			if err := k.build(ctx, table, language, role, dimensions); err != nil {
				return fmt.Errorf("index of %s: %w", language, err)
			}
		}
		if _, err := k.note(ctx, table); err != nil {
			return err
		}
	}
	return nil
}

// note writes down which languages of a table have their indexes, and returns
// them.
func (k *indexKeeper) note(ctx context.Context, table string) (ready []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, indexLookLimit)
	defer cancel()
	if ready, err = k.indexed(ctx, table); err != nil {
		return nil, err
	}
	_, err = k.pool.Exec(ctx, "UPDATE calibrations SET indexed = $2 WHERE centred_table = $1 AND indexed <> $2", table, ready)
	return ready, err
}

// large returns the languages other than those ready that have rows enough for
// indexes.
func (k *indexKeeper) large(ctx context.Context, table string, ready []string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, indexLookLimit)
	defer cancel()
	rows, err := k.pool.Query(ctx, "SELECT language FROM "+quoteTable(table)+
		" WHERE kind = ANY($1) AND language <> ALL($2) AND language ~ $3 GROUP BY language HAVING count(*) >= $4",
		kindNumbers(rankedKinds), ready, plainSubtag, k.minRows)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// build makes one index without blocking writers. What an interrupted build
// left is removed first, unless another replica is at it.
func (k *indexKeeper) build(ctx context.Context, table, language string, role document.Role, dimensions int) error {
	ctx, cancel := context.WithTimeout(ctx, indexBuildLimit)
	defer cancel()
	name := indexName(table, language, role)
	var building, broken bool
	err := k.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE relid = to_regclass($1)),
		EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass($2) AND NOT indisvalid)`,
		quoteTable(table), quoteTable(name)).Scan(&building, &broken)
	if err != nil || building {
		return err
	}
	var ddl []string
	if broken {
		ddl = append(ddl, "DROP INDEX CONCURRENTLY IF EXISTS "+quoteTable(name))
	}
	ddl = append(ddl, fmt.Sprintf("CREATE INDEX CONCURRENTLY IF NOT EXISTS %s ON %s USING hnsw (centred %s_ip_ops) WHERE %s",
		quoteTable(name), quoteTable(table), vectorType(dimensions), indexPredicate(language, role)))
	start := time.Now()
	for _, sql := range ddl {
		if _, err := k.pool.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	k.log.InfoContext(ctx, "vector index built", "table", table, "language", language, "role", int(role), "duration", time.Since(start))
	return nil
}

// indexed returns the languages of a table whose indexes may be used.
func (k *indexKeeper) indexed(ctx context.Context, table string) ([]string, error) {
	rows, err := k.pool.Query(ctx, `SELECT split_part(substr(c.relname, length($1) + 1), '_', 1) AS language
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = to_regclass($2) AND i.indisvalid AND starts_with(c.relname, $1)
		GROUP BY language HAVING count(*) = $3 ORDER BY language`, indexPrefix(table), quoteTable(table), len(roles))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func indexPrefix(table string) string { return table + "_hnsw_" }

func indexName(table, language string, role document.Role) string {
	return fmt.Sprintf("%s%s_%d", indexPrefix(table), language, role)
}

// plainSubtag is what a language must match that stands in a statement as a
// literal.
const plainSubtag = "^[a-z]{2,8}$"

// indexPredicate is what rows of a language's index of a role satisfy. A search
// repeats it word for word.
func indexPredicate(language string, role document.Role) string {
	return fmt.Sprintf("language = '%s' AND role = %d AND kind IN (%d, %d)", language, role, document.KindParagraph, document.KindArticle)
}
