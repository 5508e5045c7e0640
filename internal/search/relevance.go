package search

import (
	"cmp"
	"math"
	"slices"

	"github.com/accord-search/accord/internal/calibrate"
)

// evidence is what is known about a passage and a query.
type evidence struct {
	// aboveNull is how many standard deviations their similarity is above the similarity
	// that queries without an answer reach in this collection (calibrate.Queries).
	aboveNull float64
	// score is the z-score of the passage in its language.
	score float64
	// held is the share of the query's words that the passage contains, weighted by IDF, 0
	// to 1. rarity is the sum of the rarities of these words.
	held, rarity float64
	// numbersLacking is the share of the query's numbers that the passage does not contain.
	// numbersAbsent is the share that no passage of the collection contains. Both are 0 to 1.
	numbersLacking, numbersAbsent float64
	// wordsAbsent is the share of the words of a short query that no passage in the query's
	// language contains, if some passages contain other words of it. It is 0 to 1, and
	// smaller if the language has few passages or the similarity is far above the null.
	wordsAbsent float64
	// otherYear is the query's shortness, 0 to 1, if the passage is of another year
	// (coverage.ofOtherYear). Otherwise it is 0.
	otherYear float64
	// otherName is above 0 if the passage is not about a name in the query, and bareName if
	// it has the names and no other word of the query (nameEvidence). They are 1 for queries
	// of up to four words and 0 from six words on, since whole questions contain names that
	// their answers lack. In queries of any length, otherName is 1 for a city, and at least
	// absentName for a name that no passage in the query's language contains.
	otherName, bareName float64
	// hanAbsent is the query's shortness if no passage of its language contains two of its
	// Chinese characters (absentHan), and the passage is in that language. Otherwise it is 0.
	hanAbsent float64
	// likelyForeign says how likely it is that the answer is in a language other than the
	// query's, 0 to 1. It is the shortness of the query if no passage in the query's
	// language contains any of the words. It falls with the share of the words that the best
	// passage in that language contains, and is 0 from heldInOwnLanguage on. It counts only
	// for passages in other languages.
	likelyForeign float64
	// wordsLacking is 1 if the passage contains none of the query's words. The more it
	// contains, the lower it is: 0 from hardlyHeld on. It counts only for passages in the
	// query's language.
	wordsLacking float64
	// ownShare is how far the share of the passages that are in the query's language is above
	// mainShare. It counts only for passages in other languages.
	ownShare float64
	// contradicting reports whether the passage is about something else of the same kind as
	// the query.
	contradicting bool
	// foreign reports whether the passage is in another language than the query.
	foreign bool
}

// odds returns what the model adds to the log-odds, at least 0.
func (m similarityModel) odds(e evidence) float64 {
	return max(0, m.constant+m.aboveNull*e.aboveNull+m.score*e.score)
}

// odds returns the log-odds that a passage answers.
func (m model) odds(e evidence) float64 {
	sum := m.constant + m.aboveNull*e.aboveNull + m.score*e.score + m.numbersLacking*e.numbersLacking + m.numbersAbsent*e.numbersAbsent +
		m.otherYear*e.otherYear + m.otherName*e.otherName + m.bareName*e.bareName + m.hanAbsent*e.hanAbsent + m.rarity*math.Log1p(e.rarity)
	if e.contradicting {
		sum += m.contradicting
	}
	if e.foreign {
		sum += m.foreignWordsAbsent*e.wordsAbsent + e.likelyForeign*m.likelyForeign.odds(e)
		return sum + m.foreign + m.foreignHeld*e.held + m.ownShare*e.ownShare
	}
	return sum + m.held*e.held + m.wordsAbsent*e.wordsAbsent + e.wordsLacking*m.wordsLacking.odds(e)
}

// logistic converts log-odds to a probability. The result has the precision that callers
// see: a caller that uses the relevance of a passage as threshold gets that passage.
func logistic(odds float64) float32 { return float32(1 / (1 + math.Exp(-odds))) }

// setRelevance sets the evidence and the relevance of candidates that have vectors. null is
// the similarity that queries without an answer reach. words is nil if the lexical leg was not used.
func setRelevance(list []ranked, null calibrate.Normal, words *coverage, language string) {
	if words == nil {
		for i, r := range list {
			list[i].setEvidence(semanticModel, evidence{aboveNull: null.Z(r.similarity), score: r.score})
		}
		return
	}
	said := make([]evidence, len(list))
	most := 0. // share of the query's words that a passage in its language holds
	for i, r := range list {
		said[i] = words.evidence(r, language)
		said[i].aboveNull, said[i].score = null.Z(r.similarity), r.score
		if !said[i].foreign {
			most = max(most, said[i].held)
		}
	}
	for i, r := range list {
		e := said[i]
		e.wordsAbsent = words.asked[language].wordsAbsent * min(1, max(0, (farAboveNull-e.aboveNull)/(farAboveNull-aboveNull)))
		e.likelyForeign = words.shortness * max(0, 1-most/heldInOwnLanguage)
		e.wordsLacking = max(0, 1-e.held/hardlyHeld)
		e.ownShare = words.ownShare
		list[i].distinctive = words.hasDistinctive(r.PassageKey, r.Language)
		list[i].setEvidence(hybridModel, e)
		list[i].Relevance = max(list[i].Relevance, words.leastRelevance(r.Language, e))
	}
}

// setLexicalRelevance sets the evidence and the relevance of candidates that words alone
// found. It orders them by their share of the highest BM25 score that a passage of their
// language can have, since BM25 scores are higher in a language in which the query's words
// are rarer. If a passage in the query's language holds as many of the query's words as one in
// another language, the latter may have them by chance, and is no more relevant than the former.
// Of equal passages, those in the query's language come first.
func setLexicalRelevance(list []ranked, words *coverage, language string) {
	said := make([]evidence, len(list))
	most := 0. // share of the query's words that a passage in its language holds
	for i, r := range list {
		said[i] = words.evidence(r, language)
		if !said[i].foreign {
			most = max(most, said[i].held)
		}
	}
	for i, r := range list {
		e := said[i]
		e.foreign = e.foreign && e.held > most
		list[i].setEvidence(lexicalModel, e)
		list[i].Fused = words.bm25Share(r)
	}
	sortBy(list, func(r *ranked) float64 { return r.Fused })
	abroad := func(r ranked) int {
		if r.Language == language {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Or(cmp.Compare(b.Fused, a.Fused), abroad(a)-abroad(b)) })
}

// setEvidence sets the fields of a passage that follow from the evidence. Absent words
// concern all passages equally, and names can be compared only in some languages, so both
// affect only the relevance.
func (r *ranked) setEvidence(m model, e evidence) {
	r.Relevance = logistic(m.odds(e))
	e.wordsAbsent, e.hanAbsent, e.otherName, e.bareName, e.likelyForeign, e.wordsLacking = 0, 0, 0, 0, 0, 0
	r.held, r.numbersLacking, r.odds = e.held, e.numbersLacking, m.odds(e)
	if e.contradicting {
		r.Relevance = min(r.Relevance, mostContradicting)
		r.numbersLacking = 1 // so pivot does not take it for a translation of a passage that does not contradict
	}
	e.numbersLacking, e.numbersAbsent, e.otherYear, e.contradicting = 0, 0, 0, false
	r.topical = logistic(m.odds(e))
}

// leastRelevance returns the minimum relevance of a passage. It is 0 unless the passage is in the
// query's language and contains all words of the query. If few passages contain the rarest word,
// the words count like a quoted phrase. That holds for a single word, and for a few keywords with a
// number, such as "section 4.2". If many passages contain a single word, the passage is at least on
// the subject.
func (c *coverage) leastRelevance(language string, e evidence) float32 {
	asked := c.asked[language]
	switch {
	case e.foreign || e.contradicting || e.held < 1:
		return 0
	case asked.rare && (c.oneWord || len(asked.numbers) > 0 && c.shortness == 1 && e.otherYear == 0):
		return rarePhraseRelevance
	case c.oneWord:
		return onTopic
	}
	return 0
}

// confidenceOf returns the confidence that a list contains an answer.
func confidenceOf(list []ranked) Confidence {
	best, subject := float32(0), float32(0)
	for _, r := range list {
		best, subject = max(best, r.Relevance), max(subject, r.topical)
	}
	switch {
	case best >= confident:
		return Confident
	case max(best, subject) >= onTopic: // a passage about another year or number is still on the subject
		return Uncertain
	default:
		return OffTopic
	}
}

// atLeast removes the passages below a relevance.
func atLeast(list []ranked, least float32) []ranked {
	return slices.DeleteFunc(list, func(r ranked) bool { return r.Relevance < least })
}
