package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/keylock"
	"github.com/accord-search/accord/internal/recurring"
)

// indexKeeper builds a partial HNSW index for each language of a space's centred vectors
// that has enough rows, in the background. It records in the calibration which languages
// have one. A single index over all languages would not work: filtered by language it finds
// almost nothing (recall@10 .11 at 100,000 rows and a language of 10 %; docs/decisions,
// STORE-1).
//
// Writers do not update an index: that would take 1.9 ms per row instead of .01. New rows
// of a language that has an index, or is getting one, are marked fresh. Searches compare
// fresh rows one by one until the keeper adds them to the index.
type indexKeeper struct {
	pool    *sharedPool
	minRows int64
	log     *slog.Logger
	counts  *lru.Cache[string, map[string]rowCount] // counts of the last round, by space and then by language
	busy    keylock.Locks                           // by space; held while its indexes are built

	wakeup chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	// indexPause is how long the keeper collects writes before it counts rows again.
	indexPause = 30 * time.Second
	// indexReadLimit bounds one statement that only reads.
	indexReadLimit = time.Minute
	// indexBuildLimit bounds one build. Builds run in the background and block nothing.
	indexBuildLimit = 2 * time.Hour
	// bulkRows is a number of rows of one language. If more were written since the last
	// round, the keeper assumes an import, and waits until it ends: if the generation is
	// outgrown then, the next one gets a new index in any case.
	bulkRows = 1_000
)

func newIndexKeeper(pool *sharedPool, minRows int64, log *slog.Logger) *indexKeeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &indexKeeper{
		pool: pool, minRows: minRows, log: log, counts: newBoundedCache[map[string]rowCount](),
		wakeup: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{}),
	}
	go guard.Log(log, "vector indexes", func() { k.run(ctx) })()
	return k
}

func (k *indexKeeper) close() {
	k.cancel()
	<-k.done
}

// wake asks the keeper to check the tables soon. It never blocks.
func (k *indexKeeper) wake() {
	select {
	case k.wakeup <- struct{}{}:
	default:
	}
}

func (k *indexKeeper) run(ctx context.Context) {
	defer close(k.done)
	updating := recurring.Task{Failure: "vector indexes not updated; will retry", Logger: k.log}
	for {
		updating.Note(ctx, guard.Call(func() error { return k.updateIndexes(ctx) }))
		select {
		case <-ctx.Done():
			return
		case <-time.After(updating.Pause(indexPause)):
		}
		select {
		case <-ctx.Done():
			return
		case <-k.wakeup:
		case <-time.After(10 * indexPause): // another server may have built an index
		}
	}
}

// updateIndexes builds missing indexes, adds fresh rows to existing ones, and records
// which indexes exist. A failure for one table does not stop the others.
func (k *indexKeeper) updateIndexes(ctx context.Context) error {
	tables, err := k.searchedTables(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, t := range tables {
		if err := k.updateTable(ctx, t); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", t.name, err))
		}
	}
	return errors.Join(failed...)
}

// centredTable is a table that may have indexes.
type centredTable struct {
	space      string // name of the space
	name       string
	dimensions int
}

// searchedTables returns the tables that are searched. It leaves out tables whose next
// generation is being built, because that one gets its own indexes.
func (k *indexKeeper) searchedTables(ctx context.Context) ([]centredTable, error) {
	ctx, cancel := context.WithTimeout(ctx, indexReadLimit)
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

// updateTable records which languages of a table have an index, adds fresh rows to
// these indexes, and builds missing ones, recording each when it is done. It skips a
// language that an import is writing to.
func (k *indexKeeper) updateTable(ctx context.Context, t centredTable) error {
	return k.update(ctx, t, false)
}

// updateTableNow is like updateTable, but skips no language.
func (k *indexKeeper) updateTableNow(ctx context.Context, t centredTable) error {
	return k.update(ctx, t, true)
}

func (k *indexKeeper) update(ctx context.Context, t centredTable, now bool) error {
	release, err := k.busy.Acquire(ctx, t.space)
	if err != nil {
		return err
	}
	defer release()
	ready, err := k.recordIndexes(ctx, t.name)
	if err != nil {
		return err
	}
	counts, err := k.countRows(ctx, t.name)
	if err != nil {
		return err
	}
	var before map[string]rowCount
	if !now {
		before, _ = k.counts.Get(t.space)
		k.counts.Add(t.space, counts)
	}
	for _, language := range slices.Sorted(maps.Keys(counts)) {
		n := counts[language]
		if before != nil && n.writtenSince(before[language]) > bulkRows {
			k.wake()
			continue
		}
		if slices.Contains(ready, language) {
			if err := k.absorbFresh(ctx, t.name, language); err != nil {
				return fmt.Errorf("add rows of %s to the index: %w", language, err)
			}
			continue
		}
		if n.all < k.minRows {
			continue
		}
		if err := k.buildIndex(ctx, t, language, n.all, now); err != nil {
			return fmt.Errorf("index of %s: %w", language, err)
		}
		if _, err := k.recordIndexes(ctx, t.name); err != nil {
			return err
		}
	}
	return nil
}

// recordIndexes stores which languages of a table have an index, and returns them.
func (k *indexKeeper) recordIndexes(ctx context.Context, table string) (ready []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, indexReadLimit)
	defer cancel()
	if ready, err = k.indexedLanguages(ctx, table); err != nil {
		return nil, err
	}
	_, err = k.pool.Exec(ctx, "UPDATE calibrations SET indexed = $2 WHERE centred_table = $1 AND indexed <> $2", table, ready)
	return ready, err
}

// rowCount is the number of rows of a language that an index would hold, and how many
// of them are fresh.
type rowCount struct{ all, fresh int64 }

// writtenSince estimates how many rows were added or replaced since before.
func (c rowCount) writtenSince(before rowCount) int64 {
	return max(c.all-before.all, c.fresh-before.fresh)
}

// countRows counts the rows of each language.
func (k *indexKeeper) countRows(ctx context.Context, table string) (map[string]rowCount, error) {
	ctx, cancel := context.WithTimeout(ctx, indexReadLimit)
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

// indexedLanguages returns the languages of a table whose index is valid.
func (k *indexKeeper) indexedLanguages(ctx context.Context, table string) ([]string, error) {
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

// plainSubtag matches languages that may be written into a statement as a literal.
const plainSubtag = "^[a-z]{2,8}$"

// indexPredicate returns the predicate of a language's partial index. A search must
// repeat it literally.
func indexPredicate(language string) string {
	return fmt.Sprintf("language = '%s' AND kind IN (%d, %d) AND NOT fresh", language, document.KindParagraph, document.KindArticle)
}
