package store

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/accord-search/accord/internal/document"
)

// indexKeeper gives each language of a space's centred vectors partial HNSW
// indexes, one a role, once it has enough rows, in the background, and notes with
// the calibration which have them. One index over all languages would not do: filtered by language it finds almost nothing
// (recall@10 .11 at 100,000 rows and a language of 10 %; design, Retrieval 6).
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

// look builds what is missing and takes note of what there is.
func (k *indexKeeper) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, indexBuildLimit)
	defer cancel()
	tables, err := k.tables(ctx)
	if err != nil {
		return err
	}
	for table, dimensions := range tables {
		if err := k.keep(ctx, table, dimensions); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// tables returns the tables that are searched, with their dimensions. One that
// is being built is its builder's.
func (k *indexKeeper) tables(ctx context.Context) (map[string]int, error) {
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

// keep makes the indexes of one table and notes which languages have them.
func (k *indexKeeper) keep(ctx context.Context, table string, dimensions int) error {
	ready, err := k.indexed(ctx, table)
	if err != nil {
		return err
	}
	rows, err := k.pool.Query(ctx, "SELECT language FROM "+quoteTable(table)+" GROUP BY language HAVING count(*) >= $1", k.minRows)
	if err != nil {
		return err
	}
	large, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, language := range large {
		if slices.Contains(ready, language) || !plainSubtag.MatchString(language) {
			continue
		}
		for _, role := range roles {
			if err := k.build(ctx, table, language, role, dimensions); err != nil {
				return err
			}
		}
	}
	if ready, err = k.indexed(ctx, table); err != nil {
		return err
	}
	_, err = k.pool.Exec(ctx, "UPDATE calibrations SET indexed = $2 WHERE centred_table = $1 AND indexed <> $2", table, ready)
	return err
}

// build makes one index without blocking writers. What an interrupted build
// left is removed first, unless another replica is at it.
func (k *indexKeeper) build(ctx context.Context, table, language string, role document.Role, dimensions int) error {
	var building bool
	err := k.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE relid = to_regclass($1))`, quoteTable(table)).Scan(&building)
	if err != nil || building {
		return err
	}
	name := quoteTable(indexName(table, language, role))
	start := time.Now()
	for _, ddl := range []string{
		"DROP INDEX CONCURRENTLY IF EXISTS " + name,
		fmt.Sprintf("CREATE INDEX CONCURRENTLY IF NOT EXISTS %s ON %s USING hnsw (centred %s_ip_ops) WHERE %s",
			name, quoteTable(table), vectorType(dimensions), indexPredicate(language, role)),
	} {
		if _, err := k.pool.Exec(ctx, ddl, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("index of %s: %w", language, err)
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

// plainSubtag is a language that may stand in a statement as a literal.
var plainSubtag = regexp.MustCompile(`^[a-z]{2,8}$`)

// indexPredicate is what rows of a language's index satisfy. A search repeats
// it word for word.
func indexPredicate(language string, role document.Role) string {
	return fmt.Sprintf("language = '%s' AND role = %d AND kind IN (%d, %d)", language, role, document.KindParagraph, document.KindArticle)
}
