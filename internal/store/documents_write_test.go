package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestReplaceGroup checks a group with a new document, an unchanged one, one whose title
// changed, and one whose text changed. Each gets its own outcome. If Postgres refuses a
// document, or it lacks vectors, only that document fails.
func TestReplaceGroup(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	for _, id := range []string{"same", "described", "renewed", "bare"} {
		if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", id, r, "Old text of "+id+".", "More.")); err != nil {
			t.Fatal(err)
		}
	}
	group := []document.Indexed{
		newDocument("c", "renewed", r, "New text."),
		newDocument("c", "same", r, "Old text of same.", "More."),
		newDocument("c", "bad", r, "Text."),
		newDocument("c", "new", r, "Text.", "And more.", "And yet more."),
		newDocument("c", "bare", r, "Other text."),
		newDocument("c", "described", r, "Old text of described.", "More."),
	}
	group[0].Document.ETag = "renewed"
	group[2].Document.Title = "a\x00b"
	group[4].Windows, group[4].Document.ETag = nil, "bare"
	group[5].Windows, group[5].Document.ETag = nil, "described"
	group[5].Document.LanguageCode, group[5].Document.Source = "es", "Other"
	for i := range group[5].Passages {
		group[5].Passages[i].LanguageCode = "es"
	}
	out := s.ReplaceDocuments(t.Context(), sp, group)
	for i, in := range group {
		id, stored := in.Document.ID, out[i]
		if stored.Document.ID != id || (stored.Err != nil) != (id == "bad" || id == "bare") || errors.Is(stored.Err, document.ErrChanged) != (id == "bare") {
			t.Errorf("%s: %s, error %v", id, stored.Document.ID, stored.Err)
		}
		if existed := id != "bad" && id != "new"; stored.Err == nil && (existed != (stored.Before.ETag != "") || stored.Document.UpdateTime.IsZero()) {
			t.Errorf("%s: before %+v, updated %v", id, stored.Before, stored.Document.UpdateTime)
		}
	}
	var texts []string
	for _, hit := range nearest(t, s, sp, randomUnit(r), document.Filter{}, 100) {
		texts = append(texts, hit.Document.ID+" "+hit.Passage.LanguageCode+" "+hit.Document.Source+" "+hit.Passage.Text)
	}
	slices.Sort(texts)
	want := []string{
		"bare en Wire More.", "bare en Wire Old text of bare.", "described es Other More.", "described es Other Old text of described.",
		"new en Wire And more.", "new en Wire And yet more.", "new en Wire Text.", "renewed en Wire New text.",
		"same en Wire More.", "same en Wire Old text of same.",
	}
	if diff := gocmp.Diff(want, texts); diff != "" {
		t.Errorf("passages (-want +got):\n%s", diff)
	}
	checkCounts(t, s, sp, map[string][]string{
		"en": {"More.", "Old text of bare.", "And more.", "And yet more.", "Text.", "New text.", "More.", "Old text of same."},
		"es": {"More.", "Old text of described."},
	})
}

// checkCounts compares the term counts with the texts that should be stored.
func checkCounts(t *testing.T, s *store.Store, sp space.Space, texts map[string][]string) {
	t.Helper()
	want, asked := map[string]lexical.Counts{}, map[string][]int32{}
	for language, list := range texts {
		c := lexical.Counts{Holding: map[int32]int{}, Passages: len(list)}
		for _, text := range list {
			for id := range lexical.Weights(lexical.Terms(text, language), 1) {
				c.Holding[id]++
			}
		}
		want[language], asked[language] = c, slices.Collect(maps.Keys(c.Holding))
	}
	got, err := s.TermCounts(t.Context(), sp, asked)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// deadlocks counts the statements that Postgres cancelled because of a deadlock.
type deadlocks struct{ found atomic.Int64 }

func (d *deadlocks) note(err error) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "40P01" {
		d.found.Add(1)
	}
}

// TraceQueryStart implements pgx.QueryTracer.
func (d *deadlocks) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (d *deadlocks) TraceQueryEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	d.note(data.Err)
}

// TraceBatchStart implements pgx.BatchTracer.
func (d *deadlocks) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (d *deadlocks) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	d.note(data.Err)
}

// TraceBatchEnd implements pgx.BatchTracer.
func (d *deadlocks) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestGroupsInOppositeOrder checks that two servers that write the same documents in
// opposite orders never deadlock, and that the counts are exact. The documents are in new
// languages, while a third server maintains the collection and rebuilds its calibration.
func TestGroupsInOppositeOrder(t *testing.T) {
	t.Parallel()
	const rounds, documents = 8, 24
	traced := &deadlocks{}
	url := storetest.URL(t)
	open := func() *store.Store {
		s, err := store.Open(store.Config{URL: url, Tracer: traced, MaxConns: 6})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	first, second, third := open(), open(), open()
	sp := newCollection(t, first, "c")
	languages := []string{"en", "es", "fr", "de", "it"}
	last := make([]document.Indexed, documents)
	for round := range rounds {
		var wait sync.WaitGroup
		for n, s := range []*store.Store{first, second, first} {
			wait.Go(func() {
				r := rand.New(rand.NewPCG(uint64(round), uint64(n)))
				group := make([]document.Indexed, documents)
				for i := range group {
					group[i] = newDocument("c", fmt.Sprintf("d%02d", i), r, sentence(r), sentence(r))
					group[i].Document.ETag += fmt.Sprint(round, n)
					for p := range group[i].Passages {
						group[i].Passages[p].LanguageCode = languages[(i+n+p)%min(len(languages), 1+round)]
					}
				}
				if n == 1 {
					slices.Reverse(group)
				}
				for _, part := range [][]document.Indexed{group[:documents/2], group[documents/2:]} {
					for _, out := range s.ReplaceDocuments(context.Background(), sp, part) {
						if out.Err != nil {
							t.Error(out.Err)
						}
					}
				}
			})
		}
		wait.Go(func() {
			if err := third.KeepTerms(context.Background(), stored(t, third, "c", sp.ID)); err != nil {
				t.Error(err)
			}
			if _, err := third.Recalibrate(context.Background(), stored(t, third, "c", sp.ID)); err != nil {
				t.Error(err)
			}
		})
		wait.Wait()
		if n := traced.found.Load(); n > 0 {
			t.Fatalf("round %d: %d deadlocks", round, n)
		}
	}
	// One more group sets a known final state.
	for i := range last {
		last[i] = newDocument("c", fmt.Sprintf("d%02d", i), newRand(), fmt.Sprintf("Word%d here.", i))
		last[i].Document.ETag = "last"
	}
	want := map[string][]string{}
	for i, out := range first.ReplaceDocuments(t.Context(), sp, last) {
		if out.Err != nil {
			t.Fatal(out.Err)
		}
		want["en"] = append(want["en"], last[i].Passages[0].Text)
	}
	checkCounts(t, second, sp, want)
	if c, err := third.GetCollection(t.Context(), "c"); err != nil || c.Documents != documents || c.Passages != documents {
		t.Errorf("%d documents with %d passages, error %v, want %d of each", c.Documents, c.Passages, err, documents)
	}
}
