package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

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
}

// flags count queries, and those of them that the server said it has no
// confident match for.
type flags struct {
	Queries int `json:"queries"`
	Flagged int `json:"flagged"`
}

// count takes a query in.
func (r *evalReport) count(answerable, flagged bool) {
	f := &r.Unanswerable
	if answerable {
		f = &r.Answerable
	}
	f.Queries++
	if flagged {
		f.Flagged++
	}
}

func newEvalReport(c *evalCmd, info *accordv1.SearchInfo, queries []eval.Query) *evalReport {
	return &evalReport{
		Set: c.Dir, Collection: c.Collection, Space: info.GetSpace(), Model: info.GetModel(), Queries: len(queries),
		Judgements: map[string]eval.Summary{}, Directions: map[string]eval.Summary{},
	}
}

// print prints the report for people.
func (r *evalReport) print(w io.Writer) error {
	fmt.Fprintf(w, "%s in %s (%s): %d queries, %d of them without an answer\n", r.Set, r.Collection, r.Model, r.Queries, r.Unanswerable.Queries)
	fmt.Fprintf(w, "no confident match: %d of %d queries with an answer, %d of %d without\n\n",
		r.Answerable.Flagged, r.Answerable.Queries, r.Unanswerable.Flagged, r.Unanswerable.Queries)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tqueries\tnDCG@10\tMRR@10\tR@10\tR@100\tMAP\tHit@1\t")
	for _, summaries := range []map[string]eval.Summary{r.Judgements, r.Directions} {
		for _, name := range slices.Sorted(maps.Keys(summaries)) {
			s := summaries[name]
			fmt.Fprintf(table, "%s\t%d\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t\n",
				name, s.Queries, s.NDCG10, s.MRR10, s.Recall10, s.Recall100, s.MAP, s.Hit1)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	if len(r.OwnLanguage) > 0 {
		fmt.Fprint(w, "\nfirst ten in the query's own language:")
		for _, language := range slices.Sorted(maps.Keys(r.OwnLanguage)) {
			fmt.Fprintf(w, " %s %.3f", language, r.OwnLanguage[language])
		}
		fmt.Fprintln(w)
	}
	return nil
}

// progress is a bar over n steps, shown where a terminal watches.
func progress(io streams, what string, n int) *progressbar.ProgressBar {
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(io.err), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetVisibility(isTerminal(io.err)))
}
