package v1

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
)

// randomList returns a list with a number of entries and all optional fields, with ids
// of maximum length that do not repeat.
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
	binding := []byte("123456789")
	list := randomList(rand.New(rand.NewPCG(1, 2)), search.MaxEntries)
	for _, next := range []int{0, 1, search.MaxEntries - 1} {
		at := store.Position(next) << 47
		token := encodeList(list, next, binding, at)
		if len(token) > 128<<10 {
			t.Errorf("token of %d bytes is longer than page_token may be", len(token))
		}
		got, gotAt, err := decodeList(token, binding)
		if err != nil {
			t.Fatal(err)
		}
		want := list
		want.Entries = list.Entries[next:]
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Fatalf("from %d (-want +got):\n%s", next, diff)
		}
		if found := foundAt(token); gotAt != at || found != at {
			t.Errorf("position %v, and %v from the start of the token, want %v", gotAt, found, at)
		}
	}
	if token := encodeList(list, search.MaxEntries, binding, 1); token != "" {
		t.Errorf("token after the last entry: %q", token)
	}
}

// FuzzDecodeList: lists from any token are within bounds and can be encoded again.
func FuzzDecodeList(f *testing.F) {
	binding := make([]byte, bindingBytes)
	token, err := base64.RawURLEncoding.DecodeString(encodeList(randomList(rand.New(rand.NewPCG(1, 2)), 3), 0, binding, 1))
	if err != nil {
		f.Fatal(err)
	}
	token = token[:len(token)-crc32.Size]
	f.Add(token)
	f.Add(token[:len(token)-1])
	f.Add(append(token, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = binary.LittleEndian.AppendUint32(data, crc32.ChecksumIEEE(data)) // otherwise nearly all inputs fail at the checksum
		list, _, err := decodeList(base64.RawURLEncoding.EncodeToString(data), binding)
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
		if again, _, err := decodeList(encodeList(*list, 0, binding, 1), binding); err != nil || !cmp.Equal(again, list) {
			t.Fatalf("encoded again: error %v (-want +got):\n%s", err, cmp.Diff(list, again))
		}
	})
}

// TestDamagedListTokens: a token that is cut or changed anywhere is refused.
func TestDamagedListTokens(t *testing.T) {
	t.Parallel()
	binding := make([]byte, bindingBytes)
	token := encodeList(randomList(rand.New(rand.NewPCG(1, 2)), 3), 0, binding, 1)
	for n := 1; n < len(token); n++ {
		if list, _, err := decodeList(token[:n], binding); err == nil {
			t.Fatalf("first %d bytes of %d were accepted: %v", n, len(token), list)
		}
	}
	for i := range len(token) - 1 { // the last character may have spare bits
		changed := []byte(token)
		if changed[i] = 'A'; token[i] == 'A' {
			changed[i] = 'B'
		}
		if list, _, err := decodeList(string(changed), binding); err == nil {
			t.Fatalf("changed character %d of %d was accepted: %v", i, len(token), list)
		}
	}
}

// BenchmarkEncodeList encodes a list of usual size.
func BenchmarkEncodeList(b *testing.B) {
	list := search.List{SpaceID: "multilingual-e5-small-12345678", Entries: make([]search.Entry, 400)}
	for i := range list.Entries {
		list.Entries[i] = search.Entry{
			PassageKey: document.PassageKey{Document: fmt.Sprintf("reports-of-2016-%d", i*7%50), Ordinal: i % 60},
			Scores:     search.Scores{Fused: 1 / float64(i+1), DenseRank: i + 1},
		}
	}
	for b.Loop() {
		encodeList(list, 10, make([]byte, bindingBytes), 1<<35)
	}
}
