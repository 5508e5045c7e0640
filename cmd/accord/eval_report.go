package main

import (
	"github.com/schollz/progressbar/v3"

	"github.com/accord-search/accord/internal/eval"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// evalReport is what `eval -o json` prints.
type evalReport struct {
	Set        string `json:"set"`
	Collection string `json:"collection"`
	Space      string `json:"space"`
	Model      string `json:"model"`
	Passages   int    `json:"passages,omitempty"` // imported
	Queries    int    `json:"queries"`
	// Answerable are the queries that have an answer, Unanswerable the others.
	Answerable   flags `json:"answerable"`
	Unanswerable flags `json:"unanswerable"`
	// Judgements are over the whole collection, by the judgement's name:
	// eval.Pool and others, or "quotes".
	Judgements map[string]eval.Summary `json:"judgements"`
	// Directions are over the passages of one language: "en-zh".
	Directions map[string]eval.Summary `json:"directions,omitempty"`
	// OwnLanguage is the share of the first ten in the query's language.
	OwnLanguage map[string]float64 `json:"own_language_share,omitempty"`
	// Right counts where answers stand among the results over the whole collection; nil
	// for quotes: several passages may each answer in part.
	Right *eval.Placements `json:"right,omitempty"`
	// Reliability is of first results over the whole collection.
	Reliability eval.Reliability `json:"reliability"`
	// Nulls are by the primary subtag of queries, as the server told it.
	Nulls map[string]null `json:"null_similarity,omitempty"`
}

// flags count queries, and what the server said of how sure its answers are.
type flags struct {
	Queries   int `json:"queries"`
	Flagged   int `json:"flagged"`   // no_confident_match
	Answered  int `json:"answered"`  // CONFIDENT
	Uncertain int `json:"uncertain"` // UNCERTAIN
	OffTopic  int `json:"off_topic"` // OFF_TOPIC
}

func (f *flags) add(info *accordv1.SearchInfo) {
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

// null is what queries that nothing answers reach in the space that answered.
type null struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
}

func newEvalReport(c *evalCmd, info *accordv1.SearchInfo, queries []eval.Query) *evalReport {
	return &evalReport{
		Set: c.Set, Collection: c.Collection, Space: info.GetSpace(), Model: info.GetModel(), Queries: len(queries),
		Judgements: map[string]eval.Summary{}, Directions: map[string]eval.Summary{}, Nulls: map[string]null{},
	}
}

// judgement is what is known of a query.
type judgement[D any] struct {
	id         string
	answerable bool
	right      func(D) bool // whether a result is an answer; nil if that is not known
}

// judge adds to a report what the server said of its answers over the whole
// collection, and how reliable that is.
func (f *found[D]) judge(r *evalReport, judged []judgement[D]) {
	var first []eval.FirstResult
	for _, j := range judged {
		info := f.infos[j.id]
		if j.answerable {
			r.Answerable.add(info)
		} else {
			r.Unanswerable.add(info)
		}
		if n := info.GetNullSimilarity(); n != nil {
			r.Nulls[info.GetQueryLanguageCode()] = null{n.GetMean(), n.GetDeviation()}
		}
		if relevance, ok := f.relevance[j.id]; ok && j.right != nil {
			first = append(first, eval.FirstResult{Relevance: relevance, Right: j.right(f.pool[j.id][0])})
		}
	}
	r.Reliability = eval.NewReliability(first)
}

// progress is a bar over n steps, shown where a terminal watches.
func progress(io streams, what string, n int) *progressbar.ProgressBar {
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(io.err), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetVisibility(isTerminal(io.err)))
}
