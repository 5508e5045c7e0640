package chunk

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"

	"github.com/accord-search/accord/internal/document"
)

var (
	// titleRE matches abbreviations whose period never ends a sentence.
	titleRE = regexp.MustCompile(`(?:^|[^\pL])(?:Mrs?|Ms|Dr(?:s|as?|es)?|Prof|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|Rev|Hon|St|Jr|Sr(?:as?|es)?|Srtas?|Dª|Dña|Lic|Ing|Mons|Pdte|Excmo|vs|cf|e\.g|i\.e|p\.ej)\.$`)
	// countedRE matches abbreviations whose period does not end a sentence if a number
	// follows.
	countedRE = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|ene|abr|ago|dic|nos?|núms?|nros?|arts?|figs?|vols?|pp?|págs?|chap|cap|sec|ch|ca)\.$`)
	// initialsRE matches initials and abbreviations made of them: "J.", "U.S.",
	// "EE.UU.", "EE. UU.".
	initialsRE = regexp.MustCompile(`(?:^|[^\pL\pN])(?:\p{Lu}{1,2}\.[ ]?)*\p{Lu}\.$|EE\.[ ]?UU\.$|EE\.$`)
	// openingRE matches opening marks that UAX #29 puts at the end of the previous
	// sentence if there is no space between the two: "对吗？（完）".
	openingRE  = regexp.MustCompile(`[\p{Ps}\p{Pi}¿¡]+$`)
	terminalRE = regexp.MustCompile(`[` + ends + `][\p{Pe}\p{Pf}\p{Pi}"'＂＇]*$`)
)

// Sentences returns the ranges of the sentences in text, in order and without the
// white space around them. All other visible text lies in exactly one range. The
// boundaries are those of UAX #29, except that a sentence does not end at the period
// of a title, initial, date or article number ("Mr. Li", "U.S. firms", "Nov. 14", "4.
// Both"), at a quoted question inside it, or at a line break inside it.
func Sentences(text string) []document.TextRange {
	counter := document.NewRangeCounter(text)
	var ranges []document.TextRange
	start, end := 0, 0 // of the current sentence, including its white space
	flush := func(end int) {
		if s := trim(text, start, end); s.start < s.end {
			ranges = append(ranges, counter.Range(s.start, s.end))
		}
		start = end
	}
	for segments := sentences.FromString(text); segments.Next(); {
		if !continuesSentence(text[start:end], segments.Value()) {
			flush(end - len(openingRE.FindString(text[max(start, end-16):end])))
		}
		end += len(segments.Value())
	}
	flush(end)
	return ranges
}

// continuesSentence reports whether next continues the sentence in soFar.
func continuesSentence(soFar, next string) bool {
	said := strings.TrimRightFunc(soFar, unicode.IsSpace)
	between := soFar[len(said):] + next[:len(next)-len(strings.TrimLeftFunc(next, unicode.IsSpace))]
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(next, unicode.IsSpace))
	// The tail is long enough for every pattern, and short enough to keep the running
	// time linear.
	tail := said[max(0, len(said)-32):]
	switch {
	case said == "", strings.Count(between, "\n") > 1, strings.ContainsAny(between, "\f\u2029"):
		return false
	case !terminalRE.MatchString(tail):
		return between != ""
	case unicode.IsDigit(first) && countedRE.MatchString(tail), titleRE.MatchString(tail), initialsRE.MatchString(tail):
		return true
	case unicode.IsLower(first):
		return true
	}
	_, size, ok := LeadingNumber(soFar[:min(len(soFar), 64)])
	return ok && size == len(soFar)
}

// span is a half-open range of bytes.
type span struct{ start, end int }

// trim returns the bytes [start, end) of text without the white space at either end.
// start equals end if nothing in them is visible.
func trim(text string, start, end int) span {
	if !strings.ContainsFunc(text[start:end], visible) {
		return span{end, end}
	}
	end = start + len(strings.TrimRightFunc(text[start:end], unicode.IsSpace))
	return span{end - len(strings.TrimLeftFunc(text[start:end], unicode.IsSpace)), end}
}

// visible reports whether r is readable: neither white space nor a control or format
// character, such as the zero-width space.
func visible(r rune) bool { return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf) }
