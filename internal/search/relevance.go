package search

import (
	"math"
	"slices"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
)

// evidence is what the legs know about a passage and a query.
type evidence struct {
	// aboveNull is how many standard deviations their similarity is above the similarity
	// that queries without an answer reach in this collection (calibrate.Queries).
	aboveNull float64
	// score is the z-score of the passage in its language.
	score float64
	// held is the share of the query's words in the passage, weighted by IDF, 0 to 1.
	held float64
	// lacking is the share of the query's numbers that the passage lacks. unseen is the
	// share that no passage of the collection holds. Both are 0 to 1.
	lacking, unseen float64
	// foreign reports whether the passage is in another language than the query.
	foreign bool
}

// odds returns the log-odds that a passage answers.
func (m model) odds(e evidence) float64 {
	sum := m.constant + m.aboveNull*e.aboveNull + m.score*e.score + m.lacking*e.lacking + m.unseen*e.unseen
	if e.foreign {
		return sum + m.foreign + m.foreignHeld*e.held
	}
	return sum + m.held*e.held
}

// logistic converts log-odds to a probability. It has the precision that callers see, so
// that a threshold at a relevance they saw includes that passage.
func logistic(odds float64) float32 { return float32(1 / (1 + math.Exp(-odds))) }

// setRelevance sets the evidence and the relevance of candidates that have vectors.
// words is nil if the lexical leg was not used.
func setRelevance(list []ranked, dense denseLeg, words *coverage, language string) {
	similarity := make(map[document.PassageKey]float64, len(dense.candidates))
	for _, c := range dense.candidates {
		similarity[c.PassageKey] = calibrate.Similarity(c.Passage, c.Window)
	}
	for i, r := range list {
		e := evidence{aboveNull: dense.null.Z(similarity[r.PassageKey]), score: r.score, foreign: r.Language != language}
		m := semanticModel
		if words != nil {
			e.held, e.lacking = words.shares(r.PassageKey, r.Language)
			e.unseen = words.unseen
			list[i].distinctive = words.hasDistinctive(r.PassageKey, r.Language)
			m = hybridModel
		}
		list[i].setEvidence(m, e)
	}
}

// setLexicalRelevance sets the evidence and the relevance of candidates that words alone
// found.
func setLexicalRelevance(list []ranked, words *coverage, language string) {
	for i, r := range list {
		e := evidence{foreign: r.Language != language}
		e.held, e.lacking = words.shares(r.PassageKey, r.Language)
		e.unseen = words.unseen
		list[i].setEvidence(lexicalModel, e)
	}
}

// setEvidence sets the fields of a passage that follow from the evidence.
func (r *ranked) setEvidence(m model, e evidence) {
	r.held, r.lacking, r.odds = e.held, e.lacking, m.odds(e)
	r.Relevance = logistic(r.odds)
	r.topical = logistic(r.odds - m.lacking*e.lacking - m.unseen*e.unseen)
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
	case max(best, subject) >= onTopic: // with another year or number it is still the same subject
		return Uncertain
	default:
		return OffTopic
	}
}

// atLeast removes the passages below a relevance.
func atLeast(list []ranked, least float32) []ranked {
	return slices.DeleteFunc(list, func(r ranked) bool { return r.Relevance < least })
}
