package v1

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// The token of a search's next page holds what is left of its list, whole, so
// that every server can go on with it; callers must not look into it. It is
// URL-safe base64 of: a version, a binding, the list but for its entries, the
// ids of documents, each once, the entries, which name documents by their place
// among the ids, and a checksum of it all. Numbers are varints, scores float32, as in responses; it
// is made for every search, so a tenth of a millisecond counts.

const listTokenVersion = 4

// maxPhrases is more than a query has room for.
const maxPhrases = 10_000

// bindingBytes is how many bytes a binding has.
const bindingBytes = 9

// searchBinding is a digest of what the pages of a search must have in common.
func searchBinding(req *accordv1.SearchRequest) []byte {
	same := proto.CloneOf(req)
	same.Collection = document.CollectionName(collectionID(req.GetCollection()))
	same.PageSize, same.PageToken, same.ContextPassages = 0, "", 0
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(same)
	if err != nil {
		encoded = nil // a request that came over the wire can be sent again
	}
	sum := sha256.Sum256(encoded)
	return sum[:bindingBytes]
}

// encodeList returns the token of a list without its first entries, empty where
// that leaves none.
func encodeList(list search.List, next int, binding []byte) string {
	if next >= len(list.Entries) {
		return ""
	}
	entries := list.Entries[next:]
	var ids []string
	places := map[string]int{}
	place := func(key document.PassageKey) {
		if _, ok := places[key.Document]; !ok {
			places[key.Document], ids = len(ids), append(ids, key.Document)
		}
	}
	for _, e := range entries {
		for _, key := range append(e.Copies, e.PassageKey) {
			place(key)
		}
	}
	for _, c := range list.Counterparts {
		place(c.PassageKey)
	}
	w := writer{listTokenVersion}
	w = append(w, binding...)
	w.text(list.SpaceID)
	w.number(list.Generation)
	w.text(list.Language)
	w.number(list.Candidates)
	w.number(len(list.Degraded))
	for _, d := range list.Degraded {
		w.number(int(d))
	}
	w.number(int(list.Confidence))
	w.flag(list.PossiblyIncomplete)
	w.number(len(list.UnmatchedPhrases))
	for _, phrase := range list.UnmatchedPhrases {
		w.text(phrase)
	}
	w.number(len(ids))
	for _, id := range ids {
		w.text(id)
	}
	w.number(len(entries))
	for _, e := range entries {
		w.number(places[e.Document])
		w.number(e.Ordinal)
		w.scores(e.Scores)
		w.number(len(e.Copies))
		for _, key := range e.Copies {
			w.number(places[key.Document])
			w.number(key.Ordinal)
		}
	}
	w.number(len(list.Counterparts))
	for _, c := range list.Counterparts {
		w.number(places[c.Document])
		w.number(c.Ordinal)
		w.text(c.Language)
		w.float(c.Similarity)
	}
	w = binary.LittleEndian.AppendUint32(w, crc32.ChecksumIEEE(w))
	return base64.RawURLEncoding.EncodeToString(w)
}

// decodeList returns the list that a token goes on with, nil for no token.
func decodeList(token string, binding []byte) (*search.List, error) {
	if token == "" {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(token)
	end := max(0, len(data)-crc32.Size)
	r := &reader{rest: data[:end]}
	if err != nil || r.byte() != listTokenVersion {
		return nil, &document.FieldError{Field: "page_token", Problem: "is not one that this method gave; leave it empty to start at the first page"}
	}
	if !bytes.Equal(r.bytes(bindingBytes), binding) {
		return nil, &document.FieldError{Field: "page_token", Problem: "belongs to another request; repeat the request as it was, page_size and context_passages apart, or start at the first page"}
	}
	if binary.LittleEndian.Uint32(data[end:]) != crc32.ChecksumIEEE(data[:end]) {
		return nil, errDamaged
	}
	list := &search.List{SpaceID: r.text(), Generation: r.number(), Language: r.text(), Candidates: r.number()}
	for range r.count(maxDegraded) {
		list.Degraded = append(list.Degraded, search.Degradation(r.number()))
	}
	list.Confidence, list.PossiblyIncomplete = search.Confidence(r.count(int(search.OffTopic))), r.flag()
	for range r.count(maxPhrases) {
		list.UnmatchedPhrases = append(list.UnmatchedPhrases, r.text())
	}
	var ids []string
	for range r.count(search.MaxEntries*(1+search.MaxCopies) + search.MaxCounterparts) {
		ids = append(ids, r.id())
	}
	for range r.count(search.MaxEntries) {
		e := search.Entry{PassageKey: r.key(ids), Scores: r.scores()}
		for range r.count(search.MaxCopies) {
			e.Copies = append(e.Copies, r.key(ids))
		}
		list.Entries = append(list.Entries, e)
	}
	for range r.count(search.MaxCounterparts) {
		list.Counterparts = append(list.Counterparts, search.Counterpart{PassageKey: r.key(ids), Language: r.text(), Similarity: r.float()})
	}
	if r.damaged || len(r.rest) > 0 {
		return nil, errDamaged
	}
	return list, nil
}

var errDamaged = &document.FieldError{Field: "page_token", Problem: "is damaged; leave it empty to start at the first page"}

// maxDegraded is how many kinds of search.Degradation there are.
const maxDegraded = 3

// writer appends values.
type writer []byte

func (w *writer) number(n int) { *w = binary.AppendUvarint(*w, uint64(n)) }

func (w *writer) text(s string) {
	w.number(len(s))
	*w = append(*w, s...)
}

func (w *writer) float(x float64) {
	*w = binary.LittleEndian.AppendUint32(*w, math.Float32bits(float32(x)))
}

func (w *writer) flag(b bool) {
	n := 0
	if b {
		n = 1
	}
	w.number(n)
}

func (w *writer) scores(s search.Scores) {
	w.number(s.DenseRank)
	w.float(s.Lexical)
	w.number(s.LexicalRank)
	w.float(s.Fused)
	w.float(float64(s.Relevance))
	w.float(s.Pivot)
	w.flag(s.Named)
	w.float(s.Rerank)
	w.flag(s.Reranked)
}

// reader takes what writer wrote. Once something is damaged all that follows is
// zero.
type reader struct {
	rest    []byte
	damaged bool
}

func (r *reader) bytes(n int) []byte {
	if r.damaged = r.damaged || n > len(r.rest); r.damaged {
		return make([]byte, min(n, bindingBytes))
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte { return r.bytes(1)[0] }

func (r *reader) number() int {
	n, size := binary.Uvarint(r.rest)
	if r.damaged = r.damaged || size <= 0 || n > math.MaxInt32; r.damaged {
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

// count is a number of things that follow.
func (r *reader) count(most int) int {
	n := r.number()
	if r.damaged = r.damaged || n > most; r.damaged {
		return 0
	}
	return n
}

func (r *reader) text() string {
	text := string(r.bytes(r.count(len(r.rest))))
	r.damaged = r.damaged || !utf8.ValidString(text)
	return text
}

func (r *reader) float() float64 {
	x := float64(math.Float32frombits(binary.LittleEndian.Uint32(r.bytes(4))))
	if r.damaged = r.damaged || math.IsNaN(x) || math.IsInf(x, 0); r.damaged {
		return 0
	}
	return x
}

func (r *reader) flag() bool { return r.count(1) == 1 }

func (r *reader) id() string {
	id := r.text()
	r.damaged = r.damaged || !document.ValidID(id)
	return id
}

// key returns the name of a passage.
func (r *reader) key(ids []string) document.PassageKey {
	place, ordinal := r.number(), r.number()
	if r.damaged = r.damaged || place >= len(ids); r.damaged {
		return document.PassageKey{}
	}
	return document.PassageKey{Document: ids[place], Ordinal: ordinal}
}

func (r *reader) scores() search.Scores {
	return search.Scores{
		DenseRank: r.number(), Lexical: r.float(), LexicalRank: r.number(), Fused: r.float(), Relevance: float32(r.float()),
		Pivot: r.float(), Named: r.flag(),
		Rerank: r.float(), Reranked: r.flag(),
	}
}
