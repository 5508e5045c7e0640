package search

import (
	"slices"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// highlights returns the sentences of a passage that answer best, in the order of
// the text: its nearest window and the next one that does not overlap it, where
// that is nearly as near. A passage of no more than two sentences is all highlight;
// of a longer one whose windows have no vectors nothing is.
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

// askedTerms returns the terms of a question that are looked for in passages of a
// language. Of scripts without spaces a character counts alone only where it
// stands alone in the question: else 的 would be found everywhere.
func askedTerms(question, language string) map[string]bool {
	asked := map[string]bool{}
	terms := lexical.Terms(question, language)
	inside := make([]bool, len(question)) // the bytes of longer terms
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

// matchedTerms returns where a passage with these terms holds some that are asked for
// in its language, in order, those that overlap or touch as one.
func matchedTerms(p document.Passage, terms []lexical.Term, asked map[string]bool) []document.TextRange {
	counter := document.NewRangeCounter(p.Text)
	var ranges []document.TextRange
	start, end := 0, -1 // what is gathered, in bytes of the passage
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
