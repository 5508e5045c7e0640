package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/accord-search/accord/internal/document"
)

// indexKeeper gives each language of a space's centred vectors a partial HNSW
// index once it has enough rows, in the background, and notes with the calibration
// which languages have one. One index over all languages would not do: filtered by
// language it finds almost nothing (recall@10 .11 at 100,000 rows and a language of
// 10 %; docs/decisions, STORE-1).
//
// No writer keeps an index up: that takes 1.9 ms a row, against .01. What is written
// of a language that has an index, or is getting one, is fresh: outside of it, and
// compared one by one by searches, until the keeper takes it in.
type indexKeeper struct {
	pool    *pgxpool.Pool
	minRows int64
	log     *slog.Logger
	counts  map[string]map[string]rowCount // of the last look, by space and language; run's alone
	busy    sync.Map                       // space → chan struct{}, which holds one value while its indexes are made

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
	// bulkRows is how many rows of a language written since the last look are an
	// import, whose end is waited for: if the generation is outgrown then, the next
	// one brings its own index.
	bulkRows = 1_000
)

func newIndexKeeper(pool *pgxpool.Pool, minRows int64, log *slog.Logger) *indexKeeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &indexKeeper{
		pool: pool, minRows: minRows, log: log, counts: map[string]map[string]rowCount{},
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

// look builds what is missing, takes fresh rows in, and takes note of what there
// is. What fails for one table does not keep it from the others.
func (k *indexKeeper) look(ctx context.Context) error {
	tables, err := k.tables(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, t := range tables {
		if err := k.keep(ctx, t, false); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", t.name, err))
		}
	}
	return errors.Join(failed...)
}

// centredTable is a table that may have indexes.
type centredTable struct {
	space      string // its name
	name       string
	dimensions int
}

// tables returns the tables that are searched and that no next one is being built
// beside, which will bring its own indexes.
func (k *indexKeeper) tables(ctx context.Context) ([]centredTable, error) {
	ctx, cancel := context.WithTimeout(ctx, indexLookLimit)
	defer cancel()
	rows, err := k.pool.Query(ctx, `SELECT s.collection_id, s.space_id, c.centred_table, s.dimensions
		FROM spaces s JOIN calibrations c USING (collection_id, space_id, generation) WHERE s.dimensions <= $1
			AND NOT EXISTS (SELECT FROM calibrations n WHERE (n.collection_id, n.space_id) = (s.collection_id, s.space_id)
				AND n.generation > s.generation AND n.heartbeat > now() - $2::interval)`, maxHalfvecIndexed, heartbeatLimit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t centredTable, err error) {
		var collection, id string
		err = row.Scan(&collection, &id, &t.name, &t.dimensions)
		t.space = document.SpaceName(collection, id)
		return t, err
	})
}

// keep notes which languages of a table have their index, and makes those that
// are missing, noting each when it is done; of those that have one it takes the
// fresh rows in. What an import is writing to is left until it ends, unless now.
func (k *indexKeeper) keep(ctx context.Context, t centredTable, now bool) error {
	held, _ := k.busy.LoadOrStore(t.space, make(chan struct{}, 1))
	select {
	case held.(chan struct{}) <- struct{}{}:
		defer func() { <-held.(chan struct{}) }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ready, err := k.note(ctx, t.name)
	if err != nil {
		return err
	}
	counts, err := k.rows(ctx, t.name)
	if err != nil {
		return err
	}
	var before map[string]rowCount
	if !now {
		before, k.counts[t.space] = k.counts[t.space], counts
	}
	for _, language := range slices.Sorted(maps.Keys(counts)) {
		n := counts[language]
		if before != nil && n.writtenSince(before[language]) > bulkRows {
			k.wake()
			continue
		}
		if slices.Contains(ready, language) {
			if err := k.absorb(ctx, t.name, language); err != nil {
				return fmt.Errorf("take rows of %s into the index: %w", language, err)
			}
			continue
		}
		if n.all < k.minRows {
			continue
		}
		if err := k.build(ctx, t, language, n.all, now); err != nil {
			return fmt.Errorf("index of %s: %w", language, err)
		}
		if _, err := k.note(ctx, t.name); err != nil {
			return err
		}
	}
	return nil
}

// note writes down which languages of a table have their index, and returns them.
func (k *indexKeeper) note(ctx context.Context, table string) (ready []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, indexLookLimit)
	defer cancel()
	if ready, err = k.indexed(ctx, table); err != nil {
		return nil, err
	}
	_, err = k.pool.Exec(ctx, "UPDATE calibrations SET indexed = $2 WHERE centred_table = $1 AND indexed <> $2", table, ready)
	return ready, err
}

// rowCount is how many rows of a language an index would hold, and how many are fresh.
type rowCount struct{ all, fresh int64 }

// writtenSince is about how many rows were added or written anew.
func (c rowCount) writtenSince(before rowCount) int64 {
	return max(c.all-before.all, c.fresh-before.fresh)
}

// rows counts the rows of each language.
func (k *indexKeeper) rows(ctx context.Context, table string) (map[string]rowCount, error) {
	ctx, cancel := context.WithTimeout(ctx, indexLookLimit)
	defer cancel()
	rows, err := k.pool.Query(ctx, fmt.Sprintf(`SELECT language, sum(n)::bigint, sum(new)::bigint FROM (
			SELECT language, count(*) AS n, 0 AS new FROM %[1]s WHERE kind = ANY($1) GROUP BY language
			UNION ALL SELECT language, 0, count(*) FROM %[1]s WHERE fresh GROUP BY language) counted
		WHERE language ~ $2 GROUP BY language`, quoteTable(table)), kindNumbers(rankedKinds), plainSubtag)
	if err != nil {
		return nil, err
	}
	counts := map[string]rowCount{}
	var (
		language string
		n        rowCount
	)
	_, err = pgx.ForEachRow(rows, []any{&language, &n.all, &n.fresh}, func() error {
		counts[language] = n
		return nil
	})
	return counts, err
}

// indexed returns the languages of a table whose index may be used.
func (k *indexKeeper) indexed(ctx context.Context, table string) ([]string, error) {
	rows, err := k.pool.Query(ctx, `SELECT substr(c.relname, length($1) + 1) AS language
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = to_regclass($2) AND i.indisvalid AND starts_with(c.relname, $1) ORDER BY language`,
		indexPrefix(table), quoteTable(table))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func indexPrefix(table string) string { return table + "_hnsw_" }

func indexName(table, language string) string { return indexPrefix(table) + language }

// plainSubtag is what a language must match that stands in a statement as a
// literal.
const plainSubtag = "^[a-z]{2,8}$"

// indexPredicate is what rows of a language's index satisfy. A search repeats it
// word for word.
func indexPredicate(language string) string {
	return fmt.Sprintf("language = '%s' AND kind IN (%d, %d) AND NOT fresh", language, document.KindParagraph, document.KindArticle)
}
