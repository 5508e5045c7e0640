package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestFreshRows checks that new rows of an indexed language stay outside of the index but
// are found, that a few of them are added to the index later, and that many are left to the
// next generation.
func TestFreshRows(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	r := newRand()
	var s *store.Store
	open := func() { // a store updates the indexes when it opens
		if s != nil {
			s.Close()
		}
		if s, err = store.Open(store.Config{URL: withoutSort(t, url), HNSWMinRows: 40}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
	}
	open()
	sp := newCollection(t, s, "c")
	write := func(language string, from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			in := newDocument("c", fmt.Sprintf("%s%03d", language, i), r, "one")
			in.ContentHash += fmt.Sprint(from) // otherwise the document would be unchanged and not written
			in.Document.LanguageCode, in.Passages[0].LanguageCode = language, language
			if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(sp space.Space, fresh int) {
		t.Helper()
		exact, query := sp, randomUnit(r)
		exact.Calibration.Indexed = nil
		var want []document.Candidate
		for i, sp := range []space.Space{exact, sp} {
			list, incomplete, err := s.Nearest(t.Context(), sp, query, evenly, document.Filter{Languages: []string{"en"}}, 10)
			if err != nil || incomplete {
				t.Fatalf("incomplete %v, error %v", incomplete, err)
			}
			if i == 0 {
				want = list
			} else if diff := gocmp.Diff(want, list); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		}
		if got := freshRows(t, conn, sp); got != fresh {
			t.Errorf("%d fresh rows, want %d", got, fresh)
		}
	}
	write("en", 0, 100)
	sp = recalibrate(t, s) // the new generation records the number of passages
	if len(sp.Calibration.Indexed) != 1 {
		t.Fatalf("indexed: %v", sp.Calibration.Indexed)
	}
	check(sp, 0)
	write("en", 95, 120) // five of these documents exist already
	check(sp, 25)
	open()
	waitFor(t, func() bool { return freshRows(t, conn, sp) == 0 })
	check(sp, 0)

	write("en", 120, 180)
	write("zh", 0, 40)
	open()
	waitFor(t, func() bool { return len(active(t, s).Calibration.Indexed) == 2 }) // both indexes are ready; zh is built after en
	check(sp, 60)
	if stale, err := s.Stale(t.Context(), sp); err != nil || !stale {
		t.Errorf("stale %v, error %v", stale, err)
	}
	sp = recalibrate(t, s)
	check(sp, 0)
	if stale, err := s.Stale(t.Context(), sp); err != nil || stale {
		t.Errorf("the next generation: stale %v, error %v", stale, err)
	}
}

func freshRows(t *testing.T, conn *pgx.Conn, sp space.Space) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+sp.Calibration.CentredTable+" WHERE fresh").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	const limit = 5 * time.Minute // slow machines need minutes for some tests
	for end := time.Now().Add(limit); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the condition was not met in %v", limit)
		}
	}
}
