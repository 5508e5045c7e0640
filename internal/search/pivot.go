package search

import (
	"cmp"
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Counterpart is one of several passages with the same content in different languages.
type Counterpart struct {
	document.PassageKey
	Language string
	// Similarity is the cosine between its centred vector and that of the best passage.
	// It is 1 for the best passage itself.
	Similarity float64
}

// pivot moves up passages in other languages that are similar to the best one, since they
// are probably its translations. A query is nearer to the answer in one language than in
// another, but the two answers are near to each other. A similar passage in the language of
// the best one stays, because it is another passage about the same subject. A passage stays
// as well if it lacks more of the query's numbers than the best one: it is not a translation.
//
// list is sorted by Fused before and after. counterparts are the best passage and its
// nearest translation in each language; there are none if it has no translations. share, 0 to 1,
// is how much of the move up counts in Fused.
func (s *Searcher) pivot(ctx context.Context, sp space.Space, list []ranked, share float64) (counterparts []Counterpart, err error) {
	if len(list) == 0 || len(languagesOf(list)) == 1 {
		return nil, nil
	}
	best := list[0]
	var others []document.PassageKey
	for _, r := range list {
		if r.Language != best.Language && len(others) < pivoted {
			others = append(others, r.PassageKey)
		}
	}
	likeness, err := s.cfg.Vectors.Likeness(ctx, sp, best.PassageKey, others)
	if err != nil {
		return nil, err
	}
	for i, r := range list {
		cosine := likeness[r.PassageKey]
		pull := min(mostPull, pivotSlope*max(0, cosine-pivotFrom))
		if pull == 0 || r.numbersLacking > best.numbersLacking {
			continue // a passage with another number is not a translation
		}
		list[i].Pivot = cosine
		list[i].Fused += (best.Fused - r.Fused) * pull * share
		list[i].Relevance += (best.Relevance - r.Relevance) * float32(pull)
	}
	sortBy(list, func(r *ranked) float64 { return r.Fused })
	return counterpartsOf(best, list, likeness), nil
}

// counterpartsOf returns the best passage and its translations, at most one in each other
// language. The nearest passage of a language is a translation if it is near enough. If one
// language has a translation, the others probably have one too. In those, the nearest passage
// also is a translation if pivot moved it up and it is clearly nearer than the second.
// likeness is the cosine of each passage with the best one.
func counterpartsOf(best ranked, list []ranked, likeness map[document.PassageKey]float64) []Counterpart {
	nearest, second := map[string]Counterpart{}, map[string]float64{}
	translated := false
	for _, r := range list {
		cosine := likeness[r.PassageKey]
		switch first := nearest[r.Language]; {
		case r.Language == best.Language:
		case r.Pivot > first.Similarity:
			nearest[r.Language] = Counterpart{r.PassageKey, r.Language, r.Pivot}
			second[r.Language] = max(second[r.Language], first.Similarity)
			translated = translated || r.Pivot >= translation
		default:
			second[r.Language] = max(second[r.Language], cosine)
		}
	}
	if !translated {
		return nil
	}
	counterparts := []Counterpart{{best.PassageKey, best.Language, 1}}
	for language, c := range nearest {
		if c.Similarity >= translation || c.Similarity-second[language] >= translationLead {
			counterparts = append(counterparts, c)
		}
	}
	slices.SortFunc(counterparts, func(a, b Counterpart) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return counterparts[:min(maxCounterparts, len(counterparts))]
}

// TranslationsOf returns the other counterparts of a passage. It returns none if the
// passage is not a counterpart.
func (l List) TranslationsOf(key document.PassageKey) []Counterpart {
	if !slices.ContainsFunc(l.Counterparts, func(c Counterpart) bool { return c.PassageKey == key }) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.Counterparts), func(c Counterpart) bool { return c.PassageKey == key })
}

// groupCounterparts removes all counterparts from a list except the first.
func groupCounterparts(list []ranked, counterparts []Counterpart) []ranked {
	kept := false // whether the first counterpart was seen
	return slices.DeleteFunc(list, func(r ranked) bool {
		if !slices.ContainsFunc(counterparts, func(c Counterpart) bool { return c.PassageKey == r.PassageKey }) {
			return false
		}
		drop := kept
		kept = true
		return drop
	})
}

// addTranslations adds the translations to the hits of a page, with their text if the
// request groups them.
func (s *Searcher) addTranslations(ctx context.Context, sp space.Space, req Request, list List, hits []Hit) error {
	for i, hit := range hits {
		var keys []document.PassageKey
		for _, c := range list.TranslationsOf(hit.PassageKey) {
			keys = append(keys, c.PassageKey)
			hits[i].Translations = append(hits[i].Translations, Translation{Counterpart: c})
		}
		if !req.GroupTranslations || len(keys) == 0 {
			continue
		}
		found, err := s.cfg.Passages.Hits(ctx, sp, nil, nil, keys)
		if err != nil {
			return err
		}
		for _, h := range found {
			at := slices.Index(keys, document.PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal})
			hits[i].Translations[at].Passage = &h.Passage
		}
	}
	return nil
}
