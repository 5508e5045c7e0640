package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// TestDeleteDocuments checks that documents that match a filter are deleted with all their
// data, in several transactions, while others write the same documents.
func TestDeleteDocuments(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	r, sp := newRand(), newCollection(t, s, "c")
	const all, kept = 230, 10
	for i := range all {
		in := newDocument("c", fmt.Sprintf("d%03d", i), r, "One.", "Two.")
		in.Document.Source = []string{"kept", "gone"}[min(i/kept, 1)]
		replaceDocument(t, s, sp, in)
	}
	gone := document.Filter{Sources: []string{"gone"}}
	n, ids, err := s.CountDocuments(t.Context(), "c", gone, 2)
	if err != nil || n != all-kept || !cmp.Equal(ids, []string{"d010", "d011"}) {
		t.Errorf("%d documents, first %v, error %v", n, ids, err)
	}
	var writers sync.WaitGroup
	for range 3 {
		writers.Go(func() { // documents that these writers write are kept, whether they write before or after the deletion
			for i := range all {
				in := newDocument("c", fmt.Sprintf("d%03d", all-1-i), newRand(), "Anew.")
				in.Document.Source = "kept"
				if i%20 != 0 {
					continue
				}
				if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := s.DeleteDocuments(t.Context(), "c", gone); err != nil {
		t.Error(err)
	}
	writers.Wait()
	if _, err := s.DeleteDocuments(t.Context(), "c", gone); err != nil {
		t.Error(err)
	}
	var left []int
	err = conn.QueryRow(t.Context(), fmt.Sprintf(`SELECT ARRAY[(SELECT count(*) FROM documents),
		(SELECT count(*) FROM passages), (SELECT count(*) FROM %s), (SELECT count(*) FROM %s), (SELECT count(*) FROM %s)]`,
		sp.VectorTable, sp.Calibration.CentredTable, sp.Terms.Table)).Scan(&left)
	// Twelve documents were written again. One of them, d009, had two passages already and
	// was not deleted.
	documents, passages := kept+11, 2*(kept-1)+12
	if diff := cmp.Diff([]int{documents, passages, passages, passages, passages}, left); diff != "" || err != nil {
		t.Errorf("documents, passages, vectors, centred ones, terms; error %v (-want +got):\n%s", err, diff)
	}
	counts, err := s.TermCounts(t.Context(), active(t, s), map[string][]int32{"en": nil})
	if err != nil || counts["en"].Passages != passages {
		t.Errorf("%d passages counted, error %v, want %d", counts["en"].Passages, err, passages)
	}
}
