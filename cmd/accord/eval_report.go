package main

import (
	"github.com/schollz/progressbar/v3"

	"github.com/accord-search/accord/internal/eval"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// evalReport is the output of `eval -o json`.
type evalReport struct {
	Set        string `json:"set"`
	Collection string `json:"collection"`
	Space      string `json:"space"`
	Model      string `json:"model"`
	Passages   int    `json:"passages,omitempty"` // number imported
	Queries    int    `json:"queries"`
	// Answerable are the queries that have an answer, Unanswerable the others.
	Answerable   confidenceCounts `json:"answerable"`
	Unanswerable confidenceCounts `json:"unanswerable"`
	// Judgements has the measures over the whole collection, by judgement: eval.Pool and
	// others, or "quotes".
	Judgements map[string]eval.Summary `json:"judgements"`
	// Directions has the measures over the passages of one language, by direction such as
	// "en-zh".
	Directions map[string]eval.Summary `json:"directions,omitempty"`
	// Cuts has the same measures for searches of the whole collection, after the results in
	// other languages are removed.
	Cuts map[string]eval.Summary `json:"cuts,omitempty"`
	// OwnLanguage has the share of the first ten results that are in the query's language,
	// by that language.
	OwnLanguage map[string]float64 `json:"own_language_share,omitempty"`
	// Right counts the positions of answers among the results over the whole collection.
	// It is nil for quotes, since several passages may each answer in part.
	Right *eval.Placements `json:"right,omitempty"`
	// Reliability compares the relevance of the first results over the whole collection
	// with how often they are right.
	Reliability eval.Reliability `json:"reliability"`
	// Nulls has the null similarities, by the primary subtag of the language that the
	// server detected for the query.
	Nulls map[string]nullSimilarity `json:"null_similarity,omitempty"`
}

// confidenceCounts counts queries by the confidence that the server gave.
type confidenceCounts struct {
	Queries   int `json:"queries"`
	Flagged   int `json:"flagged"`   // no_confident_match
	Answered  int `json:"answered"`  // CONFIDENT
	Uncertain int `json:"uncertain"` // UNCERTAIN
	OffTopic  int `json:"off_topic"` // OFF_TOPIC
}

func (f *confidenceCounts) add(info *accordv1.SearchInfo) {
	f.Queries++
	if info.GetNoConfidentMatch() {
		f.Flagged++
	}
	switch info.GetMatchConfidence() {
	case accordv1.MatchConfidence_MATCH_CONFIDENCE_CONFIDENT:
		f.Answered++
	case accordv1.MatchConfidence_MATCH_CONFIDENCE_UNCERTAIN:
		f.Uncertain++
	case accordv1.MatchConfidence_MATCH_CONFIDENCE_OFF_TOPIC:
		f.OffTopic++
	}
}

// nullSimilarity is the similarity of the best passage for queries without an answer, in the space
// that was searched.
type nullSimilarity struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
}

func newEvalReport(c *evalCmd, info *accordv1.SearchInfo, queries []eval.Query) *evalReport {
	return &evalReport{
		Set: c.Set, Collection: string(c.Collection), Space: info.GetSpace(), Model: info.GetModel(), Queries: len(queries),
		Judgements: map[string]eval.Summary{}, Directions: map[string]eval.Summary{}, Cuts: map[string]eval.Summary{}, Nulls: map[string]nullSimilarity{},
	}
}

// judgement is what the judged set says about a query.
type judgement[D any] struct {
	id         string
	answerable bool
	right      func(D) bool // reports whether a result answers the query; nil if that is not known
}

// addTo adds to a report the confidence of the answers over the whole collection, the null
// similarities, and the reliability of relevance.
func (f *evalResults[D]) addTo(r *evalReport, judged []judgement[D]) {
	var first []eval.FirstResult
	for _, j := range judged {
		info := f.infos[j.id]
		if j.answerable {
			r.Answerable.add(info)
		} else {
			r.Unanswerable.add(info)
		}
		if n := info.GetNullSimilarity(); n != nil {
			r.Nulls[info.GetQueryLanguageCode()] = nullSimilarity{n.GetMean(), n.GetDeviation()}
		}
		if relevance, ok := f.relevance[j.id]; ok && j.right != nil {
			first = append(first, eval.FirstResult{Relevance: relevance, Right: j.right(f.pool[j.id][0])})
		}
	}
	r.Reliability = eval.NewReliability(first)
}

// progress returns a progress bar over n steps. It is visible only on a terminal.
func progress(io streams, what string, n int) *progressbar.ProgressBar {
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(raw(io.err)), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetVisibility(isTerminal(io.err)))
}
