package search

import (
	"cmp"
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// maxPhrased bounds the passages whose texts are looked through for phrases: those
// that share most with them.
const maxPhrased = 300

// phrased says which passages hold the phrases that a question quotes.
type phrased struct {
	asked     int                         // how many there are that words find
	held      map[document.PassageKey]int // how many of them
	unmatched []string                    // what no passage was found to hold
}

// matchPhrases adds the passages that share most with the phrases that a question
// quotes to what the lexical leg found, and looks which hold them.
func (s *Searcher) matchPhrases(ctx context.Context, sp space.Space, q question, leg *lexicalLeg) error {
	phrases := lexical.Phrases(q.text)
	if len(phrases) == 0 {
		return nil
	}
	queries := leg.queries
	if len(phrases) > 1 || len(phrases[0])+len(`""`) < len(q.text) {
		var err error
		if queries, err = s.phraseQueries(ctx, sp, phrases, leg.queries); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(phrases, leg.reads) {
		queries = leg.queries // no index knows which passages hold a phrase of stop words
	}
	likely, _, err := s.cfg.Store.Matches(ctx, sp, queries, q.filter, maxPhrased)
	if err != nil {
		return err
	}
	slices.SortStableFunc(likely, func(a, b document.Match) int { return cmp.Compare(b.Score, a.Score) })
	keys := make([]document.PassageKey, min(maxPhrased, len(likely)))
	for i := range keys {
		keys[i] = likely[i].PassageKey
	}
	texts, err := s.cfg.Store.Texts(ctx, sp, keys)
	if err != nil {
		return err
	}
	for _, phrase := range phrases {
		if leg.reads(phrase) {
			leg.phrased.asked++
		}
	}
	leg.phrased.held = map[document.PassageKey]int{}
	matched := make([]bool, len(phrases))
	for key, p := range texts {
		for i, held := range lexical.HeldPhrases(p.Text, phrases) {
			if held {
				leg.phrased.held[key]++
				matched[i] = true
			}
		}
	}
	for i, phrase := range phrases {
		if !matched[i] && leg.reads(phrase) {
			leg.phrased.unmatched = append(leg.phrased.unmatched, phrase)
		}
	}
	return addMatches(ctx, s, sp, leg, leg.phrased.held)
}

// reads reports whether a phrase has terms in any language of the question's queries.
func (leg *lexicalLeg) reads(phrase string) bool {
	for language := range leg.queries {
		if len(lexical.Terms(phrase, language)) > 0 {
			return true
		}
	}
	return false
}

// phraseQueries returns the queries that phrases alone make, in the languages of the
// question's.
func (s *Searcher) phraseQueries(ctx context.Context, sp space.Space, phrases []string, asked map[string]lexical.Query) (map[string]lexical.Query, error) {
	terms, ids := map[string][]lexical.Term{}, map[string][]int32{}
	for language := range asked {
		for _, phrase := range phrases {
			for _, term := range lexical.Terms(phrase, language) {
				terms[language], ids[language] = append(terms[language], term), append(ids[language], term.ID())
			}
		}
	}
	counts, err := s.cfg.Store.TermCounts(ctx, sp, ids)
	if err != nil {
		return nil, err
	}
	queries := make(map[string]lexical.Query, len(terms))
	for language := range terms {
		queries[language] = lexical.NewQuery(terms[language], counts[language])
	}
	return queries, nil
}

// phrasedFirst moves the passages that hold what the question quotes to the front,
// those that hold more of it first; all else keeps its order. What lacks a phrase is no
// sure answer.
func phrasedFirst(list []ranked, phrased phrased) []ranked {
	if phrased.asked == 0 && len(phrased.held) == 0 {
		return list
	}
	for i, r := range list {
		list[i].phrases = phrased.held[r.PassageKey]
		if list[i].phrases < phrased.asked {
			list[i].Relevance *= withoutPhrase
		}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return b.phrases - a.phrases })
	return list
}
