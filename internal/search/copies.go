package search

import (
	"context"
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
			if copied[first] || !texts.same(list[first].PassageKey, list[i].PassageKey) {
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
// same, and the texts of those that they are about.
func (s *Searcher) compare(ctx context.Context, sp space.Space, found finding) (pairs [][]int, texts wordings, err error) {
	list, terms := found.list, found.terms
	if terms == nil {
		if terms, err = s.cfg.Store.PassageTerms(ctx, sp, nil, keysOf(list)); err != nil {
			return nil, wordings{}, err
		}
	}
	pairs, asked := suspects(list, terms)
	if len(asked) > 0 {
		texts.passages, err = s.cfg.Store.Texts(ctx, sp, asked)
		texts.words = make(map[document.PassageKey][]string, len(asked))
	}
	return pairs, texts, err
}

// suspects returns for each place in a list the places before it of passages in
// the same language that share nearly all terms with it and may have the same
// words, and the passages that it names.
func suspects(list []ranked, terms map[document.PassageKey]document.PassageTerms) (pairs [][]int, asked []document.PassageKey) {
	pairs = make([][]int, len(list))
	sets, picked := make([]termSet, len(list)), make([]termBits, len(list))
	named := make([]bool, len(list))
	for i, r := range list {
		sets[i] = termSet{terms[r.PassageKey]}
		picked[i] = bitsOf(sets[i].IDs)
		for j := range i {
			if !picked[i].apart(&picked[j]) && list[j].Language == r.Language && sets[i].nearly(sets[j]) {
				pairs[i] = append(pairs[i], j)
				named[i], named[j] = true, true
			}
		}
	}
	for i, r := range list {
		if named[i] {
			asked = append(asked, r.PassageKey)
		}
	}
	return pairs, asked
}

// termBits has a bit of 256 for each term of a passage, that its number picks.
type termBits [4]uint64

func bitsOf(ids []int32) (b termBits) {
	for _, t := range ids {
		b[t>>6&3] |= 1 << (t & 63)
	}
	return b
}

// apart reports whether each of two passages has a bit, and so a term, that the other
// lacks. By this nearly all pairs are told from copies.
func (b *termBits) apart(o *termBits) bool {
	return b[0]&^o[0]|b[1]&^o[1]|b[2]&^o[2]|b[3]&^o[3] != 0 && o[0]&^b[0]|o[1]&^b[1]|o[2]&^b[2]|o[3]&^b[3] != 0
}

// termSet is the terms of a passage.
type termSet struct{ document.PassageTerms }

// nearly reports whether two passages share copyShare of all terms that are in
// either, and may have the same words: of m and n terms no more than
// (1-share)/(1+share) of m+n may be in one alone.
//
// If each of the two has a term that the other lacks, neither has all words of the
// other: so reports by one template, with other figures, are told apart without
// their texts.
func (s termSet) nearly(o termSet) bool {
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
	return mine+theirs <= most && (mine == 0 || theirs == 0) && (mine+theirs > 0 || !s.apart(o))
}

// apart reports whether of two passages with the same terms, and as many words,
// each has a term more often than the other has it.
func (s termSet) apart(o termSet) bool {
	if s.Length != o.Length {
		return false // longer ones weigh each occurrence less
	}
	more, less := false, false
	for i, w := range s.Weights {
		more, less = more || w > o.Weights[i], less || w < o.Weights[i]
	}
	return more && less
}

// wordings are texts of passages and, as far as they were asked for, the words of
// each.
type wordings struct {
	passages map[document.PassageKey]document.Passage
	words    map[document.PassageKey][]string
}

// of returns the words of a passage, in order.
func (w wordings) of(key document.PassageKey) []string {
	words, ok := w.words[key]
	if !ok {
		// Read in no language, no word is left out: not, say.
		for _, t := range lexical.Terms(w.passages[key].Text, "") {
			words = append(words, t.Text)
		}
		w.words[key] = words
	}
	return words
}

// same reports whether one of two passages, that are in the same script, has the
// words of the other.
func (w wordings) same(a, b document.PassageKey) bool {
	p, q := w.passages[a], w.passages[b]
	if !strings.EqualFold(p.LanguageCode, q.LanguageCode) {
		return false
	}
	return p.Text == q.Text && p.Text != "" || sameWords(w.of(a), w.of(b))
}

// sameWords reports whether one of two passages has the words of the other, in their
// order and with none between, and besides at its ends no number: what an agency
// or an editor puts there. Sharing most words is not enough: a report of other
// figures, or of another country by the same template, is no copy.
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
