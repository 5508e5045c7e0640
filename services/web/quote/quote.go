// Package quote finds a quoted piece of a text again, even after the text around it has
// changed. It has no I/O.
package quote

import (
	"fmt"
	"strconv"
	"strings"
)

// Quote is a piece of a text, as a link names it.
type Quote struct {
	Start, End int    // code points, half open
	Digest     string // of the quoted words, as Digest returns it; empty if the link has none
}

// State says whether, and where, a text still has a quote.
type State int

// The states of a quote in a text.
const (
	Same    State = iota // the words are where the link says
	Moved                // the same words are at another place
	Changed              // the words are not in the text
	Outside              // the range is beyond the end of the text, and the link has no digest
)

// Parse reads the range START-END of a link, in code points, and the digest, which may be
// empty.
func Parse(span, digest string) (Quote, error) {
	from, to, _ := strings.Cut(span, "-")
	start, err := strconv.ParseInt(from, 10, 32)
	end, err2 := strconv.ParseInt(to, 10, 32)
	if err != nil || err2 != nil || start < 0 || end <= start {
		return Quote{}, fmt.Errorf("c must be START-END, in code points, with START before END, not %q", span)
	}
	return Quote{int(start), int(end), digest}, nil
}

// Span returns the range as Parse reads it.
func (q Quote) Span() string { return fmt.Sprintf("%d-%d", q.Start, q.End) }

// prime is the multiplier of the digest, the 64-bit prime of FNV.
const prime = 1099511628211

// Digest returns a digest of the code points of words: at most 13 digits and lower-case
// letters. It does not protect against deliberate collisions.
func Digest(words string) string {
	var sum uint64
	for _, c := range words {
		sum = sum*prime + uint64(c)
	}
	return strconv.FormatUint(sum, 36)
}

// Find returns where a quote is in a text, given as code points. If the same words are at
// several other places, it is the one that is nearest to the old place. The result has the
// range of the quote if the state is Changed or Outside.
func (q Quote) Find(text []rune) (Quote, State) {
	inside := q.End <= len(text)
	switch {
	case q.Digest == "" && inside:
		return q, Same
	case q.Digest == "":
		return q, Outside
	case inside && Digest(string(text[q.Start:q.End])) == q.Digest:
		return q, Same
	}
	if start, found := q.nearest(text); found {
		return Quote{start, start + q.End - q.Start, q.Digest}, Moved
	}
	return q, Changed
}

// nearest returns the place of the words with the digest that is nearest to q.Start. It moves a
// window over the text, and updates the digest of the window with each code point (Karp and
// Rabin, 1987), so that its time is proportional to the length of the text.
func (q Quote) nearest(text []rune) (start int, found bool) {
	want, err := strconv.ParseUint(q.Digest, 36, 64)
	length := q.End - q.Start
	if err != nil || length > len(text) {
		return 0, false
	}
	var sum, leaving uint64 = 0, 1 // leaving is what the first code point of a window is multiplied by
	for range length - 1 {
		leaving *= prime
	}
	for at, c := range text {
		if at >= length {
			sum -= uint64(text[at-length]) * leaving
		}
		sum = sum*prime + uint64(c)
		here := at - length + 1
		if here < 0 || sum != want {
			continue
		}
		if found && here-q.Start > q.Start-start {
			break // later places are farther away
		}
		start, found = here, true
	}
	return start, found
}
