package v1

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
	pagetokenv1 "github.com/accord-search/accord/proto/accord/pagetoken/v1"
)

// testBinding is a binding for tests.
var testBinding = []byte("123456789")

func newServices(t testing.TB) *Services {
	t.Helper()
	s, err := New(Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// randomList returns a list with the given number of entries. All optional fields are set,
// and ids have the maximum length and do not repeat.
func randomList(random *rand.Rand, entries int) search.List {
	id := func() string {
		var b strings.Builder
		for b.Len() < 63 {
			b.WriteByte("abcdefghijklmnopqrstuvwxyz0123456789"[random.IntN(36)])
		}
		return b.String()
	}
	key := func() document.PassageKey { return document.PassageKey{Document: id(), Ordinal: random.IntN(1 << 20)} }
	score := func() float64 { return float64(random.Float32()*40 - 20) }
	list := search.List{
		SpaceID: id(), Generation: 7, Language: "es", Candidates: 600,
		Degraded: []search.Degradation{search.LexicalUnavailable}, Confidence: search.Uncertain, PossiblyIncomplete: true, UnmatchedPhrases: []string{"the bridge", "港口"}, Entries: make([]search.Entry, entries),
		Counterparts: []search.Counterpart{{PassageKey: key(), Language: "en", Similarity: 1}, {PassageKey: key(), Language: "zh", Similarity: .75}},
	}
	for i := range list.Entries {
		list.Entries[i] = search.Entry{PassageKey: key(), Copies: []document.PassageKey{key()}}
		scores := reflect.ValueOf(&list.Entries[i].Scores).Elem()
		for f := range scores.NumField() {
			switch field := scores.Field(f); field.Kind() {
			case reflect.Float32, reflect.Float64:
				field.SetFloat(score())
			case reflect.Int:
				field.SetInt(int64(1 + random.IntN(500)))
			case reflect.Bool:
				field.SetBool(random.IntN(2) == 0)
			}
		}
	}
	return list
}

// TestListTokens: a token preserves the list, and the longest token is within the limit
// of page_token.
func TestListTokens(t *testing.T) {
	t.Parallel()
	s := newServices(t)
	list := randomList(rand.New(rand.NewPCG(1, 2)), search.MaxEntries)
	for _, next := range []int{0, 1, search.MaxEntries - 1} {
		at := store.Position(next) << 47
		token := encodeList(list, next, testBinding, at)
		if len(token) > 128<<10 {
			t.Errorf("token of %d bytes is longer than page_token may be", len(token))
		}
		got, err := s.decodeList(token, testBinding)
		if err != nil {
			t.Fatal(err)
		}
		want := list
		want.Entries = list.Entries[next:]
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Fatalf("from %d (-want +got):\n%s", next, diff)
		}
		if found := foundAt(token); found != at {
			t.Errorf("position %v, want %v", found, at)
		}
	}
	if token := encodeList(list, search.MaxEntries, testBinding, 1); token != "" {
		t.Errorf("token after the last entry: %q", token)
	}
}

// TestListTokenSize: the token of a list of usual size takes about 26 characters for each
// passage, as docs/api.md says.
func TestListTokenSize(t *testing.T) {
	t.Parallel()
	const passages, most = 300, 27
	if token := encodeList(usualList(passages), 0, testBinding, 1<<35); len(token) > passages*most {
		t.Errorf("token of %d bytes for %d passages, want at most %d", len(token), passages, passages*most)
	}
}

// usualList returns a list like that of a hybrid search: half of the passages share words
// with the query, and every tenth was pulled up by a translation.
func usualList(passages int) search.List {
	list := search.List{SpaceID: "multilingual-e5-small-12345678", Generation: 1, Language: "en", Candidates: 600, Entries: make([]search.Entry, passages)}
	for i := range list.Entries {
		e := search.Entry{
			PassageKey: document.PassageKey{Document: fmt.Sprintf("reports-of-2016-%d", i*7%50), Ordinal: i % 60},
			Scores:     search.Scores{Fused: 1 / float64(i+1), Relevance: 1 / float32(i+2), DenseRank: i + 1},
		}
		if i%2 == 0 {
			e.Lexical, e.LexicalRank = 10/float64(i+1), i/2+1
		}
		if i%10 == 0 {
			e.Pivot = .7
		}
		list.Entries[i] = e
	}
	return list
}

// TestInconsistentListTokens: a token whose checksum is right but whose parts do not fit
// together is refused.
func TestInconsistentListTokens(t *testing.T) {
	t.Parallel()
	s := newServices(t)
	encoded := func() *pagetokenv1.SearchPage {
		token := encodeList(randomList(rand.New(rand.NewPCG(1, 2)), 3), 0, testBinding, 0)
		envelope, err := openToken(token)
		page := &pagetokenv1.SearchPage{}
		if err == nil {
			err = proto.Unmarshal(envelope.GetPage(), page)
		}
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	nan := float32(math.NaN())
	for what, change := range map[string]func(*pagetokenv1.SearchPage){
		"no entries":                 func(p *pagetokenv1.SearchPage) { p.Entries = nil },
		"short column":               func(p *pagetokenv1.SearchPage) { p.Entries.Ordinals = p.Entries.Ordinals[1:] },
		"short column of scores":     func(p *pagetokenv1.SearchPage) { p.Entries.Fused = p.Entries.Fused[1:] },
		"long column":                func(p *pagetokenv1.SearchPage) { p.Entries.DenseRanks = append(p.Entries.DenseRanks, 1) },
		"missing score":              func(p *pagetokenv1.SearchPage) { p.Entries.Lexical = p.Entries.Lexical[1:] },
		"score too many":             func(p *pagetokenv1.SearchPage) { p.Entries.Pivots = append(p.Entries.Pivots, 1) },
		"copies without keys":        func(p *pagetokenv1.SearchPage) { p.Entries.Copies[2]++ },
		"keys without copies":        func(p *pagetokenv1.SearchPage) { p.Entries.Copies = nil },
		"more copies than there are": func(p *pagetokenv1.SearchPage) { p.Entries.Copies[0] = search.MaxCopies + 1 },
		"negative copies":            func(p *pagetokenv1.SearchPage) { p.Entries.Copies[0] = -1 },
		"unknown document":           func(p *pagetokenv1.SearchPage) { p.Entries.Documents[0] = int32(len(p.DocumentIds)) },
		"negative document":          func(p *pagetokenv1.SearchPage) { p.Entries.Documents[0] = -1 },
		"negative ordinal":           func(p *pagetokenv1.SearchPage) { p.Entries.Ordinals[0] = -1 },
		"negative rank":              func(p *pagetokenv1.SearchPage) { p.Entries.DenseRanks[0] = -1 },
		"no number":                  func(p *pagetokenv1.SearchPage) { p.Entries.Fused[0] = nan },
		"no number in a short column": func(p *pagetokenv1.SearchPage) {
			p.Entries.Lexical[0] = float32(math.Inf(1))
		},
		"invalid id":                    func(p *pagetokenv1.SearchPage) { p.DocumentIds[0] = "A" },
		"copy of an unknown document":   func(p *pagetokenv1.SearchPage) { p.Entries.CopyDocuments[0] = 1 << 20 },
		"counterpart of an unknown one": func(p *pagetokenv1.SearchPage) { p.Counterparts[0].Document = 1 << 20 },
		"counterpart without a number":  func(p *pagetokenv1.SearchPage) { p.Counterparts[0].Similarity = nan },
		"unknown confidence":            func(p *pagetokenv1.SearchPage) { p.Confidence = 4 },
		"negative generation":           func(p *pagetokenv1.SearchPage) { p.Generation = -1 },
		"too many degradations":         func(p *pagetokenv1.SearchPage) { p.Degraded = []int32{1, 2, 3, 3} },
		"too many entries": func(p *pagetokenv1.SearchPage) {
			*p.Entries = *fromEntries(randomList(rand.New(rand.NewPCG(1, 2)), search.MaxEntries+1).Entries, &documentIndex{places: map[string]int32{}})
		},
	} {
		page := encoded()
		change(page)
		if list, err := s.decodeList(encodeToken(page, testBinding, 0), testBinding); !errors.Is(err, errDamaged) {
			t.Errorf("%s: list %v, error %v", what, list, err)
		}
	}
	if _, err := s.decodeList(encodeToken(encoded(), testBinding, 0), testBinding); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

// FuzzDecodeList: whatever a page contains, the decoded list is within its bounds and can
// be encoded again.
func FuzzDecodeList(f *testing.F) {
	s := newServices(f)
	envelope, err := openToken(encodeList(randomList(rand.New(rand.NewPCG(1, 2)), 3), 0, testBinding, 1))
	if err != nil {
		f.Fatal(err)
	}
	page := envelope.GetPage()
	f.Add(page)
	f.Add(page[:len(page)-1])
	f.Add(append(page, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := s.decodeList(sealToken(data, testBinding, 1), testBinding) // sealed with the right checksum, since nearly all inputs would fail there otherwise
		if err != nil || list == nil {
			return
		}
		if len(list.Entries) > search.MaxEntries {
			t.Fatalf("%d entries", len(list.Entries))
		}
		for _, e := range list.Entries {
			for _, key := range append(e.Copies, e.PassageKey) {
				if !document.ValidID(key.Document) || key.Ordinal < 0 {
					t.Fatalf("passage key %v", key)
				}
			}
		}
		if len(list.Entries) == 0 {
			return
		}
		if again, err := s.decodeList(encodeList(*list, 0, testBinding, 1), testBinding); err != nil || !cmp.Equal(again, list) {
			t.Fatalf("encoded again: error %v (-want +got):\n%s", err, cmp.Diff(list, again))
		}
	})
}

// TestDamagedListTokens: a token that is cut or changed anywhere is refused.
func TestDamagedListTokens(t *testing.T) {
	t.Parallel()
	s := newServices(t)
	token := encodeList(randomList(rand.New(rand.NewPCG(1, 2)), 3), 0, testBinding, 1)
	for n := 1; n < len(token); n++ {
		if list, err := s.decodeList(token[:n], testBinding); err == nil {
			t.Fatalf("first %d bytes of %d were accepted: %v", n, len(token), list)
		}
	}
	for i := range len(token) - 1 { // the last character may have spare bits
		changed := []byte(token)
		if changed[i] = 'A'; token[i] == 'A' {
			changed[i] = 'B'
		}
		if list, err := s.decodeList(string(changed), testBinding); err == nil {
			t.Fatalf("changed character %d of %d was accepted: %v", i, len(token), list)
		}
	}
}

// BenchmarkListToken encodes and decodes a list of usual size.
func BenchmarkListToken(b *testing.B) {
	s, list := newServices(b), usualList(400)
	token := encodeList(list, 10, testBinding, 1<<35)
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			encodeList(list, 10, testBinding, 1<<35)
		}
		b.ReportMetric(float64(len(token)), "bytes")
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.decodeList(token, testBinding); err != nil {
				b.Fatal(err)
			}
		}
	})
}
