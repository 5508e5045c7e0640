package store_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

const dimensions = 8

// newCollection makes a collection and returns its active space.
func newCollection(t testing.TB, s *store.Store, id string) space.Space {
	t.Helper()
	first := space.Space{ID: "test-1", Model: "test", Dimensions: dimensions, Profile: json.RawMessage(`{"model": "test"}`)}
	if err := s.CreateCollection(t.Context(), id, first); err != nil {
		t.Fatal(err)
	}
	sp, err := s.ActiveSpace(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

// newDocument returns a document of paragraphs, each with one window.
func newDocument(collection, id string, r *rand.Rand, paragraphs ...string) document.Indexed {
	text := strings.Join(paragraphs, "\n\n")
	in := document.Indexed{
		Document: document.Document{
			Collection: collection, ID: id, Title: "Title of " + id, LanguageCode: "en", Source: "Wire", URI: "https://example.com/" + id,
			Text: text, Digest: document.TextDigest(text), ETag: "etag " + id, Metadata: map[string]string{"file": id + ".txt"},
			PublishTime: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), PublishPrecision: document.PrecisionSecond,
		},
		ContentHash: "hash " + id,
	}
	counter, at := document.NewRangeCounter(text), 0
	for i, p := range paragraphs {
		in.Passages = append(in.Passages, document.Passage{
			Ordinal: i, Kind: document.KindParagraph, LanguageCode: "en", Text: p, Range: counter.Range(at, at+len(p)),
		})
		in.Windows = append(in.Windows, []document.Window{window(randomUnit(r))})
		at += len(p) + 2
	}
	return in
}

// window is a window of a whole passage.
func window(vector []float32) document.Window { return document.Window{Vector: vector} }

// nearest returns the passages nearest to a vector, in all languages together:
// what a search does with similarities that nothing is known of.
func nearest(t testing.TB, s *store.Store, sp space.Space, vector []float32, f document.Filter, limit int) []document.Hit {
	t.Helper()
	one := calibrate.Normal{Deviation: 1}
	list, _, err := s.Nearest(t.Context(), sp, vector, calibrate.Scales{calibrate.Fallback: {Passage: one, Window: one}}, f, limit)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(list, func(a, b document.Candidate) int {
		return cmp.Or(cmp.Compare(b.Passage+b.Window, a.Passage+a.Window), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	var keys []document.PassageKey
	for _, c := range list[:min(limit, len(list))] {
		keys = append(keys, c.PassageKey)
	}
	hits, err := s.Hits(t.Context(), sp, vector, keys)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

func randomUnit(r *rand.Rand) []float32 {
	v := make([]float32, dimensions)
	var square float64
	for i := range v {
		v[i] = float32(r.NormFloat64())
		square += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(square))
	}
	return v
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func TestMigrate(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrSchema) {
		t.Errorf("before migrating: got %v, want ErrSchema", err)
	}
	first, err := store.Migrate(t.Context(), url)
	if err != nil || len(first) == 0 {
		t.Fatalf("first: applied %v, error %v", first, err)
	}
	again, err := store.Migrate(t.Context(), url)
	if err != nil || len(again) != 0 {
		t.Errorf("second: applied %v, error %v, want none", again, err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("after migrating: %v", err)
	}
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	applied := make(chan int)
	for range 4 {
		go func() {
			names, err := store.Migrate(context.Background(), url)
			if err != nil {
				t.Errorf("migrate: %v", err)
			}
			applied <- len(names)
		}()
	}
	migrators := 0
	for range 4 {
		if <-applied > 0 {
			migrators++
		}
	}
	if migrators != 1 {
		t.Errorf("%d migrators applied something, want 1", migrators)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	s, err := store.Open(store.Config{URL: "postgres://nobody@127.0.0.1:1/none"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func TestReplaceAndGet(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	in := newDocument("c", "d", newRand(), "First 段落.", "Second.")
	in.Document.Blocks = []document.Block{{Kind: document.KindHeading, Range: in.Passages[0].Range}}
	stored, err := s.ReplaceDocument(t.Context(), sp, in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.GetDocument(t.Context(), "c", "d", true)
	if err != nil {
		t.Fatal(err)
	}
	times := cmpopts.IgnoreFields(document.Document{}, "CreateTime", "UpdateTime")
	if diff := gocmp.Diff(in.Document, got, times); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if got.CreateTime.IsZero() || !got.UpdateTime.Equal(stored.UpdateTime) {
		t.Errorf("times: created %v, updated %v, want update %v", got.CreateTime, got.UpdateTime, stored.UpdateTime)
	}
	basic, err := s.GetDocument(t.Context(), "c", "d", false)
	if err != nil {
		t.Fatal(err)
	}
	want := in.Document
	want.Text, want.Blocks = "", nil
	if diff := gocmp.Diff(want, basic, times, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("basic view (-want +got):\n%s", diff)
	}
	state, err := s.DocumentState(t.Context(), sp, "d")
	if err != nil || state.ETag != "etag d" || state.ContentHash != "hash d" {
		t.Errorf("state %+v, error %v", state, err)
	}
}

func TestReplaceLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	for _, in := range []document.Indexed{newDocument("c", "d", r, "one", "two", "three"), newDocument("c", "d", r, "four")} {
		if _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
	}
	hits := nearest(t, s, sp, randomUnit(r), document.Filter{}, 10)
	if len(hits) != 1 || hits[0].Passage.Text != "four" || hits[0].Document.Collection != "c" {
		t.Errorf("got %d hits, want the one passage of the new document", len(hits))
	}
	if err := s.DeleteDocument(t.Context(), "c", "d"); err != nil {
		t.Fatal(err)
	}
	if hits := nearest(t, s, sp, randomUnit(r), document.Filter{}, 10); len(hits) != 0 {
		t.Errorf("after deleting: %d hits", len(hits))
	}
	if err := s.DeleteDocument(t.Context(), "c", "d"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("second delete: got %v, want ErrNotFound", err)
	}
}

func TestUpdateDocument(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	in := newDocument("c", "d", newRand(), "one")
	if _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	changed := in.Document
	changed.Source, changed.LanguageCode, changed.PublishTime = "Other", "zh-Hant", time.Time{}
	if _, err := s.UpdateDocument(t.Context(), sp, changed, "another hash"); !errors.Is(err, document.ErrChanged) {
		t.Errorf("with another hash: got %v, want ErrChanged", err)
	}
	if _, err := s.UpdateDocument(t.Context(), sp, changed, in.ContentHash); err != nil {
		t.Fatal(err)
	}
	filter := document.Filter{Sources: []string{"Other"}, Languages: []string{"zh-hant"}}
	hits := nearest(t, s, sp, in.Windows[0][0].Vector, filter, 10)
	if len(hits) != 1 || hits[0].Passage.LanguageCode != "zh-Hant" || !hits[0].Document.PublishTime.IsZero() {
		t.Errorf("the filter columns did not follow: %+v", hits)
	}
}

func TestCollections(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	for _, id := range []string{"b", "a", "c"} {
		newCollection(t, s, id)
	}
	err := s.CreateCollection(t.Context(), "a", space.Space{ID: "x", Dimensions: 3, Profile: json.RawMessage(`{}`)})
	if !errors.Is(err, document.ErrAlreadyExists) {
		t.Errorf("second create: got %v, want ErrAlreadyExists", err)
	}
	list, err := s.ListCollections(t.Context(), "a", 1)
	if err != nil || len(list) != 1 || list[0].ID != "b" || list[0].Active.ID != "test-1" {
		t.Errorf("list after a: %+v, error %v", list, err)
	}
	sp, err := s.ActiveSpace(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	in := newDocument("b", "d", newRand(), "one", "two")
	if _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	got, err := s.GetCollection(t.Context(), "b")
	if err != nil || got.Documents != 1 || got.Passages != 2 {
		t.Errorf("got %+v, error %v, want 1 document and 2 passages", got, err)
	}
	if err := s.DeleteCollection(t.Context(), "b", false); !errors.Is(err, document.ErrNotEmpty) {
		t.Errorf("delete: got %v, want ErrNotEmpty", err)
	}
	if err := s.DeleteCollection(t.Context(), "b", true); err != nil {
		t.Errorf("forced delete: %v", err)
	}
	if _, err := s.ActiveSpace(t.Context(), "b"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("deleted: got %v, want ErrNotFound", err)
	}
	if _, err := s.ReplaceDocument(t.Context(), sp, in); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("write to a deleted collection: got %v, want ErrNotFound", err)
	}
}

// TestListDocumentsPages: pages joined are one large page, whatever their size.
func TestListDocumentsPages(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	for _, id := range []string{"b", "a-1", "a", "10", "9", "b-2", "ab"} {
		if _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", id, r, "text")); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"10", "9", "a", "a-1", "ab", "b", "b-2"}
	for size := 1; size <= len(want)+1; size++ {
		var got []string
		for after := ""; ; {
			page, err := s.ListDocuments(t.Context(), "c", document.Filter{}, after, size)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range page {
				got = append(got, d.ID)
				after = d.ID
			}
			if len(page) < size {
				break
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
	}
}

// corpusOf stores documents that differ in all that filters look at and returns
// them.
func corpusOf(t testing.TB, s *store.Store, sp space.Space, documents int) []document.Indexed {
	t.Helper()
	r := newRand()
	var all []document.Indexed
	for i := range documents {
		in := newDocument(sp.Collection, fmt.Sprintf("d%04d", i), r, sentence(r), sentence(r), sentence(r))
		d := &in.Document
		d.LanguageCode = []string{"en", "zh", "zh-Hant", "es"}[i%4]
		d.Source = []string{"Wire", "Gazette"}[i%2]
		d.Metadata = map[string]string{"file": fmt.Sprintf("f%d", i%5), "x": "y"}
		d.PublishTime = time.Date(2024, 1, 1+i%28, 0, 0, 0, 0, time.UTC)
		if i%7 == 0 {
			d.PublishTime, d.PublishPrecision = time.Time{}, document.PrecisionUnknown
		}
		for p := range in.Passages {
			in.Passages[p].LanguageCode = d.LanguageCode
			in.Passages[p].Kind = document.Kind(1 + (i+p)%4)
			if p == 1 { // several windows
				in.Windows[p] = append(in.Windows[p], window(randomUnit(r)), window(randomUnit(r)))
			}
		}
		if _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
		all = append(all, in)
	}
	return all
}

type ranked struct {
	ID         string
	Ordinal    int
	Similarity float64
}

// bruteForce ranks the passages that keep lets through.
func bruteForce(all []document.Indexed, vector []float32, limit int, keep func(document.Document, document.Passage) bool) []ranked {
	var out []ranked
	for _, in := range all {
		for i, p := range in.Passages {
			if !keep(in.Document, p) {
				continue
			}
			best := -1.0
			for _, w := range in.Windows[i] {
				var dot float64
				for k, x := range w.Vector {
					dot += float64(x) * float64(vector[k])
				}
				best = max(best, dot)
			}
			out = append(out, ranked{in.Document.ID, p.Ordinal, best})
		}
	}
	slices.SortFunc(out, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	return out[:min(limit, len(out))]
}

func rankedHits(hits []document.Hit) []ranked {
	var out []ranked
	for _, h := range hits {
		out = append(out, ranked{h.Document.ID, h.Passage.Ordinal, h.Similarity})
	}
	return out
}

func isRanked(p document.Passage) bool {
	return p.Kind == document.KindParagraph || p.Kind == document.KindArticle
}

func day(n int) *time.Time {
	t := time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC)
	return &t
}

var filters = map[string]struct {
	filter document.Filter
	keep   func(document.Document, document.Passage) bool
}{
	"none": {document.Filter{}, func(_ document.Document, p document.Passage) bool { return isRanked(p) }},
	"language": {
		document.Filter{Languages: []string{"zh"}},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && strings.HasPrefix(d.LanguageCode, "zh")
		},
	},
	"script": {
		document.Filter{Languages: []string{"ZH-hant", "fr"}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && d.LanguageCode == "zh-Hant" },
	},
	"two languages": {
		document.Filter{Languages: []string{"es", "en"}},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && (d.LanguageCode == "es" || d.LanguageCode == "en")
		},
	},
	"source": {
		document.Filter{Sources: []string{"Gazette", "Nobody"}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && d.Source == "Gazette" },
	},
	"documents": {
		document.Filter{Documents: []string{"d0003", "d0008", "missing"}},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && (d.ID == "d0003" || d.ID == "d0008")
		},
	},
	"kinds": {
		document.Filter{Kinds: []document.Kind{document.KindCaption, document.KindHeading}},
		func(_ document.Document, p document.Passage) bool { return !isRanked(p) },
	},
	"dates": {
		document.Filter{PublishedAfter: day(5), PublishedBefore: day(9)},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && !d.PublishTime.IsZero() && d.PublishTime.Day() >= 5 && d.PublishTime.Day() < 9
		},
	},
	"dated": {
		document.Filter{PublishedAfter: &time.Time{}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && !d.PublishTime.IsZero() },
	},
	"metadata": {
		document.Filter{Metadata: map[string]string{"file": "f2", "x": "y"}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && d.Metadata["file"] == "f2" },
	},
	"nothing": {
		document.Filter{Sources: []string{"Nobody"}},
		func(document.Document, document.Passage) bool { return false },
	},
}

// TestNearestIsBruteForce: each filter gives the rows of brute force over it.
func TestNearestIsBruteForce(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	all := corpusOf(t, s, sp, 60)
	r := newRand()
	for name, f := range filters {
		for _, limit := range []int{1, 10, 100} {
			vector := randomUnit(r)
			hits := nearest(t, s, sp, vector, f.filter, limit)
			want := bruteForce(all, vector, limit, f.keep)
			if diff := gocmp.Diff(want, rankedHits(hits), cmpopts.EquateApprox(0, 1e-5), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, limit %d (-want +got):\n%s", name, limit, diff)
			}
		}
	}
}

func TestListDocumentsFilters(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	all := corpusOf(t, s, sp, 60)
	for name, f := range filters {
		if name == "none" { // of passages, HEADING and CAPTION are left out by it, of documents nothing
			continue
		}
		list, err := s.ListDocuments(t.Context(), "c", f.filter, "", 1000)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var want, got []string
		for _, in := range all {
			// Every document has a ranked passage and one that is not.
			if slices.ContainsFunc(in.Passages, func(p document.Passage) bool { return f.keep(in.Document, p) }) {
				want = append(want, in.Document.ID)
			}
		}
		for _, d := range list {
			got = append(got, d.ID)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := s.ListDocuments(t.Context(), "missing", document.Filter{}, "", 10); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("no collection: got %v, want ErrNotFound", err)
	}
}

// TestWindowsOfOnePassage: a passage with very many near windows does not
// crowd out the others.
func TestWindowsOfOnePassage(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	in := newDocument("c", "d", r, "one", "two", "three")
	query := randomUnit(r)
	for range 2000 {
		in.Windows[1] = append(in.Windows[1], window(query))
	}
	if _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	hits := nearest(t, s, sp, query, document.Filter{}, 3)
	if len(hits) != 3 || hits[0].Passage.Text != "two" {
		t.Errorf("got %d hits, want all three passages, two first", len(hits))
	}
}

// TestIndexedLanguages: once a language has enough rows it gets an index, and
// searches over indexed and other languages together still give the nearest.
func TestIndexedLanguages(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	plain, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	sp := newCollection(t, plain, "c")
	all := corpusOf(t, plain, sp, 200)

	// A store that opens over rows enough builds at once.
	indexed, err := store.Open(store.Config{URL: url, HNSWMinRows: 200})
	if err != nil {
		t.Fatal(err)
	}
	defer indexed.Close()
	for len(sp.Calibration.Indexed) < 2 {
		select {
		case <-t.Context().Done():
			t.Fatal("no index was built")
		case <-time.After(10 * time.Millisecond):
		}
		if sp, err = indexed.ActiveSpace(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff([]string{"en", "es"}, sp.Calibration.Indexed); diff != "" {
		t.Fatalf("languages with an index (-want +got):\n%s", diff)
	}
	r := newRand()
	for name, f := range filters {
		vector := randomUnit(r)
		hits := nearest(t, indexed, sp, vector, f.filter, 10)
		want := bruteForce(all, vector, 10, f.keep)
		if diff := gocmp.Diff(want, rankedHits(hits), cmpopts.EquateApprox(0, 1e-5), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestIndexAfterRewrites: rows that rewrites left dead in the index of a role do
// not hide what it should find.
func TestIndexAfterRewrites(t *testing.T) {
	t.Parallel()
	database := storetest.URL(t)
	s, err := store.Open(store.Config{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sp := newCollection(t, s, "c")
	r := newRand()
	query := []float32{1, 0, 0, 0, 0, 0, 0, 0}
	similar := func(similarity float32) []float32 { // to the query; another one each time
		v := randomUnit(r)
		v[0] = similarity
		return v
	}
	write := func(id string, passage, sentences float32) {
		in := newDocument("c", id, r, "text")
		in.Windows[0] = []document.Window{window(similar(passage)), {Role: document.RoleSentences, Vector: similar(sentences)}}
		if _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
	}
	const rows = 200 // more than an index scan gives
	for i := range rows {
		write(fmt.Sprintf("other%d", i), 0, 0)
	}
	write("best", -0.5, 1)
	// Few rows are sorted faster than an index is read.
	indexed, err := store.Open(store.Config{URL: withoutSort(t, database), HNSWMinRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer indexed.Close()
	for len(sp.Calibration.Indexed) == 0 {
		select {
		case <-t.Context().Done():
			t.Fatal("no index was built")
		case <-time.After(10 * time.Millisecond):
		}
		if sp, err = indexed.ActiveSpace(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
	}
	for range rows {
		write("best", -0.5, 1)
	}
	write("best", -0.5, 0.9) // the dead ones are nearer
	hits := nearest(t, indexed, sp, query, document.Filter{}, 3)
	if len(hits) != 3 || hits[0].Document.ID != "best" {
		t.Errorf("%d hits, the first %+v; want 3, the best first", len(hits), hits[:min(1, len(hits))])
	}
}

// withoutSort has a connection prefer any index to sorting.
func withoutSort(t *testing.T, connection string) string {
	t.Helper()
	u, err := url.Parse(connection)
	if err != nil {
		t.Fatal(err)
	}
	values := u.Query()
	values.Set("enable_sort", "off")
	u.RawQuery = values.Encode()
	return u.String()
}

// TestDeleteCollectionBesideWrites: writers and the deleting of their
// collection do not fail for each other's sake, but for its absence.
func TestDeleteCollectionBesideWrites(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	for round := range 5 {
		id := fmt.Sprintf("c%d", round)
		sp := newCollection(t, s, id)
		in := newDocument(id, "d", newRand(), "one", "two")
		if _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
		failed := make(chan error)
		for range 4 {
			go func() {
				for {
					if _, err := s.ReplaceDocument(context.Background(), sp, in); err != nil {
						failed <- err
						return
					}
				}
			}()
		}
		if err := s.DeleteCollection(t.Context(), id, true); err != nil {
			t.Errorf("delete: %v", err)
		}
		for range 4 {
			if err := <-failed; !errors.Is(err, document.ErrNotFound) {
				t.Errorf("write: got %v, want ErrNotFound", err)
			}
		}
	}
}
