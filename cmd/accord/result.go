package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// The marks around a highlight while lines are wrapped, and the escape codes that replace
// them afterwards. wrap must not count the marks as text.
const (
	boldStart, boldEnd = "\x01", "\x02"
	boldOn, boldOff    = "\x1b[1m", "\x1b[22m"
)

// printResult prints one result as text: a line about the document, a line about the
// passage, and its wrapped text with its neighbours indented. Highlights are bold on a
// terminal.
func printResult(w io.Writer, rank int, result *accordv1.SearchResult, bold bool) {
	p, d := result.GetPassage(), result.GetDocument()
	about := []string{d.GetLanguageCode()}
	if day := publishDay(d); day != "" {
		about = append([]string{day}, about...)
	}
	if d.GetSource() != "" {
		about = append(about, d.GetSource())
	}
	fmt.Fprintf(w, "%d. %s (%s)\n", rank, d.GetTitle(), strings.Join(about, ", "))
	place := p.GetName()
	if p.GetLabel() != "" {
		place = p.GetLabel() + "  " + place
	}
	r := p.GetRange()
	fmt.Fprintf(w, "   %s [%d:%d]  relevance %.2f\n", place, r.GetStart(), r.GetEnd(), math.Floor(100*float64(result.GetScores().GetRelevance()))/100) // .496 is less than .5
	printNeighbours(w, result.GetPreviousPassages())
	text := p.GetText()
	if bold {
		text = emphasise(p, result.GetHighlights())
	}
	text = wrap(text, outputWidth(w), "   ")
	fmt.Fprintln(w, strings.NewReplacer(boldStart, boldOn, boldEnd, boldOff).Replace(text))
	printNeighbours(w, result.GetNextPassages())
	for _, name := range result.GetCopies() {
		fmt.Fprintln(w, "   the same in", name)
	}
	for _, t := range result.GetTranslations() {
		fmt.Fprintf(w, "   in %s: %s\n", t.GetLanguageCode(), t.GetPassage())
		if t.GetContent() != nil {
			printNeighbours(w, []*accordv1.Passage{t.GetContent()})
		}
	}
	fmt.Fprintln(w)
}

func printNeighbours(w io.Writer, passages []*accordv1.Passage) {
	for _, p := range passages {
		fmt.Fprintln(w, wrap(p.GetText(), outputWidth(w), "      "))
	}
}

// emphasise returns a passage's text with marks around its highlights. It removes
// control characters, which a terminal would interpret.
func emphasise(p *accordv1.Passage, highlights []*accordv1.TextRange) string {
	text, at := p.GetText(), 0
	var out strings.Builder
	write := func(until int) {
		out.WriteString(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				return -1
			}
			return r
		}, text[at:until]))
		at = until
	}
	for _, h := range highlights {
		write(int(h.GetStartByte() - p.GetRange().GetStartByte()))
		out.WriteString(boldStart)
		write(int(h.GetEndByte() - p.GetRange().GetStartByte()))
		out.WriteString(boldEnd)
	}
	write(len(text))
	return out.String()
}

// publishDay returns a document's date or time, as precise as it is known.
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
