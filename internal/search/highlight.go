package search

import (
	"slices"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// highlights returns the sentences of a passage that answer best, in text order: the
// window nearest to the query, and the next nearest one that does not overlap it, if it is
// nearly as near. A passage of at most two sentences is highlighted as a whole. A longer
// passage whose windows have no vectors has no highlights.
func highlights(p document.Passage, nearest []document.Sentences) []document.TextRange {
	if len(nearest) == 0 {
		if chunk.SentenceWindows(p.Text) != nil {
			return nil
		}
		return []document.TextRange{p.Range}
	}
	best := nearest[0]
	ranges := []document.TextRange{best.Range}
	for _, w := range nearest[1:] {
		apart := w.Range.EndByte <= best.Range.StartByte || w.Range.StartByte >= best.Range.EndByte
		if apart && w.Similarity >= best.Similarity-nearlyAsNear {
			ranges = append(ranges, w.Range)
			break
		}
	}
	slices.SortFunc(ranges, func(a, b document.TextRange) int { return a.StartByte - b.StartByte })
	return ranges
}

// soughtTerms returns those terms of a question that are looked for in passages. In scripts
// without spaces a single character counts only if it is not part of a longer term of the
// question. Otherwise 的 would match everywhere.
func soughtTerms(question string, terms []lexical.Term) map[string]bool {
	asked := map[string]bool{}
	inside := make([]bool, len(question)) // marks the bytes that are part of longer terms
	for _, t := range terms {
		if utf8.RuneCountInString(t.Text) > 1 {
			asked[t.Text] = true
			for at := t.Start; at < t.End; at++ {
				inside[at] = true
			}
		}
	}
	for _, t := range terms {
		if !inside[t.Start] {
			asked[t.Text] = true
		}
	}
	return asked
}

// matchedTerms returns the ranges of the given terms of a passage that are in asked, in
// order. Ranges that overlap or touch are merged.
func matchedTerms(p document.Passage, terms []lexical.Term, asked map[string]bool) []document.TextRange {
	counter := document.NewRangeCounter(p.Text)
	var ranges []document.TextRange
	start, end := 0, -1 // of the current range, in bytes of the passage
	flush := func() {
		if end >= 0 {
			ranges = append(ranges, counter.Range(start, end).Within(p.Range))
		}
	}
	for _, t := range terms {
		switch {
		case !asked[t.Text]:
		case end >= 0 && t.Start <= end:
			end = max(end, t.End)
		default:
			flush()
			start, end = t.Start, t.End
		}
	}
	flush()
	return ranges
}
