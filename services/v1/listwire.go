package v1

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

// writer encodes values by appending them.
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

// Flags for the optional fields of an entry.
const (
	hasDenseRank = 1 << iota
	hasLexical
	hasLexicalRank
	hasPivot
	isNamed
	hasRerank
	isReranked
	hasCopies
)

// scores appends the scores of an entry and its number of copies.
func (w *writer) scores(s search.Scores, copies int) {
	at := len(*w)
	*w = append(*w, 0)
	w.float(s.Fused)
	w.float(float64(s.Relevance))
	has := w.optional(hasDenseRank, s.DenseRank) | w.optionalFloat(hasLexical, s.Lexical) | w.optional(hasLexicalRank, s.LexicalRank) |
		w.optionalFloat(hasPivot, s.Pivot) | w.optionalFloat(hasRerank, s.Rerank) | w.optional(hasCopies, copies)
	if s.Named {
		has |= isNamed
	}
	if s.Reranked {
		has |= isReranked
	}
	(*w)[at] = has
}

// optional appends a number unless it is 0, and returns its flag if it did.
func (w *writer) optional(bit byte, n int) byte {
	if n == 0 {
		return 0
	}
	w.number(n)
	return bit
}

func (w *writer) optionalFloat(bit byte, x float64) byte {
	if float32(x) == 0 {
		return 0
	}
	w.float(x)
	return bit
}

// reader decodes what writer encoded. After the first damaged value it returns only zero
// values.
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
	n := r.long()
	if r.damaged = r.damaged || n > math.MaxInt32; r.damaged {
		return 0
	}
	return int(n)
}

func (r *reader) long() uint64 {
	n, size := binary.Uvarint(r.rest)
	if r.damaged = r.damaged || size <= 0; r.damaged {
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count reads the number of values that follow, which may be at most limit.
func (r *reader) count(limit int) int {
	n := r.number()
	if r.damaged = r.damaged || n > limit; r.damaged {
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

// key reads a passage key.
func (r *reader) key(ids []string) document.PassageKey {
	place, ordinal := r.number(), r.number()
	if r.damaged = r.damaged || place >= len(ids); r.damaged {
		return document.PassageKey{}
	}
	return document.PassageKey{Document: ids[place], Ordinal: ordinal}
}

// scores reads the scores of an entry and its number of copies.
func (r *reader) scores() (s search.Scores, copies int) {
	has := r.byte()
	s.Fused, s.Relevance = r.float(), float32(r.float())
	s.Named, s.Reranked = has&isNamed != 0, has&isReranked != 0
	if has&hasDenseRank != 0 {
		s.DenseRank = r.number()
	}
	if has&hasLexical != 0 {
		s.Lexical = r.float()
	}
	if has&hasLexicalRank != 0 {
		s.LexicalRank = r.number()
	}
	if has&hasPivot != 0 {
		s.Pivot = r.float()
	}
	if has&hasRerank != 0 {
		s.Rerank = r.float()
	}
	if has&hasCopies != 0 {
		copies = r.count(search.MaxCopies)
	}
	return s, copies
}
