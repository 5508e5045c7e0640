package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// checkSignatures checks that each passage is found with the signature of its stored terms, or
// with none: by the index of its language, by comparison, and with a filter by dates.
func checkSignatures(t *testing.T, s *store.Store, sp space.Space, passages int, signed bool) {
	t.Helper()
	exact := sp
	exact.Calibration.Indexed = nil
	published := time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC)
	for what, search := range map[string]struct {
		sp     space.Space
		filter document.Filter
	}{"index": {sp: sp}, "comparison": {sp: exact}, "dates": {sp, between(published, published.AddDate(0, 0, 1))}} {
		ctx := s.CountingOnce(t.Context(), search.filter)
		list, _, err := s.Nearest(ctx, search.sp, randomUnit(newRand()), evenly, search.filter, 100)
		if err != nil || len(list) != passages {
			t.Fatalf("%s: %d passages, error %v; want %d passages", what, len(list), err, passages)
		}
		keys := make([]document.PassageKey, len(list))
		for i, c := range list {
			keys[i] = c.PassageKey
		}
		terms, err := s.PassageTerms(t.Context(), sp, nil, keys)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			var want document.Signature
			if signed {
				want = document.SignatureOf(terms[c.PassageKey].IDs)
			}
			if c.Signature != want {
				t.Errorf("%s: passage %v has signature %x, want %x", what, c.PassageKey, c.Signature, want)
			}
		}
	}
}

// TestSignatures checks that passages have the signatures of their terms after each kind of
// write, and in the next generation. Signatures of terms of an older version are not used, and a
// new generation is then built.
func TestSignatures(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url, HNSWMinRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sp, r, conn := newCollection(t, s, "c"), newRand(), connect(t, url)
	for i := range 12 {
		replaceDocument(t, s, sp, newDocument("c", fmt.Sprint("d", i), r, sentence(r), sentence(r), "—"))
	}
	chinese := newDocument("c", "zh", r, "合作论坛讨论贸易。")
	chinese.Document.LanguageCode, chinese.Passages[0].LanguageCode = "zh", "zh"
	replaceDocument(t, s, sp, chinese)
	const passages = 37
	sp = active(t, s)
	checkSignatures(t, s, sp, passages, true)
	replaceDocument(t, s, sp, newDocument("c", "d1", r, sentence(r), "Another sentence about trade.", sentence(r)))
	checkSignatures(t, s, sp, passages, true)
	if sp = recalibrate(t, s); !slices.Contains(sp.Calibration.Indexed, "en") {
		t.Fatalf("indexed: %v", sp.Calibration.Indexed)
	}
	checkSignatures(t, s, sp, passages, true)

	stale := func(collections int, want bool) {
		t.Helper()
		outdated, err := s.OutdatedTerms(t.Context())
		if stale, staleErr := s.Stale(t.Context(), sp); len(outdated) != collections || stale != want || err != nil || staleErr != nil {
			t.Errorf("outdated collections %v, error %v; stale %v, error %v", outdated, err, stale, staleErr)
		}
	}
	stale(0, false)
	// These statements store what an older version stored.
	for _, sql := range []string{
		"UPDATE collections SET terms_version = 1",
		"UPDATE calibrations SET signature_version = 1",
		"UPDATE " + sp.Calibration.CentredTable + " SET signature = 1::bit(16) || substring(signature from 17)",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	checkSignatures(t, s, sp, passages, false)
	stale(1, false) // the terms are extracted first
	if err := s.KeepTerms(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	checkSignatures(t, s, sp, passages, false)
	stale(1, true)
	sp = recalibrate(t, s)
	checkSignatures(t, s, sp, passages, true)
	stale(0, false)
}
