package search

import (
	"context"
	"maps"
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
	list, terms, read := found.list, found.terms, found.terms == nil
	if read {
		terms = map[document.PassageKey]document.PassageTerms{}
		if err = s.addTerms(ctx, sp, terms, unsigned(list)); err != nil {
			return nil, passageTexts{}, err
		}
	}
	sign(list, terms)
	likely := alikeBySignature(list)
	if read {
		if err = s.addTerms(ctx, sp, terms, withoutTerms(list, likely, terms)); err != nil {
			return nil, passageTexts{}, err
		}
	}
	pairs, keys := alikeByTerms(list, likely, terms)
	if len(keys) > 0 {
		texts.passages, err = s.cfg.Passages.Texts(ctx, sp, keys)
		texts.words = make(map[document.PassageKey][]string, len(keys))
	}
	return pairs, texts, err
}

// addTerms reads the terms of passages into a map.
func (s *Searcher) addTerms(ctx context.Context, sp space.Space, terms map[document.PassageKey]document.PassageTerms, keys []document.PassageKey) error {
	if len(keys) == 0 {
		return nil
	}
	read, err := s.cfg.Terms.PassageTerms(ctx, sp, nil, keys)
	maps.Copy(terms, read)
	return err
}

// unsigned returns the passages of a list whose signatures are unknown.
func unsigned(list []ranked) (keys []document.PassageKey) {
	for i := range list {
		if list[i].signature == (document.Signature{}) {
			keys = append(keys, list[i].PassageKey)
		}
	}
	return keys
}

// sign sets the signatures that are unknown, for passages whose terms are known.
func sign(list []ranked, terms map[document.PassageKey]document.PassageTerms) {
	for i := range list {
		if list[i].signature == (document.Signature{}) {
			list[i].signature = document.SignatureOf(terms[list[i].PassageKey].IDs)
		}
	}
}

// alikeBySignature returns the pairs of passages that may be copies: both are in the same
// language, and by their signatures one of them may have all terms of the other. A pair is two
// indexes in the list, the later one first. Passages without terms are in no pair.
func alikeBySignature(list []ranked) (pairs [][2]int) {
	first := make([]uint64, len(list)) // first words of the signatures, since they rule out nearly all pairs
	for i := range list {
		mine := list[i].signature[0]
		first[i] = mine
		if list[i].signature == (document.Signature{}) {
			continue
		}
		for j, theirs := range first[:i] {
			if mine&^theirs != 0 && theirs&^mine != 0 {
				continue
			}
			if o := &list[j]; o.Language == list[i].Language && o.signature != (document.Signature{}) && !list[i].signature.Differs(&o.signature) {
				pairs = append(pairs, [2]int{i, j})
			}
		}
	}
	return pairs
}

// withoutTerms returns the passages of pairs whose terms are not known yet.
func withoutTerms(list []ranked, pairs [][2]int, terms map[document.PassageKey]document.PassageTerms) (keys []document.PassageKey) {
	asked := map[int]bool{}
	for _, pair := range pairs {
		for _, i := range pair {
			if _, known := terms[list[i].PassageKey]; !known && !asked[i] {
				asked[i] = true
				keys = append(keys, list[i].PassageKey)
			}
		}
	}
	return keys
}

// alikeByTerms returns those of the likely pairs that share nearly all terms: for passages of
// a list, the indexes of the earlier passages. These pairs may have the same words. keys are
// the passages of the pairs.
func alikeByTerms(list []ranked, likely [][2]int, terms map[document.PassageKey]document.PassageTerms) (pairs map[int][]int, keys []document.PassageKey) {
	pairs = map[int][]int{}
	paired := make([]bool, len(list))
	for _, pair := range likely {
		i, j := pair[0], pair[1]
		if (termSet{terms[list[i].PassageKey]}).nearlyEqual(termSet{terms[list[j].PassageKey]}) {
			pairs[i] = append(pairs[i], j)
			paired[i], paired[j] = true, true
		}
	}
	for i, r := range list {
		if paired[i] {
			keys = append(keys, r.PassageKey)
		}
	}
	return pairs, keys
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
