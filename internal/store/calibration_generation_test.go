package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// openAt returns a store and a separate connection to its database.
func openAt(t *testing.T) (*store.Store, *pgx.Conn) {
	t.Helper()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return s, conn
}

func active(t *testing.T, s *store.Store) space.Space {
	t.Helper()
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

func recalibrate(t *testing.T, s *store.Store) space.Space {
	t.Helper()
	if built, err := s.Recalibrate(t.Context(), active(t, s)); err != nil || !built {
		t.Fatalf("built %v, error %v", built, err)
	}
	return active(t, s)
}

// halves is the tolerance for a vector that was stored as halfvec.
var halves = cmpopts.EquateApprox(0, 1e-3)

// checkCentred compares the centred vectors with those of the model: every passage must
// have its vector, minus the mean of its language.
func checkCentred(t *testing.T, conn *pgx.Conn, sp space.Space) {
	t.Helper()
	var passages, centred, off int
	err := conn.QueryRow(t.Context(), fmt.Sprintf(`WITH windows AS (
			SELECT v.document_id, v.ordinal, v.language, v.role, l2_normalize(v.embedding - l.mean) AS vector,
				row_number() OVER (PARTITION BY v.document_id, v.ordinal, v.role ORDER BY v.window_number) AS nth,
				count(*) OVER (PARTITION BY v.document_id, v.ordinal, v.role) AS of
			FROM %s v LEFT JOIN calibration_languages l ON (l.collection_id, l.space_id, l.generation, l.language) = ($1, $2, $3, v.language))
		SELECT (SELECT count(*) FROM (SELECT DISTINCT document_id, ordinal FROM windows) p), count(DISTINCT (c.document_id, c.ordinal)),
			count(*) FILTER (WHERE c.language <> w.language OR c.source <> d.source
				OR w.of <> CASE WHEN w.role = 1 THEN cardinality(c.sentences) WHEN c.pieces IS NULL THEN 1 ELSE cardinality(c.pieces) END
				OR coalesce(l2_distance(w.vector, CASE WHEN w.role = 1 THEN c.sentences[w.nth]
					WHEN c.pieces IS NULL THEN c.centred ELSE c.pieces[w.nth] END::vector), 1) > 1e-3)
		FROM windows w FULL JOIN %s c USING (document_id, ordinal) LEFT JOIN documents d ON d.collection_id = $1 AND d.document_id = w.document_id`,
		sp.VectorTable, sp.Calibration.CentredTable), sp.Collection, sp.ID, sp.Calibration.Generation).Scan(&passages, &centred, &off)
	if err != nil {
		t.Fatal(err)
	}
	if passages == 0 || centred != passages || off > 0 {
		t.Errorf("generation %d: %d passages, %d centred, %d vectors of them wrong", sp.Calibration.Generation, passages, centred, off)
	}
}

func TestRecalibrate(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	first := newCollection(t, s, "c")
	for _, language := range []string{"en", "es", "zh"} {
		addQueries(t, s, first, language)
	}
	all := corpusOf(t, s, first, 40)
	second := recalibrate(t, s)
	if diff := gocmp.Diff([]string{"en", "es", "zh"}, second.Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	if first.Calibration.Generation+1 != second.Calibration.Generation || first.VectorTable != second.VectorTable {
		t.Errorf("from %+v to %+v", first, second)
	}
	checkCentred(t, conn, second)
	counts, err := s.PassageCounts(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	calibrated, err := s.CalibratedCounts(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, in := range all {
		for _, p := range in.Passages {
			if isRanked(p) {
				want[document.PrimarySubtag(p.LanguageCode)]++
			}
		}
	}
	if diff := gocmp.Diff(want, counts); diff != "" {
		t.Errorf("passages (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(want, calibrated); diff != "" {
		t.Errorf("passages when calibrated (-want +got):\n%s", diff)
	}
	// A search that began with the previous generation can still use it.
	if hits := nearest(t, s, first, all[0].Windows[0][0].Vector, document.Filter{}, 5); len(hits) != 5 {
		t.Errorf("%d hits with the previous generation, want 5", len(hits))
	}
	if err := s.DeleteCollection(t.Context(), "c", true); err != nil {
		t.Fatal(err)
	}
	checkRemoved(t, s, conn)
}

// TestRecalibrateWhileWriting checks that each generation ends up with the final state
// of documents that are written, changed and deleted while it is built.
func TestRecalibrateWhileWriting(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	corpusOf(t, s, sp, 60)
	recalibrate(t, s) // now every language has a mean
	var group errgroup.Group
	for w := range 3 {
		group.Go(func() error {
			r := newRand()
			for i := range 40 {
				in := newDocument("c", fmt.Sprintf("d%04d", (7*i+w)%70), r, fmt.Sprintf("one %d", i), "two")
				in.Document.LanguageCode = []string{"en", "zh", "es"}[(i+w)%3]
				for p := range in.Passages {
					in.Passages[p].LanguageCode = in.Document.LanguageCode
				}
				if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
					return fmt.Errorf("replace: %w", err)
				}
				in.Document.Source, in.Document.LanguageCode, in.Document.ETag, in.Windows = "Changed", "zh", "changed", nil
				if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil && !errors.Is(err, document.ErrChanged) {
					return fmt.Errorf("update: %w", err)
				}
				if i%4 > 0 {
					continue
				}
				if err := s.DeleteDocument(t.Context(), "c", in.Document.ID, ""); err != nil && !errors.Is(err, document.ErrNotFound) {
					return fmt.Errorf("delete: %w", err)
				}
			}
			return nil
		})
	}
	for range 6 {
		next := recalibrate(t, s)
		if hits := nearest(t, s, next, randomUnit(newRand()), document.Filter{}, 20); len(hits) == 0 {
			t.Error("a search during the writes found nothing")
		}
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	checkCentred(t, conn, active(t, s))
}

func TestOneBuilder(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	corpusOf(t, s, sp, 4)
	_, err := conn.Exec(t.Context(), `INSERT INTO calibrations (collection_id, space_id, generation, centred_table)
		VALUES ($1, $2, $3, 'centred_of_another')`, sp.Collection, sp.ID, sp.Calibration.Generation+1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE centred_of_another (LIKE "+sp.Calibration.CentredTable+" INCLUDING ALL)"); err != nil {
		t.Fatal(err)
	}
	if built, err := s.Recalibrate(t.Context(), sp); built || err != nil {
		t.Errorf("while another builder works: built %v, error %v", built, err)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE calibrations SET heartbeat = now() - interval '2 minutes' WHERE centred_table = 'centred_of_another'"); err != nil {
		t.Fatal(err)
	}
	checkCentred(t, conn, recalibrate(t, s))
	removeAll(t, s, conn)
	var left bool
	err = conn.QueryRow(t.Context(), "SELECT to_regclass('centred_of_another') IS NOT NULL").Scan(&left)
	if err != nil || left {
		t.Errorf("the table of the dead builder still exists: %v, error %v", left, err)
	}
}

// TestOldGenerationsGo checks that generations are dropped when no search can use them any
// more.
func TestOldGenerationsGo(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	corpusOf(t, s, newCollection(t, s, "c"), 4)
	for range 3 {
		recalibrate(t, s)
		if _, err := conn.Exec(t.Context(), "UPDATE calibrations SET retire_time = retire_time - interval '2 minutes'"); err != nil {
			t.Fatal(err)
		}
	}
	removeAll(t, s, conn)
	var generations, tables int
	err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM calibrations),
		(SELECT count(*) FROM pg_tables WHERE tablename ~ '^centred_')`).Scan(&generations, &tables)
	if err != nil || generations != 1 || tables != 1 {
		t.Errorf("%d generations in %d tables, error %v, want the current one", generations, tables, err)
	}
}
