package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// packedCorpus writes documents d0, d1, … of 300 passages each, one day apart, with words
// that are as frequent as in natural language. It returns a function that makes further
// text.
func packedCorpus(t *testing.T, s *store.Store, sp space.Space, documents int) func(words int) string {
	t.Helper()
	r := newRand()
	words := rand.NewZipf(r, 1.05, 4, 2_000)
	text := func(n int) string {
		sentence := ""
		for range n {
			sentence += fmt.Sprintf("w%d ", words.Uint64())
		}
		return sentence
	}
	for i := range documents {
		writePacked(t, s, sp, fmt.Sprintf("d%d", i), text)
	}
	return text
}

func writePacked(t *testing.T, s *store.Store, sp space.Space, id string, text func(int) string) {
	t.Helper()
	texts := make([]string, 300)
	for p := range texts {
		texts[p] = text(12)
	}
	in := newDocument("c", id, newRand(), texts...)
	in.Document.PublishTime = in.Document.PublishTime.AddDate(0, 0, int(id[len(id)-1]-'0'))
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
}

// TestMatchesByPostings checks that a search by postings returns the same matches as
// comparing all passages, also after writes, replacements and deletions that followed the
// packing.
func TestMatchesByPostings(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	text := packedCorpus(t, s, newCollection(t, s, "c"), 12)
	check := func(name string) {
		t.Helper()
		sp := active(t, s)
		found, all := 0, 0
		for n := range 30 {
			queries := question(t, s, sp, text(1+n%8))
			near, _, err := s.Matches(t.Context(), sp, queries, document.Filter{}, 50)
			if err != nil {
				t.Fatal(err)
			}
			exact, _, err := s.Matches(t.Context(), sp, queries, document.Filter{Sources: []string{"Wire"}}, 50) // the filter makes the search compare all passages
			if err != nil {
				t.Fatal(err)
			}
			scores := map[document.PassageKey]float64{}
			for i, m := range near {
				if scores[m.PassageKey] = m.Score; i > 0 && m.Score > near[i-1].Score {
					t.Errorf("%s: match %d is out of order", name, i)
				}
			}
			if len(near) != len(exact) || len(scores) != len(near) {
				t.Fatalf("%s: %d matches of %d passages, want %d", name, len(near), len(scores), len(exact))
			}
			for _, m := range exact {
				all++
				score, ok := scores[m.PassageKey]
				if ok && score != m.Score {
					t.Errorf("%s: %v scores %v, want %v", name, m.PassageKey, score, m.Score)
				}
				if ok || m.Score == near[len(near)-1].Score { // another passage with the same score is as good
					found++
				}
			}
		}
		if float64(found) < .99*float64(all) || all < 1000 {
			t.Errorf("%s: %d of %d passages are found", name, found, all)
		}
	}
	keep := func() {
		t.Helper()
		if err := s.KeepTerms(t.Context(), active(t, s)); err != nil {
			t.Fatal(err)
		}
	}
	keep()
	if diff := gocmp.Diff([]string{"en"}, active(t, s).Terms.Packed); diff != "" {
		t.Fatalf("languages with postings (-want +got):\n%s", diff)
	}
	check("packed")
	writePacked(t, s, active(t, s), "d3", text)
	writePacked(t, s, active(t, s), "e0", text)
	if err := s.DeleteDocument(t.Context(), "c", "d5", ""); err != nil {
		t.Fatal(err)
	}
	check("written since")
	keep()
	check("packed again")
	for i := range 4 {
		writePacked(t, s, active(t, s), fmt.Sprintf("f%d", i), text)
	}
	check("too many written since")
	for i := range 12 {
		if i%2 == 0 {
			writePacked(t, s, active(t, s), fmt.Sprintf("d%d", i), text)
			keep()
		}
	}
	check("many gone")
}

// TestTermsOfMatches checks that the terms of matches are those of their passages.
func TestTermsOfMatches(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	text := packedCorpus(t, s, newCollection(t, s, "c"), 8)
	if err := s.KeepTerms(t.Context(), active(t, s)); err != nil {
		t.Fatal(err)
	}
	sp := active(t, s)
	published := newDocument("c", "d0", newRand(), "text").Document.PublishTime
	after, before := published.AddDate(0, 0, 2), published.AddDate(0, 0, 6)
	for name, f := range map[string]document.Filter{"by postings": {}, "by dates": {PublishedAfter: &after, PublishedBefore: &before}} {
		queries := question(t, s, sp, text(6))
		list, _, err := s.Matches(t.Context(), sp, queries, f, 50)
		if err != nil {
			t.Fatal(err)
		}
		got, keys := map[document.PassageKey]document.PassageTerms{}, []document.PassageKey{}
		for _, m := range list {
			if m.Terms == nil {
				t.Fatalf("%s: no terms of %v", name, m.PassageKey)
			}
			got[m.PassageKey], keys = *m.Terms, append(keys, m.PassageKey)
		}
		want, err := s.PassageTerms(t.Context(), sp, queries, keys)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(got) != 50 {
			t.Errorf("%s: %d passages (-want +got):\n%s", name, len(got), diff)
		}
	}
}

// TestPostingsBesideWriters checks that documents that are written while postings are
// packed are found, and that replaced ones are not.
func TestPostingsBesideWriters(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	const writers, documents, passages = 3, 12, 120
	write := func(n, version int) error {
		texts := make([]string, passages)
		for i := range texts {
			texts[i] = fmt.Sprintf("water only%dversion%d", n, version)
		}
		_, _, err := s.ReplaceDocument(context.Background(), sp, newDocument("c", fmt.Sprintf("d%d", n), newRand(), texts...))
		return err
	}
	var side, keeping sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		side.Go(func() {
			for version := range 2 {
				for n := w; n < writers*documents; n += writers {
					if err := write(n, version); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	keeping.Go(func() {
		for {
			if err := s.KeepTerms(context.Background(), active(t, s)); err != nil {
				t.Error(err)
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	side.Wait()
	close(done)
	keeping.Wait()
	if err := s.KeepTerms(t.Context(), active(t, s)); err != nil {
		t.Fatal(err)
	}
	sp = active(t, s)
	for n := range writers * documents {
		for version, want := range []int{0, passages} {
			list, _, err := s.Matches(t.Context(), sp, question(t, s, sp, fmt.Sprintf("only%dversion%d", n, version)), document.Filter{}, 2*passages)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != want || want > 0 && list[0].Terms == nil { // matches by postings have their terms
				t.Errorf("document %d, version %d: %d matches, want %d", n, version, len(list), want)
			}
		}
	}
}

// TestPackingWaitsForWriters checks that packing waits for a writer that has already taken
// passage numbers, even if a writer with later numbers commits first. Otherwise the first
// writer's passages would be missing from the postings.
func TestPackingWaitsForWriters(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	newCollection(t, s, "c")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	table := pgx.Identifier{active(t, s).Terms.Table}.Sanitize()
	id := lexical.Term{Text: "late"}.ID()
	exec("BEGIN")
	exec("SELECT pg_advisory_xact_lock_shared(hashtextextended('collections/c', 0))")
	exec("INSERT INTO "+table+` (document_id, ordinal, kind, language, language_code, source, length, terms, weights)
		VALUES ('late', 0, 1, 'en', 'en', '', 1, ARRAY[$1::integer], format('{%s:1}/1000000000', $1::integer)::sparsevec)`, id)
	packedCorpus(t, s, active(t, s), 8)
	kept := make(chan error, 1)
	go func() { kept <- s.KeepTerms(context.Background(), active(t, s)) }()
	select {
	case err := <-kept:
		t.Fatalf("postings were packed beside a writer, error %v", err)
	case <-time.After(time.Second):
	}
	exec("COMMIT")
	if err := <-kept; err != nil {
		t.Fatal(err)
	}
	query := lexical.NewQuery(nil, lexical.Counts{Passages: 2_401, Holding: map[int32]int{id: 1}})
	query.Weights[id] = 1
	list, _, err := s.Matches(t.Context(), active(t, s), map[string]lexical.Query{"en": query}, document.Filter{}, 10)
	if err != nil || len(list) != 1 || list[0].Terms == nil {
		t.Errorf("found %v, error %v, want the passage, from postings", list, err)
	}
}
