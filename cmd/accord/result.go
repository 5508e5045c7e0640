package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// boldMark stands for the beginning and the end of a highlight while lines are wrapped;
// wrap gives it no width. boldOn and boldOff are the terminal codes that replace it.
const (
	boldMark        = "\x01"
	boldOn, boldOff = "\x1b[1m", "\x1b[22m"
)

// degradations maps each failed part of a search to the message for the user.
var degradations = map[accordv1.Degradation]string{
	accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE: "the model server does not answer, so only words were compared",
	accordv1.Degradation_DEGRADATION_LEXICAL_UNAVAILABLE:  "the search by words failed, so only meanings were compared",
	accordv1.Degradation_DEGRADATION_RERANKER_UNAVAILABLE: "the reranking server does not answer, so the results are not reranked",
}

// printAnswer prints the answer to a question as text.
func printAnswer(io streams, answer *accordv1.SearchResponse) {
	for _, d := range answer.GetSearchInfo().GetDegraded() {
		fmt.Fprintln(io.err, "accord: part of the search did not work:", cmp.Or(degradations[d], d.String()))
	}
	for _, phrase := range answer.GetSearchInfo().GetUnmatchedPhrases() {
		fmt.Fprintf(io.out, "no passage was found that contains \"%s\" word for word\n\n", oneLine(phrase))
	}
	switch confidence := answer.GetSearchInfo().GetMatchConfidence(); {
	case len(answer.GetResults()) == 0:
		fmt.Fprintln(io.out, "nothing found")
	case confidence == accordv1.MatchConfidence_MATCH_CONFIDENCE_UNCERTAIN:
		fmt.Fprint(io.out, "not sure: these passages are on the subject, but none clearly answers\n\n")
	case confidence == accordv1.MatchConfidence_MATCH_CONFIDENCE_OFF_TOPIC:
		fmt.Fprint(io.out, "no confident match: the collection seems to have nothing about this; nearest passages:\n\n")
	}
	for i, result := range answer.GetResults() {
		printResult(io.out, i+1, result, isTerminal(io.out))
	}
	for _, facet := range answer.GetFacets() {
		printFacet(io.out, facet)
	}
}

// printFacet prints how many results have each value of a field.
func printFacet(w io.Writer, facet *accordv1.Facet) {
	var rows [][]any
	for _, v := range facet.GetValues() {
		rows = append(rows, []any{v.GetCount(), firstCells(v.GetValue(), titleCells)})
	}
	if n := facet.GetOtherCount(); n > 0 {
		rows = append(rows, []any{n, "(other values)"})
	}
	if n := facet.GetMissingCount(); n > 0 {
		rows = append(rows, []any{n, "(no value)"})
	}
	printTable(w, []string{"RESULTS", strings.ToUpper(oneLine(facet.GetField()))}, rows)
	fmt.Fprintln(w)
}

// printResult prints one result as text: a line about the document, a line about the
// passage, and its wrapped text with its neighbours indented.
func printResult(w io.Writer, rank int, result *accordv1.SearchResult, bold bool) {
	p, d := result.GetPassage(), result.GetDocument()
	about := []string{d.GetLanguageCode()}
	if day := publishDay(d); day != "" {
		about = append([]string{day}, about...)
	}
	if d.GetSource() != "" {
		about = append(about, d.GetSource())
	}
	line := func(indent, format string, args ...any) {
		fmt.Fprintln(w, indent+oneLine(fmt.Sprintf(format, args...)))
	}
	line("", "%d. %s (%s)", rank, d.GetTitle(), strings.Join(about, ", "))
	place := p.GetName()
	if at := placeOf(p.GetLabelPath(), p.GetLabel()); at != "" {
		place = at + "  " + place
	}
	if p.GetPage() > 0 {
		place += "  " + pages(p)
	}
	r := p.GetRange()
	line("   ", "%s [%d:%d]  relevance %.2f", place, r.GetStart(), r.GetEnd(), result.GetScores().GetRelevance())
	printNeighbours(w, result.GetPreviousPassages())
	printHighlighted(w, wrap(emphasise(p, result.GetHighlights()), outputWidth(w), "   "), bold)
	printNeighbours(w, result.GetNextPassages())
	for _, name := range result.GetCopies() {
		line("   ", "the same in %s", name)
	}
	for _, t := range result.GetTranslations() {
		line("   ", "in %s: %s", t.GetLanguageCode(), t.GetPassage())
		if t.GetContent() != nil {
			printNeighbours(w, []*accordv1.Passage{t.GetContent()})
		}
	}
	fmt.Fprintln(w)
}

// placeOf returns where in its document a passage is, such as "Chapter II, Article 5". A server of an
// earlier version gives only the label.
func placeOf(path []string, label string) string {
	if len(path) == 0 {
		return label
	}
	return strings.Join(path, ", ")
}

// pages returns the pages of a passage: "p. 3", or "pp. 3-4".
func pages(p *accordv1.Passage) string {
	if p.GetPageEnd() > p.GetPage() {
		return fmt.Sprintf("pp. %d-%d", p.GetPage(), p.GetPageEnd())
	}
	return fmt.Sprint("p. ", p.GetPage())
}

func printNeighbours(w io.Writer, passages []*accordv1.Passage) {
	for _, p := range passages {
		fmt.Fprintln(w, wrap(plain(p.GetText()), outputWidth(w), "      "))
	}
}

// printHighlighted prints a text in which boldMark encloses the highlights. They are bold
// on a terminal.
func printHighlighted(w io.Writer, marked string, bold bool) {
	for i, part := range strings.Split(marked, boldMark) {
		if i > 0 && bold {
			_, _ = io.WriteString(raw(w), [...]string{boldOff, boldOn}[i%2])
		}
		fmt.Fprint(w, part)
	}
	fmt.Fprintln(w)
}

// emphasise returns the text of a passage without harmful characters and with boldMark
// around its highlights. It leaves out highlights that overlap or are outside of the text.
func emphasise(p *accordv1.Passage, highlights []*accordv1.TextRange) string {
	text, at := p.GetText(), 0
	var out strings.Builder
	for _, h := range highlights {
		start, end := int(h.GetStartByte()-p.GetRange().GetStartByte()), int(h.GetEndByte()-p.GetRange().GetStartByte())
		if start < at || end < start || end > len(text) {
			continue
		}
		out.WriteString(plain(text[at:start]) + boldMark + plain(text[start:end]) + boldMark)
		at = end
	}
	return out.String() + plain(text[at:])
}

// publishDay returns a document's publish date, with the time if it is known.
func publishDay(d *accordv1.Document) string {
	switch t := d.GetPublishTime(); {
	case t == nil:
		return ""
	case d.GetPublishTimePrecision() == accordv1.TimePrecision_TIME_PRECISION_DATE:
		return t.AsTime().Format(time.DateOnly)
	default:
		return t.AsTime().Format("2006-01-02 15:04 UTC")
	}
}
