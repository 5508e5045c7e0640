package web

import (
	"slices"
	"unicode/utf8"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// segment is a piece of a text that is shown in one way.
type segment struct {
	Text  string
	Cited bool // whether it is a highlight, or has the cited words
	Word  bool // whether it is a word of the question
	Begin bool // whether a cited range begins here
}

// span is a half-open range of a text, in bytes.
type span struct{ start, end int }

// split cuts a text where spans begin or end. The segments together are the text. Spans that
// do not fit the text are left out.
func split(text string, cited, words []span) []segment {
	cuts := []int{0, len(text)}
	keep := func(spans []span) []span {
		return slices.DeleteFunc(slices.Clone(spans), func(s span) bool {
			return s.start < 0 || s.end > len(text) || s.start >= s.end || !boundary(text, s.start) || !boundary(text, s.end)
		})
	}
	cited, words = keep(cited), keep(words)
	for _, s := range slices.Concat(cited, words) {
		cuts = append(cuts, s.start, s.end)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	covers := func(spans []span, at int) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return s.start <= at && at < s.end })
	}
	var segments []segment
	for i := range len(cuts) - 1 {
		at := cuts[i]
		segments = append(segments, segment{
			Text: text[at:cuts[i+1]], Cited: covers(cited, at), Word: covers(words, at),
			Begin: slices.ContainsFunc(cited, func(s span) bool { return s.start == at }),
		})
	}
	return segments
}

// boundary reports whether a character of a text begins or ends at a byte.
func boundary(text string, at int) bool { return at == len(text) || utf8.RuneStart(text[at]) }

// within converts ranges of a document's text to spans of a passage.
func within(p *accordv1.Passage, ranges []*accordv1.TextRange) (spans []span) {
	from := int(p.GetRange().GetStartByte())
	for _, r := range ranges {
		spans = append(spans, span{int(r.GetStartByte()) - from, int(r.GetEndByte()) - from})
	}
	return spans
}
