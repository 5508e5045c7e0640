package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/accord-search/accord/internal/eval"
)

// print prints the report as text.
func (r *evalReport) print(w io.Writer) error {
	fmt.Fprintf(w, "%s in %s (%s): %d queries, of these %d without an answer\n", r.Set, oneLine(r.Collection), oneLine(r.Model), r.Queries, r.Unanswerable.Queries)
	for _, part := range []func(io.Writer){r.printFlags, r.printMeasures, r.printRight, r.printReliability} {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		part(table)
		if err := table.Flush(); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	if len(r.OwnLanguage) > 0 {
		fmt.Fprint(w, "\nfirst ten in the query's own language:")
		for _, language := range slices.Sorted(maps.Keys(r.OwnLanguage)) {
			fmt.Fprintf(w, " %s %.3f", oneLine(language), r.OwnLanguage[language])
		}
		fmt.Fprintln(w)
	}
	if len(r.Nulls) > 0 {
		fmt.Fprint(w, "\nnull, the best similarity to a query that nothing answers:")
		for _, language := range slices.Sorted(maps.Keys(r.Nulls)) {
			fmt.Fprintf(w, " %s %.3f ± %.3f", oneLine(language), r.Nulls[language].Mean, r.Nulls[language].Deviation)
		}
		fmt.Fprintln(w)
	}
	return nil
}

func (r *evalReport) printFlags(w io.Writer) {
	fmt.Fprintln(w, "\n\tqueries\tanswered\tuncertain\toff topic\tno confident match\t")
	for _, row := range []struct {
		name string
		confidenceCounts
	}{{"with an answer", r.Answerable}, {"without", r.Unanswerable}} {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t\n", row.name, row.Queries, row.Answered, row.Uncertain, row.OffTopic, row.Flagged)
	}
}

func (r *evalReport) printMeasures(w io.Writer) {
	fmt.Fprintln(w, "\n\tqueries\tnDCG@10\tMRR@10\tR@10\tR@100\tMAP\tHit@1\t")
	for _, part := range []struct {
		summaries map[string]eval.Summary
		after     string
	}{{r.Judgements, ""}, {r.Directions, ""}, {r.Cuts, " in pool"}} {
		for _, name := range slices.Sorted(maps.Keys(part.summaries)) {
			s := part.summaries[name]
			fmt.Fprintf(w, "%s%s\t%d\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t\n",
				name, part.after, s.Queries, s.NDCG10, s.MRR10, s.Recall10, s.Recall100, s.MAP, s.Hit1)
		}
	}
}

func (r *evalReport) printRight(w io.Writer) {
	if r.Right == nil {
		return
	}
	fmt.Fprintln(w, "\nanswer\tqueries\tfirst\tin first three\t")
	row := func(name string, p eval.Placed) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", name, p.Queries, p.First, p.FirstThree)
	}
	row("all", r.Right.All)
	row("own language", r.Right.OwnLanguage)
	for _, kind := range slices.Sorted(maps.Keys(r.Right.Kinds)) {
		row(kind, r.Right.Kinds[kind])
	}
}

func (r *evalReport) printReliability(w io.Writer) {
	if r.Reliability.Results == 0 {
		return
	}
	fmt.Fprintf(w, "\nreliability of %d first results: expected calibration error %.3f; a perfect relevance has %.3f on average\n",
		r.Reliability.Results, r.Reliability.ECE, r.Reliability.ExpectedECE)
	fmt.Fprintln(w, "relevance\tresults\tmean\tright\t")
	for _, b := range r.Reliability.Bins {
		if b.Results > 0 {
			fmt.Fprintf(w, "%.1f to %.1f\t%d\t%.3f\t%.3f\t\n", b.From, b.To, b.Results, b.MeanRelevance, b.ShareRight)
		}
	}
}
