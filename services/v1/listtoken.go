package v1

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// The token of a search's next page holds the rest of its list, so that every server can
// continue it. It is opaque to callers. It is URL-safe base64 of: a version, a binding,
// the list without its entries, the ids of documents (each once), the entries (which
// refer to documents by index), and a checksum of everything. Numbers are varints,
// scores are float32 as in responses, and entries omit zero values. A token is made for
// every search, so a tenth of a millisecond matters.

const listTokenVersion = 6

// maxPhrases is more phrases than fit in a query.
const maxPhrases = 10_000

// bindingBytes is the length of a binding.
const bindingBytes = 9

// searchBinding returns a digest of the fields that all pages of a search must have in
// common.
func searchBinding(req *accordv1.SearchRequest) []byte {
	same := proto.CloneOf(req)
	same.Collection = document.CollectionName(document.CollectionID(req.GetCollection()))
	same.PageSize, same.PageToken, same.ContextPassages = 0, "", 0
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(same)
	if err != nil {
		encoded = nil // cannot happen: the request was decoded from the wire
	}
	sum := sha256.Sum256(encoded)
	return sum[:bindingBytes]
}

// encodeList returns the token of a list from the entry next on, or "" if there are no
// more entries. Later pages read from a database that has reached the position at.
func encodeList(list search.List, next int, binding []byte, at store.Position) string {
	if next >= len(list.Entries) {
		return ""
	}
	entries := list.Entries[next:]
	var ids []string
	places := make(map[string]int, len(entries))
	place := func(key document.PassageKey) {
		if _, ok := places[key.Document]; !ok {
			places[key.Document], ids = len(ids), append(ids, key.Document)
		}
	}
	for _, e := range entries {
		place(e.PassageKey)
		for _, key := range e.Copies {
			place(key)
		}
	}
	for _, c := range list.Counterparts {
		place(c.PassageKey)
	}
	const usual = 30 // approximate bytes of an entry
	w := append(make(writer, 0, usual*(len(entries)+len(ids))), listTokenVersion)
	w = append(w, binding...)
	w = binary.AppendUvarint(w, uint64(at))
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
		w.scores(e.Scores, len(e.Copies))
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

// decodeList returns the list to continue and the position it was found at, or nil for
// no token.
func decodeList(token string, binding []byte) (*search.List, store.Position, error) {
	if token == "" {
		return nil, 0, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(token)
	end := max(0, len(data)-crc32.Size)
	r := &reader{rest: data[:end]}
	if err != nil || r.byte() != listTokenVersion {
		return nil, 0, &document.FieldError{Field: "page_token", Problem: "was not issued by this method; leave it empty to start at the first page"}
	}
	if !bytes.Equal(r.bytes(bindingBytes), binding) {
		return nil, 0, &document.FieldError{Field: "page_token", Problem: "belongs to another request; repeat the request unchanged, except page_size and context_passages, or start at the first page"}
	}
	if binary.LittleEndian.Uint32(data[end:]) != crc32.ChecksumIEEE(data[:end]) {
		return nil, 0, errDamaged
	}
	at := store.Position(r.long())
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
		e := search.Entry{PassageKey: r.key(ids)}
		copies := 0
		e.Scores, copies = r.scores()
		for range copies {
			e.Copies = append(e.Copies, r.key(ids))
		}
		list.Entries = append(list.Entries, e)
	}
	for range r.count(search.MaxCounterparts) {
		list.Counterparts = append(list.Counterparts, search.Counterpart{PassageKey: r.key(ids), Language: r.text(), Similarity: r.float()})
	}
	if r.damaged || len(r.rest) > 0 {
		return nil, 0, errDamaged
	}
	return list, at, nil
}

// foundAt returns the position in a token without checking the token, or 0 if there is
// none.
func foundAt(token string) store.Position {
	const head = 28 // characters of version, binding and the longest position
	data, _ := base64.RawURLEncoding.DecodeString(token[:min(len(token), head)])
	r := &reader{rest: data}
	if r.byte() != listTokenVersion {
		return 0
	}
	r.bytes(bindingBytes)
	return store.Position(r.long())
}

var errDamaged = &document.FieldError{Field: "page_token", Problem: "is damaged; leave it empty to start at the first page"}

// maxDegraded is the number of search.Degradation values.
const maxDegraded = 3
