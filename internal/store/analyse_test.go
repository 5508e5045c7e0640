package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// analysesSeen counts the ANALYZE statements by table, and how many run at the same
// time.
type analysesSeen struct {
	mu      sync.Mutex
	tables  map[string]int
	running int
	most    int
}

type analyseKey struct{}

func (a *analysesSeen) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	table, ok := strings.CutPrefix(data.SQL, "ANALYZE (SKIP_LOCKED) ")
	if !ok {
		return ctx
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running++
	a.most = max(a.most, a.running)
	return context.WithValue(ctx, analyseKey{}, table)
}

func (a *analysesSeen) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	table, ok := ctx.Value(analyseKey{}).(string)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running--
	a.tables[table]++
}

func (a *analysesSeen) of(table string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tables[table]
}

// TestTablesAreAnalysed checks that tables are analysed soon after the first thousand
// passages of an import, and again when they have doubled. Smaller changes do not
// matter.
func TestTablesAreAnalysed(t *testing.T) {
	t.Parallel()
	url, seen := storetest.URL(t), &analysesSeen{tables: map[string]int{}}
	s, err := store.Open(store.Config{URL: url, Tracer: seen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	sp := newCollection(t, s, "c")
	tables := []string{"documents", "passages", "indexed_documents", sp.VectorTable, sp.Calibration.CentredTable, sp.Terms.Table}
	for _, table := range tables {
		if _, err := conn.Exec(t.Context(), "ALTER TABLE "+table+" SET (autovacuum_enabled = false)"); err != nil {
			t.Fatal(err)
		}
	}
	r, written := newRand(), 0
	write := func(passages int) {
		t.Helper()
		for end := written + passages; written < end; {
			var group []document.Indexed
			for range 30 {
				group = append(group, newDocument("c", fmt.Sprintf("d%06d", written), r, sentences(r, 10)...))
				written += 10
			}
			for _, out := range s.ReplaceDocuments(t.Context(), sp, group) {
				if out.Err != nil {
					t.Fatal(out.Err)
				}
			}
		}
	}
	waitFor := func(want int, tables ...string) {
		t.Helper()
		for _, table := range tables {
			for deadline := time.Now().Add(20 * time.Second); seen.of(table) < want; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%s was analysed %d times after %d passages, want %d", table, seen.of(table), written, want)
				}
			}
		}
	}
	write(600)
	time.Sleep(100 * time.Millisecond)
	if n := seen.of("passages"); n != 0 {
		t.Errorf("analysed %d times after %d passages", n, written)
	}
	write(600)
	waitFor(1, tables...)
	for _, table := range tables {
		var tuples float64
		err := conn.QueryRow(t.Context(), "SELECT reltuples FROM pg_class WHERE oid = to_regclass($1)", table).Scan(&tuples)
		if err != nil || tuples < 30 {
			t.Errorf("the statistics of %s have %v rows, error %v", table, tuples, err)
		}
	}
	write(3_000)
	waitFor(2, "passages", sp.Terms.Table) // only large tables: the growth of a table with few pages is measured in whole pages
	if n := seen.of("passages"); n > 3 || seen.most != 1 {
		t.Errorf("analysed %d times after %d passages, %d at the same time", n, written, seen.most)
	}
}

func sentences(r *rand.Rand, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = sentence(r)
	}
	return out
}
