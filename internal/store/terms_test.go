package store_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestTermCountsAfterConcurrentWrites: many writers and the housekeeping at once
// leave exactly the counts of what is stored.
func TestTermCountsAfterConcurrentWrites(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{MaxConns: 8})
	sp := newCollection(t, s, "c")
	const writers, rounds, documents = 6, 12, 8
	var (
		wait sync.WaitGroup
		last sync.Map // document → its last content by whoever wrote it last
		lock [documents]sync.Mutex
	)
	for w := range writers {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 3))
			for range rounds {
				n := r.IntN(documents)
				in := newDocument("c", fmt.Sprintf("d%d", n), r, sentence(r), sentence(r))
				lock[n].Lock() // so that the test knows who was last; other documents go on
				_, _, err := s.ReplaceDocument(context.Background(), sp, in)
				last.Store(in.Document.ID, in)
				if err == nil && r.IntN(4) == 0 {
					err = s.DeleteDocument(context.Background(), "c", in.Document.ID)
					last.Delete(in.Document.ID)
				}
				lock[n].Unlock()
				if err == nil && r.IntN(3) == 0 {
					err = s.KeepTerms(context.Background(), sp)
				}
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	wait.Wait()
	want := lexical.Counts{Holding: map[int32]int{}}
	for _, in := range last.Range {
		for _, p := range in.(document.Indexed).Passages {
			want.Passages++
			for id := range lexical.Weights(lexical.Terms(p.Text, "en"), 1) {
				want.Holding[id]++
			}
		}
	}
	for range 2 { // before and after the changes are folded
		got, err := s.TermCounts(t.Context(), sp, map[string][]int32{"en": slices.Collect(maps.Keys(want.Holding))})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got["en"]); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if err := s.KeepTerms(t.Context(), sp); err != nil {
			t.Fatal(err)
		}
	}
}
