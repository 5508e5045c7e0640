// Package ngram estimates how likely a text is in each of several languages. Its results are those
// of lingua-go, whose rules and models it uses. It holds the models as numbers, which take a fifth of
// the memory and have no pointers for the garbage collector to follow. Detectors are safe for
// concurrent use.
package ngram

import (
	"cmp"
	"math"
	"slices"

	"github.com/pemistahl/lingua-go"
)

const (
	// longText is the number of letters from which sequences of three letters are enough.
	longText = 120
	// trigram is the length of the sequences that a long text is compared by.
	trigram = 3
)

// Detector compares texts with some languages.
type Detector struct {
	rules
	trigramsOnly bool
}

// New returns a detector that compares texts with the given languages.
func New(languages ...lingua.Language) *Detector { return &Detector{newRules(languages), false} }

// NewTrigrams is like New, but the detector compares short texts too only by sequences of three
// letters, which takes fewer models. It has no opinion on texts of one or two letters.
func NewTrigrams(languages ...lingua.Language) *Detector {
	return &Detector{newRules(languages), true}
}

// Confidence is how likely a text is in a language, from 0 to 1.
type Confidence struct {
	Language lingua.Language
	Value    float64
}

// Confidences returns the confidence in each of the languages, the highest first.
func (d *Detector) Confidences(text string) []Confidence {
	values := make([]Confidence, len(d.languages))
	found := d.likelihoods(text)
	best, total := math.Inf(-1), 0.0
	for _, f := range found {
		best = max(best, f.Value)
	}
	for _, f := range found {
		total += math.Exp(f.Value - best)
	}
	for i, l := range d.languages {
		values[i].Language = l
		if j := slices.IndexFunc(found, func(f Confidence) bool { return f.Language == l }); j >= 0 {
			values[i].Value = math.Exp(found[j].Value-best) / total
		}
	}
	slices.SortFunc(values, func(a, b Confidence) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Language, b.Language))
	})
	return values
}

// likelihoods returns the logarithms of the likelihoods of the languages that a text may be in.
func (d *Detector) likelihoods(text string) []Confidence {
	words := splitWords(text)
	if len(words) == 0 {
		return nil
	}
	if l := d.decide(words); l != lingua.Unknown {
		return []Confidence{{l, 0}}
	}
	candidates := d.candidates(words)
	if len(candidates) == 1 {
		return []Confidence{{candidates[0], 0}}
	}
	letters := 0
	for _, word := range words {
		letters += len(word)
	}
	if d.trigramsOnly && letters < trigram {
		return nil
	}
	first, last := 1, maxOrder
	if d.trigramsOnly || letters >= longText {
		first, last = trigram, trigram
	}
	t := newSequences(words, last)
	var found []Confidence
	for _, l := range candidates {
		if likelihood := t.likelihood(l, first); likelihood != 0 {
			found = append(found, Confidence{l, likelihood})
		}
	}
	return found
}

// sequences holds the distinct sequences of letters in the words of a text.
type sequences struct {
	byOrder [][]sequence // those of one letter, two letters, and so on
	found   [2][]float64 // for likelihood
}

type sequence struct {
	hash    uint64
	shorter int // the index of the sequence without its last letter
}

func newSequences(words [][]rune, last int) *sequences {
	t := &sequences{byOrder: make([][]sequence, last)}
	indexes := map[uint64]int{}
	for _, word := range words {
		for start := range word {
			hash, shorter := uint64(0), 0
			for i, letter := range word[start:min(start+last, len(word))] {
				hash = extend(hash, letter)
				index, ok := indexes[hash]
				if !ok {
					index = len(t.byOrder[i])
					indexes[hash] = index
					t.byOrder[i] = append(t.byOrder[i], sequence{hash, shorter})
				}
				shorter = index
			}
		}
	}
	return t
}

// unseen marks a letter that a language does not have. Logarithms of probabilities are at most 0.
const unseen = 1

// likelihood returns the logarithm of the likelihood of the text in a language, or 0 if the language
// has none of its letters. It sums the logarithms of the probabilities of all sequences of at least
// first letters. If the model lacks a sequence, the longest beginning of it that the model has
// counts instead. If first is 1, the sum is divided by the number of letters that the language has.
func (t *sequences) likelihood(l lingua.Language, first int) float64 {
	total, letters := 0.0, 0
	shorter, found := t.found[0][:0], t.found[1][:0]
	for i, all := range t.byOrder {
		if len(all) == 0 {
			break
		}
		model := loaded[l][i]()
		found = found[:0]
		for _, s := range all {
			p, ok := model.find(s.hash)
			switch {
			case ok && i == 0:
				letters++
			case !ok && i == 0:
				p = unseen
			case !ok:
				p = shorter[s.shorter]
			}
			found = append(found, p)
			if p < unseen && i+1 >= first {
				total += p
			}
		}
		shorter, found = found, shorter
	}
	t.found = [2][]float64{shorter, found}
	if first == 1 && letters > 0 {
		total /= float64(letters)
	}
	return total
}
