package search

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// collapse leaves out the passages that say what one of their language says that
// stands before them, which names them as its copies. Only the first MaxEntries
// are compared. Without the terms to compare by, the list stays as it is.
func (s *Searcher) collapse(ctx context.Context, sp space.Space, found finding) []ranked {
	list := found.list
	head := list[:min(MaxEntries, len(list))]
	pairs, texts, err := s.compare(ctx, sp, found.with(head))
	if err != nil {
		s.cfg.Logger.WarnContext(ctx, "copies stay in a search's results", "space", sp.Name(), "error", err)
		return list
	}
	copied := make([]bool, len(list))
	for i, earlier := range pairs {
		for _, first := range earlier {
			if copied[first] || !texts[list[first].PassageKey].same(texts[list[i].PassageKey]) {
				continue
			}
			copied[i] = true
			if len(list[first].Copies) < MaxCopies {
				list[first].Copies = append(list[first].Copies, list[i].PassageKey)
			}
			break
		}
	}
	kept := list[:0]
	for i, r := range list {
		if !copied[i] {
			kept = append(kept, r)
		}
	}
	return kept
}

// compare returns for each place in a list the places before it that may say the
// same, and the words of those that they are about.
func (s *Searcher) compare(ctx context.Context, sp space.Space, found finding) (pairs [][]int, texts map[document.PassageKey]wording, err error) {
	list, terms := found.list, found.terms
	if terms == nil {
		if terms, err = s.cfg.Store.PassageTerms(ctx, sp, keysOf(list)); err != nil {
			return nil, nil, err
		}
	}
	pairs, some := suspects(list, terms)
	if some {
		texts, err = s.wordings(ctx, sp, list, pairs)
	}
	return pairs, texts, err
}

// suspects returns for each place in a list the places before it of passages in
// the same language that share nearly all terms with it; some is false where
// there are none.
func suspects(list []ranked, terms map[document.PassageKey][]int32) (pairs [][]int, some bool) {
	pairs = make([][]int, len(list))
	sets := make([]termSet, len(list))
	for i, r := range list {
		sets[i] = newTermSet(terms[r.PassageKey])
		for j := range i {
			if sets[i].nearly(&sets[j]) && list[j].Language == r.Language {
				pairs[i], some = append(pairs[i], j), true
			}
		}
	}
	return pairs, some
}

// termSet is a set of terms, in order, and a bit of 256 for each that its number
// picks.
type termSet struct {
	terms []int32
	bits  [4]uint64
}

func newTermSet(terms []int32) termSet {
	s := termSet{terms: terms}
	for _, t := range terms {
		s.bits[t>>6&3] |= 1 << (t & 63)
	}
	return s
}

// nearly reports whether two sets share copyShare of all that is in either: of m
// and n terms no more than (1-share)/(1+share) of m+n may be in one alone. Each
// of these makes a difference of one bit at most, by which nearly all pairs are
// told from copies.
func (s *termSet) nearly(o *termSet) bool {
	a, b := s.terms, o.terms
	if min(len(a), len(b)) < fewestTerms {
		return false
	}
	most := int((1-copyShare)/(1+copyShare)*float64(len(a)+len(b)) + 1e-9)
	alone := 0
	for i := range s.bits {
		alone += bits.OnesCount64(s.bits[i] ^ o.bits[i])
	}
	if alone > most {
		return false
	}
	for alone = 0; len(a) > 0 && len(b) > 0; {
		switch {
		case a[0] == b[0]:
			a, b = a[1:], b[1:]
		case a[0] < b[0]:
			a, alone = a[1:], alone+1
		default:
			b, alone = b[1:], alone+1
		}
	}
	return alone+len(a)+len(b) <= most
}

// wording is the words of a passage, in order, and the BCP-47 tag that says in
// which script too.
type wording struct {
	language string
	words    []string
}

// wordings returns those of all passages in pairs.
func (s *Searcher) wordings(ctx context.Context, sp space.Space, list []ranked, pairs [][]int) (map[document.PassageKey]wording, error) {
	asked := make([]bool, len(list))
	for i, earlier := range pairs {
		asked[i] = len(earlier) > 0
		for _, j := range earlier {
			asked[j] = true
		}
	}
	var keys []document.PassageKey
	for i, r := range list {
		if asked[i] {
			keys = append(keys, r.PassageKey)
		}
	}
	hits, err := s.cfg.Store.Hits(ctx, sp, nil, keys)
	texts := make(map[document.PassageKey]wording, len(hits))
	for _, h := range hits {
		// Read in no language, no word is left out: not, say.
		terms := lexical.Terms(h.Passage.Text, "")
		words := make([]string, len(terms))
		for i, t := range terms {
			words[i] = t.Text
		}
		texts[document.PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal}] = wording{h.Passage.LanguageCode, words}
	}
	return texts, err
}

// same reports whether one of two passages has the words of the other, in their
// order and with none between, and besides at its ends no number: what an agency
// or an editor puts there. Sharing most words is not enough: a report of other
// figures, or of another country by the same template, is no copy.
func (w wording) same(o wording) bool {
	if !strings.EqualFold(w.language, o.language) {
		return false
	}
	a, b := w.words, o.words
	if len(a) > len(b) {
		a, b = b, a
	}
	for at := 0; len(a) > 0 && at+len(a) <= len(b); at++ {
		if slices.Equal(a, b[at:at+len(a)]) {
			return !hasNumber(b[:at]) && !hasNumber(b[at+len(a):])
		}
	}
	return false
}

func hasNumber(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.ContainsAny(w, "0123456789") })
}

func keysOf(list []ranked) []document.PassageKey {
	keys := make([]document.PassageKey, len(list))
	for i, r := range list {
		keys[i] = r.PassageKey
	}
	return keys
}
