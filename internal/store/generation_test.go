package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/calibrate"
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

// halves is the tolerance between a vector and its halfvec.
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
				if err := s.DeleteDocument(t.Context(), "c", in.Document.ID); err != nil && !errors.Is(err, document.ErrNotFound) {
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

// TestOldGenerationsGo checks that generations that no search can be using are dropped.
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

// background returns texts whose mean is at a corner, with little variation.
func background(corner int) (texts []calibrate.Passage) {
	for i := range 10 {
		whole, pair := make([]float32, dimensions), make([]float32, dimensions)
		whole[corner], pair[(corner+1+i%3)%dimensions] = 1, 1
		texts = append(texts, calibrate.Passage{Whole: [][]float32{whole}, Sentences: [][]float32{pair, whole}})
	}
	return texts
}

// windowsOf returns the windows of texts, the whole text first.
func windowsOf(texts []calibrate.Passage) (windows []document.PlacedWindow) {
	for i, text := range texts {
		number := 0
		add := func(role document.Role, vectors [][]float32) {
			for _, v := range vectors {
				windows = append(windows, document.PlacedWindow{
					Passage: &document.Passage{Ordinal: i}, Number: number, Window: document.Window{Role: role, Embedding: document.Embedding{Vector: v}},
				})
				number++
			}
		}
		add(document.RolePassage, text.Whole)
		add(document.RoleSentences, text.Sentences)
	}
	return windows
}

// corner returns the unit vector of a space along an axis.
func corner(sp space.Space, axis int) []float32 {
	vector := make([]float32, sp.Dimensions)
	vector[axis] = 1
	return vector
}

func TestAddBackground(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	learn := func(corner int, language string) {
		t.Helper()
		windows := windowsOf(background(corner))
		for _, some := range [][]document.PlacedWindow{nil, windows[:7], windows[5:]} { // adding twice does no harm
			if kept, err := s.LearnLanguage(t.Context(), sp, language, len(windows)); kept || err != nil {
				t.Fatalf("with incomplete background texts: kept %v, error %v", kept, err)
			}
			if err := s.AddBackground(t.Context(), sp, language, some); err != nil {
				t.Fatal(err)
			}
		}
		if held, err := s.BackgroundHeld(t.Context(), sp, language); err != nil || len(held) != len(windows) || !held[[2]int{9, 2}] {
			t.Fatalf("held %v, error %v", held, err)
		}
		for range 2 {
			if kept, err := s.LearnLanguage(t.Context(), sp, language, len(windows)); !kept || err != nil {
				t.Fatalf("kept %v, error %v", kept, err)
			}
		}
	}
	addQueries(t, s, sp, "en")
	addQueries(t, s, sp, calibrate.Fallback)
	learn(0, "en")
	learn(1, calibrate.Fallback)
	sp = active(t, s)
	if diff := gocmp.Diff([]string{"en", "und"}, sp.Calibration.Languages); diff != "" || sp.Calibration.Generation != 1 {
		t.Errorf("generation %d, languages (-want +got):\n%s", sp.Calibration.Generation, diff)
	}
	c, err := s.Calibration(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	mean := calibrate.Mean(background(0))
	want := calibrate.Language{
		Mean: mean, Sample: calibrate.CentrePassages(background(0), mean),
		Queries: calibrate.Queries{Short: corner(sp, 0), Question: corner(sp, 1), Null: (calibrate.Calibration{}).Null("en")},
	}
	if diff := gocmp.Diff(want, c.Languages["en"], cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("calibration (-want +got):\n%s", diff)
	}
	// New vectors in the language are centred at once. A language without background
	// texts uses the fallback.
	r := newRand()
	for id, language := range map[string]string{"a": "en", "b": "th"} {
		in := newDocument("c", id, r, "one")
		in.Document.LanguageCode, in.Passages[0].LanguageCode = language, language
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
		fallback := map[string]string{"en": "en", "th": calibrate.Fallback}[language]
		var got []float32
		row := conn.QueryRow(t.Context(), "SELECT centred::real[] FROM "+sp.Calibration.CentredTable+" WHERE document_id = $1", id)
		if err := row.Scan(&got); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(calibrate.Centre(in.Windows[0][0].Vector, c.Languages[fallback].Mean), got, halves); diff != "" {
			t.Errorf("%s (-want +got):\n%s", language, diff)
		}
	}
	// A language that has vectors already is left to the next generation, because they
	// were centred without a mean.
	learn(2, "th")
	if diff := gocmp.Diff([]string{"en", "und"}, active(t, s).Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	sp = recalibrate(t, s)
	checkCentred(t, conn, sp)
	if c, err = s.Calibration(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	if l := c.Languages["th"]; l.Passages != 1 || len(l.Sample) != 11 || math.Abs(float64(l.Mean[2])-1) > .02 {
		t.Errorf("%d passages, a sample of %d, mean %v, want the background and one more", l.Passages, len(l.Sample), l.Mean)
	}
}

// TestSentences checks that the best window of each role counts, and that a passage
// without pairs of sentences uses the whole text for both.
func TestSentences(t *testing.T) {
	t.Parallel()
	s, _ := openAt(t)
	sp := newCollection(t, s, "c")
	axis := func(similarity float64) []float32 {
		v := make([]float32, dimensions)
		v[0], v[1] = float32(similarity), float32(math.Sqrt(1-similarity*similarity))
		return v
	}
	pair := func(similarity float64) document.Window {
		return document.Window{Role: document.RoleSentences, Embedding: document.Embedding{Vector: axis(similarity)}}
	}
	in := newDocument("c", "d", newRand(), "one", "two", "three")
	in.Windows = [][]document.Window{
		{window(axis(.5)), window(axis(.3)), pair(.9), pair(.1)},
		{window(axis(.6)), pair(.2)},
		{window(axis(.4))},
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	candidate := func(ordinal int, passage, window float64) document.Candidate {
		return document.Candidate{PassageKey: document.PassageKey{Document: "d", Ordinal: ordinal}, Language: "en", Passage: passage, Window: window}
	}
	first, second, third := candidate(0, .5, .9), candidate(1, .6, .2), candidate(2, .4, .4)
	normal := func(deviation float64) calibrate.Normal { return calibrate.Normal{Deviation: deviation} }
	for _, tc := range []struct {
		name  string
		scale calibrate.Scale
		want  []document.Candidate
	}{
		{"alike", calibrate.Scale{Passage: normal(1), Window: normal(1)}, []document.Candidate{first, third, second}},
		{"windows that vary much count little", calibrate.Scale{Passage: normal(.1), Window: normal(10)}, []document.Candidate{second, first, third}},
	} {
		got, _, err := s.Nearest(t.Context(), sp, axis(1), calibrate.Scales{"en": tc.scale, calibrate.Fallback: {}}, document.Filter{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(tc.want, got, halves); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	keys := []document.PassageKey{third.PassageKey, {Document: "gone"}, first.PassageKey}
	got, err := s.Similarities(t.Context(), sp, axis(1), keys)
	if err != nil {
		t.Fatal(err)
	}
	byOrdinal := cmpopts.SortSlices(func(a, b document.Candidate) bool { return a.Ordinal < b.Ordinal })
	if diff := gocmp.Diff([]document.Candidate{first, third}, got, byOrdinal, halves); diff != "" {
		t.Errorf("similarities (-want +got):\n%s", diff)
	}
}
