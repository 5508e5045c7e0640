package search

import (
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// maxNumbered is the maximum number of passages that are read to find other numbers than the
// question's.
const maxNumbered = 50

// distrustOtherNumbers limits the relevance of passages that would be confident, but have
// another number in the place of one of the question's: "18,501 inhabitants" for "18,500
// inhabitants". They stay where they are in the order. A passage keeps its relevance if the
// title of its document has the number. words is what c was made of.
func (s *Searcher) distrustOtherNumbers(ctx context.Context, sp space.Space, list []ranked, words lexicalLeg, c *coverage) error {
	at := map[document.PassageKey]int{}
	var keys []document.PassageKey
	for i, r := range list {
		if r.Relevance >= confident && len(keys) < maxNumbered && len(c.numbersLacking(r.PassageKey, r.Language)) > 0 {
			at[r.PassageKey] = i
			keys = append(keys, r.PassageKey)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	texts, err := s.cfg.Passages.Texts(ctx, sp, keys)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(key document.PassageKey) bool {
		p, found := texts[key]
		language := list[at[key]].Language
		return !found || !lexical.HasOtherNumber(words.text, p.Text, language, c.numbersLacking(key, language))
	})
	titled, err := s.numbersInTitles(ctx, sp, keys, c)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if r := &list[at[key]]; !titled[key.Document] {
			r.Relevance = min(r.Relevance, mostContradicting)
			r.numbersLacking = 1 // as in setEvidence
		}
	}
	return nil
}

// numbersLacking returns the terms of the question's numbers that a passage lacks. The values
// report whether all passages lack them. Numbers that passages in other languages have are left
// out: the words beside them differ, so one of these passages may be the answer.
func (c *coverage) numbersLacking(key document.PassageKey, language string) map[int32]bool {
	lacking := map[int32]bool{}
	for _, w := range c.asked[language].numbers {
		if !w.heldIn(c.terms[key].IDs) && !c.isHeldAbroad(w.id, language) {
			holding := c.queries[language].Holding
			lacking[w.id] = mostHolding(holding, w) == 0 && !w.hasParts(holding)
		}
	}
	return lacking
}

// isHeldAbroad reports whether a passage in another language has the number with a term.
func (c *coverage) isHeldAbroad(id int32, language string) bool {
	for other, asked := range c.asked {
		holding := c.queries[other].Holding
		if other != language && slices.ContainsFunc(asked.numbers, func(w queryWord) bool {
			return w.id == id && (mostHolding(holding, w) > 0 || w.hasParts(holding))
		}) {
			return true
		}
	}
	return false
}

// numbersInTitles reports which documents of passages have one of the question's numbers in
// their title.
func (s *Searcher) numbersInTitles(ctx context.Context, sp space.Space, keys []document.PassageKey, c *coverage) (map[string]bool, error) {
	var documents []string
	for _, key := range keys {
		documents = append(documents, key.Document)
	}
	if len(documents) == 0 {
		return nil, nil
	}
	slices.Sort(documents)
	found, err := s.cfg.Terms.DocumentTerms(ctx, sp, slices.Compact(documents), nil)
	if err != nil {
		return nil, err
	}
	titled := map[string]bool{}
	for id, d := range found {
		ids := lexical.IDs(lexical.Terms(d.Title, d.Language))
		for _, asked := range c.asked {
			titled[id] = titled[id] || slices.ContainsFunc(asked.numbers, func(w queryWord) bool { return w.heldIn(ids) })
		}
	}
	return titled, nil
}
