package store

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/accord-search/accord/internal/document"
)

// indexKeeper gives each language of a space a partial HNSW index once it has
// enough rows, in the background, and knows which have one. One index over all
// languages would not do: filtered by language it finds almost nothing
// (recall@10 .11 at 100,000 rows and a language of 10 %; design, Retrieval 6).
type indexKeeper struct {
	pool    *pgxpool.Pool
	minRows int64
	log     *slog.Logger

	wakeup chan struct{}
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.RWMutex
	ready map[string][]string // vector table → languages with a valid index
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
		ready: map[string][]string{},
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

// languages returns the languages of a vector table that have an index.
func (k *indexKeeper) languages(table string) []string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.ready[table]
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
		ready, err := k.keep(ctx, table, dimensions)
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		k.mu.Lock()
		k.ready[table] = ready
		k.mu.Unlock()
	}
	return nil
}

func (k *indexKeeper) tables(ctx context.Context) (map[string]int, error) {
	rows, err := k.pool.Query(ctx, "SELECT vector_table, dimensions FROM spaces WHERE dimensions <= $1", maxHalfvecIndexed)
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

// keep makes the indexes of one table and returns the languages that have one.
func (k *indexKeeper) keep(ctx context.Context, table string, dimensions int) ([]string, error) {
	ready, err := k.indexed(ctx, table)
	if err != nil {
		return nil, err
	}
	rows, err := k.pool.Query(ctx, "SELECT language FROM "+quoteTable(table)+
		" WHERE kind = ANY($1) GROUP BY language HAVING count(*) >= $2", kindNumbers(rankedKinds), k.minRows)
	if err != nil {
		return nil, err
	}
	large, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	for _, language := range large {
		if slices.Contains(ready, language) || !plainSubtag.MatchString(language) {
			continue
		}
		if err := k.build(ctx, table, language, dimensions); err != nil {
			return nil, err
		}
	}
	return k.indexed(ctx, table)
}

// build makes one index without blocking writers. What an interrupted build
// left is removed first, unless another replica is at it.
func (k *indexKeeper) build(ctx context.Context, table, language string, dimensions int) error {
	var building bool
	err := k.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE relid = to_regclass($1))`, quoteTable(table)).Scan(&building)
	if err != nil || building {
		return err
	}
	name := quoteTable(indexName(table, language))
	start := time.Now()
	for _, ddl := range []string{
		"DROP INDEX CONCURRENTLY IF EXISTS " + name,
		fmt.Sprintf("CREATE INDEX CONCURRENTLY IF NOT EXISTS %s ON %s USING hnsw (embedding %s_ip_ops) WHERE %s",
			name, quoteTable(table), vectorType(dimensions), indexPredicate(language)),
	} {
		if _, err := k.pool.Exec(ctx, ddl, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("index of %s: %w", language, err)
		}
	}
	k.log.InfoContext(ctx, "vector index built", "table", table, "language", language, "duration", time.Since(start))
	return nil
}

// indexed returns the languages of a table whose index may be used.
func (k *indexKeeper) indexed(ctx context.Context, table string) ([]string, error) {
	rows, err := k.pool.Query(ctx, `SELECT substr(c.relname, length($1) + 1) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = to_regclass($2) AND i.indisvalid AND starts_with(c.relname, $1) ORDER BY 1`,
		indexName(table, ""), quoteTable(table))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func indexName(table, language string) string { return table + "_hnsw_" + language }

// plainSubtag is a language that may stand in a statement as a literal.
var plainSubtag = regexp.MustCompile(`^[a-z]{2,8}$`)

// indexPredicate is what rows of a language's index satisfy. A search repeats
// it word for word.
func indexPredicate(language string) string {
	return fmt.Sprintf("language = '%s' AND kind IN (%d, %d)", language, document.KindParagraph, document.KindArticle)
}
