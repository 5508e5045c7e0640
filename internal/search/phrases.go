package search

import (
	"cmp"
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// maxPhrased is the maximum number of passages whose texts are searched for phrases. They are
// those that share the most terms with the phrases.
const maxPhrased = 300

// phraseMatches holds which passages contain the phrases that a question quotes.
type phraseMatches struct {
	searchable int                         // number of phrases with terms in the index
	held       map[document.PassageKey]int // number of phrases in each passage
	unmatched  []string                    // phrases that no passage was found to contain
	all        int                         // number of phrases
	rare       bool                        // whether few passages contain all phrases
}

// matchPhrases looks for the quoted phrases in the passages that share the most terms with
// them. It adds the passages that contain one to the lexical leg's matches.
func (s *Searcher) matchPhrases(ctx context.Context, sp space.Space, q question, leg *lexicalLeg) error {
	phrases := lexical.Phrases(q.text)
	if len(phrases) == 0 {
		return nil
	}
	texts, err := s.textsLike(ctx, sp, q, leg, phrases)
	if err != nil {
		return err
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
		if !leg.hasTerms(phrase) {
			continue
		}
		if leg.phrased.searchable++; !matched[i] {
			leg.phrased.unmatched = append(leg.phrased.unmatched, phrase)
		}
	}
	leg.phrased.weigh(len(phrases), leg.queries)
	return addMatches(ctx, s, sp, leg, leg.phrased.held)
}

// textsLike returns the texts of the passages that share the most terms with the phrases,
// at most maxPhrased.
func (s *Searcher) textsLike(ctx context.Context, sp space.Space, q question, leg *lexicalLeg, phrases []string) (map[document.PassageKey]document.Passage, error) {
	queries := leg.queries
	if len(phrases) > 1 || len(phrases[0])+len(`""`) < len(q.text) {
		var err error
		if queries, err = s.phraseQueries(ctx, sp, phrases, leg.queries); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(phrases, leg.hasTerms) {
		queries = leg.queries // phrases of only stop words have no terms in the index
	}
	likely, _, err := s.cfg.Terms.Matches(ctx, sp, queries, q.filter, maxPhrased)
	if err != nil {
		return nil, err
	}
	return s.cfg.Passages.Texts(ctx, sp, keysOfMatches(likeliest(likely, maxPhrased)))
}

// weigh sets how many passages contain all n phrases, and whether these are few among the
// passages of the queries.
func (p *phraseMatches) weigh(n int, queries map[string]lexical.Query) {
	passages, whole := 0, 0
	for _, query := range queries {
		passages += query.Passages()
	}
	for _, held := range p.held {
		if held == n {
			whole++
		}
	}
	p.all, p.rare = n, isFew(whole, passages)
}

// isFew reports whether the passages that contain something are so few among all passages
// that they are probably what was asked for.
func isFew(holding, passages int) bool { return holding <= max(fewPassages, passages/fewOf) }

// likeliest returns the matches with the highest scores, at most limit.
func likeliest(matches []document.Match, limit int) []document.Match {
	sorted := slices.Clone(matches)
	slices.SortStableFunc(sorted, func(a, b document.Match) int { return cmp.Compare(b.Score, a.Score) })
	return sorted[:min(limit, len(sorted))]
}

func keysOfMatches(matches []document.Match) []document.PassageKey {
	keys := make([]document.PassageKey, len(matches))
	for i, m := range matches {
		keys[i] = m.PassageKey
	}
	return keys
}

// hasTerms reports whether a phrase has terms in any language of the queries.
func (leg *lexicalLeg) hasTerms(phrase string) bool {
	for language := range leg.queries {
		if len(lexical.Terms(phrase, language)) > 0 {
			return true
		}
	}
	return false
}

// phraseQueries returns queries for the phrases alone, in the languages of the question's
// queries.
func (s *Searcher) phraseQueries(ctx context.Context, sp space.Space, phrases []string, asked map[string]lexical.Query) (map[string]lexical.Query, error) {
	terms, ids := map[string][]lexical.Term{}, map[string][]int32{}
	for language := range asked {
		for _, phrase := range phrases {
			for _, term := range lexical.Terms(phrase, language) {
				terms[language], ids[language] = append(terms[language], term), append(ids[language], term.ID())
			}
		}
	}
	counts, err := s.cfg.Terms.TermCounts(ctx, sp, ids)
	if err != nil {
		return nil, err
	}
	queries := make(map[string]lexical.Query, len(terms))
	for language := range terms {
		queries[language] = lexical.NewQuery(terms[language], counts[language])
	}
	return queries, nil
}

// phrasedFirst moves passages with quoted phrases to the front, those with more phrases
// first. Otherwise it keeps the order. It lowers the relevance of passages that lack one of
// the phrases, and raises that of passages with all of them.
func phrasedFirst(list []ranked, matches phraseMatches) []ranked {
	if matches.searchable == 0 && len(matches.held) == 0 {
		return list
	}
	for i, r := range list {
		list[i].phrases = matches.held[r.PassageKey]
		switch {
		case list[i].phrases < matches.searchable:
			list[i].Relevance *= withoutPhrase
		case matches.searchable > 0 && list[i].phrases == matches.all:
			list[i].Relevance = max(r.Relevance, matches.leastRelevance(r.held))
		}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return b.phrases - a.phrases })
	return list
}

// leastRelevance returns the minimum relevance of a passage that contains all phrases and
// the given share of the query's words.
func (p phraseMatches) leastRelevance(held float64) float32 {
	if p.rare && held > nearlyAll {
		return rarePhraseRelevance
	}
	return onTopic
}
