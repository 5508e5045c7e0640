package store_test

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

const dimensions = 8

// newCollection creates a collection and returns its active space.
func newCollection(t testing.TB, s *store.Store, id string) space.Space {
	t.Helper()
	first := space.Space{ID: "test-1", Model: "test", Dimensions: dimensions, Profile: document.ModelProfile{Model: "test"}}
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
		ContentHash: "hash of " + text,
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

func randomUnit(r *rand.Rand) []float32 {
	v := make([]float32, dimensions)
	var square float64
	for i := range v {
		v[i] = float32(r.NormFloat64())
		square += float64(v[i]) * float64(v[i])
	}
	for i := range v { // numbers that a halfvec represents exactly
		v[i] = float32(math.Round(float64(v[i])/math.Sqrt(square)*1024) / 1024)
	}
	return v
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

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

// window returns a window of a whole passage.
func window(vector []float32) document.Window {
	return document.Window{Embedding: document.Embedding{Vector: vector}}
}

// nearest returns the passages nearest to a vector in all languages together, as a search
// without calibration does.
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
	hits, err := s.Hits(t.Context(), sp, vector, nil, keys)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

// withoutSort changes a connection string so that Postgres prefers any index to sorting.
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
