package v1

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

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

// What an entry has besides what each has, by bit.
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

// scores appends the scores of an entry and how many copies it has.
func (w *writer) scores(s search.Scores, copies int) {
	at := len(*w)
	*w = append(*w, 0)
	w.float(s.Fused)
	w.float(float64(s.Relevance))
	has := w.some(hasDenseRank, s.DenseRank) | w.someFloat(hasLexical, s.Lexical) | w.some(hasLexicalRank, s.LexicalRank) |
		w.someFloat(hasPivot, s.Pivot) | w.someFloat(hasRerank, s.Rerank) | w.some(hasCopies, copies)
	if s.Named {
		has |= isNamed
	}
	if s.Reranked {
		has |= isReranked
	}
	(*w)[at] = has
}

// some appends a number that is not 0, and returns the bit that says so.
func (w *writer) some(bit byte, n int) byte {
	if n == 0 {
		return 0
	}
	w.number(n)
	return bit
}

func (w *writer) someFloat(bit byte, x float64) byte {
	if float32(x) == 0 {
		return 0
	}
	w.float(x)
	return bit
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

// scores returns the scores of an entry and how many copies follow.
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
