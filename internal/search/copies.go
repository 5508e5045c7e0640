package search

import (
	"context"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// collapse removes copies: passages with the same words as an earlier passage in their
// language. The earlier passage then lists them. collapse compares only the first MaxEntries passages.
// If the terms or texts cannot be read, it returns the list unchanged, or an error if that is
// because the call has ended.
func (s *Searcher) collapse(ctx context.Context, sp space.Space, found finding) ([]ranked, error) {
	list := found.list
	head := list[:min(MaxEntries, len(list))]
	pairs, texts, err := s.likelyCopies(ctx, sp, found.withList(head))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		s.cfg.Logger.WarnContext(ctx, "copies were not removed from search results", "space", sp.Name(), "error", err)
		return list, nil
	}
	copied := make([]bool, len(list))
	for i := range head {
		for _, first := range pairs[i] {
			if copied[first] || !texts.areCopies(list[first].PassageKey, list[i].PassageKey) {
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
	return kept, nil
}

// likelyCopies returns, for passages of a list, the indexes of the earlier passages that they
// may be copies of. It also returns the texts of all these passages.
func (s *Searcher) likelyCopies(ctx context.Context, sp space.Space, found finding) (pairs map[int][]int, texts passageTexts, err error) {
	list, terms := found.list, found.terms
	if terms == nil {
		if terms, err = s.cfg.Terms.PassageTerms(ctx, sp, nil, keysOf(list)); err != nil {
			return nil, passageTexts{}, err
		}
	}
	pairs, keys := comparePairs(list, terms)
	if len(keys) > 0 {
		texts.passages, err = s.cfg.Passages.Texts(ctx, sp, keys)
		texts.words = make(map[document.PassageKey][]string, len(keys))
	}
	return pairs, texts, err
}

// comparePairs returns, for passages of a list, the indexes of earlier passages in the same
// language that share nearly all terms with them. These pairs may have the same words.
// keys are the passages of the pairs.
func comparePairs(list []ranked, terms map[document.PassageKey]document.PassageTerms) (pairs map[int][]int, keys []document.PassageKey) {
	pairs = map[int][]int{}
	bits, first, paired := make([]termBits, len(list)), make([]uint64, len(list)), make([]bool, len(list))
	for i, r := range list {
		set := termSet{terms[r.PassageKey]}
		bits[i] = bitsOf(set.IDs)
		mine := bits[i][0]
		first[i] = mine
		for j, theirs := range first[:i] {
			if mine&^theirs != 0 && theirs&^mine != 0 {
				continue // they differ, as nearly all pairs do
			}
			if !bits[i].differ(&bits[j]) && list[j].Language == r.Language && set.nearlyEqual(termSet{terms[list[j].PassageKey]}) {
				pairs[i] = append(pairs[i], j)
				paired[i], paired[j] = true, true
			}
		}
	}
	for i, r := range list {
		if paired[i] {
			keys = append(keys, r.PassageKey)
		}
	}
	return pairs, keys
}

// termBits maps each term of a passage to one of 256 bits.
type termBits [4]uint64

func bitsOf(ids []int32) (b termBits) {
	for _, t := range ids {
		b[t>>6&3] |= 1 << (t & 63)
	}
	return b
}

// differ reports whether each of two passages has a bit, and so a term, that the other does
// not have. This excludes nearly all pairs that are not copies.
func (b *termBits) differ(o *termBits) bool {
	return b[0]&^o[0]|b[1]&^o[1]|b[2]&^o[2]|b[3]&^o[3] != 0 && o[0]&^b[0]|o[1]&^b[1]|o[2]&^b[2]|o[3]&^b[3] != 0
}

// termSet holds the terms of a passage.
type termSet struct{ document.PassageTerms }

// nearlyEqual reports whether two passages may have the same words: they share at least
// copyShare of the terms of either. Of m and n terms, at most (1-share)/(1+share) of m+n
// may be in only one of them.
//
// If each of the two has a term that the other does not have, neither contains all words of
// the other. This excludes reports with one template and different figures, without reading
// their texts.
func (s termSet) nearlyEqual(o termSet) bool {
	a, b := s.IDs, o.IDs
	if min(len(a), len(b)) < fewestTerms {
		return false
	}
	most := int((1-copyShare)/(1+copyShare)*float64(len(a)+len(b)) + 1e-9)
	mine, theirs := 0, 0
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			a, b = a[1:], b[1:]
		case a[0] < b[0]:
			a, mine = a[1:], mine+1
		default:
			b, theirs = b[1:], theirs+1
		}
	}
	mine, theirs = mine+len(a), theirs+len(b)
	return mine+theirs <= most && (mine == 0 || theirs == 0) && (mine+theirs > 0 || !s.countsDiffer(o))
}

// countsDiffer reports whether, of two passages with the same terms and the same number of
// words, each has some term more often than the other.
func (s termSet) countsDiffer(o termSet) bool {
	if s.Length != o.Length {
		return false // weights cannot be compared then, since they depend on the length
	}
	more, less := false, false
	for i, w := range s.Weights {
		more, less = more || w > o.Weights[i], less || w < o.Weights[i]
	}
	return more && less
}

// passageTexts holds the texts of passages, and caches the words of each.
type passageTexts struct {
	passages map[document.PassageKey]document.Passage
	words    map[document.PassageKey][]string
}

// wordsOf returns the words of a passage, in order.
func (w passageTexts) wordsOf(key document.PassageKey) []string {
	words, ok := w.words[key]
	if !ok {
		// without a language, no word is dropped as a stop word, such as "not"
		for _, t := range lexical.Terms(w.passages[key].Text, "") {
			words = append(words, t.Text)
		}
		w.words[key] = words
	}
	return words
}

// areCopies reports whether one of two passages contains the words of the other, and both
// have the same language tag, which may also name the script.
func (w passageTexts) areCopies(a, b document.PassageKey) bool {
	p, q := w.passages[a], w.passages[b]
	if !strings.EqualFold(p.LanguageCode, q.LanguageCode) {
		return false
	}
	return p.Text == q.Text && p.Text != "" || sameWords(w.wordsOf(a), w.wordsOf(b))
}

// sameWords reports whether one list of words contains the other as one run, and the rest,
// which an agency or an editor may have added at either end, has no number. Sharing most
// words is not enough: a report with other figures, or about another country in the same
// template, is not a copy.
func sameWords(a, b []string) bool {
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
