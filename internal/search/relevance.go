package search

import (
	"math"
	"slices"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
)

// evidence is what is known of how a passage stands to a query.
type evidence struct {
	// standing is how many standard deviations the similarity of the two lies above
	// what queries that nothing answers reach in this collection (calibrate.Queries).
	standing float64
	// score is the z-score: how far the passage stands out in its language.
	score float64
	// held is the share of the query's words, weighted by their IDF, that the passage
	// holds, 0 to 1.
	held float64
	// lacking is the share of the query's numbers that the passage lacks, and unseen that
	// which no passage of the collection holds, each 0 to 1.
	lacking, unseen float64
	// foreign reports whether the passage is in another language than the query.
	foreign bool
}

// odds returns the log-odds that a passage answers.
func (m model) odds(e evidence) float64 {
	sum := m.constant + m.standing*e.standing + m.score*e.score + m.lacking*e.lacking + m.unseen*e.unseen
	if e.foreign {
		return sum + m.foreign + m.foreignHeld*e.held
	}
	return sum + m.held*e.held
}

// logistic returns the probability that log-odds stand for, in the precision that
// callers get it in, so that what they compare it with is what they saw.
func logistic(odds float64) float32 { return float32(1 / (1 + math.Exp(-odds))) }

// judge sets the evidence of candidates that vectors were compared of, and their
// relevance by it. holdings is nil if words were not looked at.
func judge(list []ranked, near denseLeg, words *holdings, language string) {
	similarity := make(map[document.PassageKey]float64, len(near.candidates))
	for _, c := range near.candidates {
		similarity[c.PassageKey] = calibrate.Similarity(c.Passage, c.Window)
	}
	for i, r := range list {
		e := evidence{standing: near.null.Z(similarity[r.PassageKey]), score: r.score, foreign: r.Language != language}
		m := semanticModel
		if words != nil {
			e.held, e.lacking = words.of(r.PassageKey, r.Language)
			e.unseen = words.unseen
			list[i].singledOut = words.singledOut(r.PassageKey, r.Language)
			m = hybridModel
		}
		list[i].assess(m, e)
	}
}

// judgeByWords does so for candidates that words alone found.
func judgeByWords(list []ranked, words *holdings, language string) {
	for i, r := range list {
		e := evidence{foreign: r.Language != language}
		e.held, e.lacking = words.of(r.PassageKey, r.Language)
		e.unseen = words.unseen
		list[i].assess(lexicalModel, e)
	}
}

// assess sets what evidence says of a passage.
func (r *ranked) assess(m model, e evidence) {
	r.held, r.lacking, r.odds = e.held, e.lacking, m.odds(e)
	r.Relevance = logistic(r.odds)
	r.topical = logistic(r.odds - m.lacking*e.lacking - m.unseen*e.unseen)
}

// confidenceOf returns how sure it is that a list holds an answer.
func confidenceOf(list []ranked) Confidence {
	best, subject := float32(0), float32(0)
	for _, r := range list {
		best, subject = max(best, r.Relevance), max(subject, r.topical)
	}
	switch {
	case best >= confident:
		return Confident
	case max(best, subject) >= onTopic: // another year or number is the same subject
		return Uncertain
	default:
		return OffTopic
	}
}

// relevant leaves the passages of at least a relevance.
func relevant(list []ranked, least float32) []ranked {
	return slices.DeleteFunc(list, func(r ranked) bool { return r.Relevance < least })
}
