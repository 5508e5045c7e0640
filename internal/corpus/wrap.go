package corpus

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

const (
	minWrap = 50  // columns; headers have runs of shorter lines
	maxWrap = 132 // columns; a longer line is a paragraph of its own
	fullest = 0.7 // the share of the wrap width that a line which goes on fills
)

// unwrap joins the lines of hard-wrapped paragraphs. Lines of files that give
// each paragraph one line stay as they are.
func unwrap(lines []line) []line {
	wrap := wrapWidth(lines)
	var out, pages []line // pages: the page numbers since the last line
	full := false         // whether the physical line before is as long as wrapped lines are
	for _, l := range lines {
		if l.reason == reasonPage {
			pages = append(pages, l)
			continue
		}
		if pages != nil && startsLower(l.text) {
			l.gap = 0 // a sentence goes on over the page
		}
		if n := len(out) - 1; n >= 0 && goesOn(out[n], l, full, wrap) {
			out[n].text, out[n].class = join(out[n].text, l.text), classUnknown
		} else {
			out = append(append(out, pages...), l)
			pages = nil
		}
		full = fills(l, wrap)
	}
	return append(out, pages...)
}

func fills(l line, wrap int) bool { return float64(width(l.text)) >= fullest*float64(wrap) }

// wrapWidth returns the width at which lines are wrapped, 0 where they are not.
func wrapWidth(lines []line) int {
	var widths []int
	for _, l := range lines {
		if l.ordinary() {
			widths = append(widths, width(l.text))
		}
	}
	if len(widths) < 3 {
		return 0
	}
	slices.Sort(widths)
	wrap := widths[(len(widths)-1)*95/100]
	if wrap < minWrap || wrap > maxWrap {
		return 0
	}
	pairs, going := 0, 0
	for i := 1; i < len(lines); i++ {
		if a, b := lines[i-1], lines[i]; a.ordinary() && b.ordinary() && b.gap == 0 {
			pairs++
			if !ends(a.text) && fills(a, wrap) {
				going++
			}
		}
	}
	if going < 2 || going*5 < pairs*2 {
		return 0
	}
	return wrap
}

// ordinary reports whether l may be part of a paragraph of several lines.
func (l line) ordinary() bool {
	return l.kind == document.KindUnknown && (l.class == classUnknown || l.class == classProse || l.class == classTitle || l.class == classDateline)
}

// goesOn reports whether the paragraph a goes on in l.
func goesOn(a, l line, full bool, wrap int) bool {
	if l.gap > 0 || !a.ordinary() {
		return false
	}
	dated := l.class == classPlaceDate || l.class == classStamp && !l.stamp.rich
	if (l.ordinary() || dated) && hangingRE.MatchString(a.text) || titleSoFar(a) && l.class == classTitle && linkRE.MatchString(l.text) {
		return true
	}
	if !l.ordinary() || l.class == classDateline {
		return false
	}
	if wrap == 0 || !full {
		return startsLower(l.text) && !ends(a.text)
	}
	if _, _, numbered := chunk.LeadingNumber(l.text); numbered && (ends(a.text) || wrap == 0) {
		return false
	}
	return !l.indent || a.indent && !ends(a.text)
}

// titleSoFar reports whether a is a title, or one in capitals put together of
// several lines.
func titleSoFar(a line) bool {
	return a.class == classTitle || a.class == classUnknown && strings.ToUpper(a.text) == a.text
}

func startsLower(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(first)
}

// hangingRE matches lines after which a sentence must go on.
var hangingRE = regexp.MustCompile(`(?:[\p{Han}][，、]|(?:^|\s)(?i:in|of|the|to|and|or|by|with|under|an?|for|from|on|at|as|between|de|del|la|el|los|las|y|en|con|por|para|según|du|des|les?|et|à|aux?))$`)

// linkRE matches the second line of a title in capitals.
var linkRE = regexp.MustCompile(`^(?:OF|ON|BETWEEN|AND|FOR|IN|TO|WITH|CONCERNING|DE|DEL|SOBRE|ENTRE|PARA|SUR|ET|RELATIF|RELATIVE|ÜBER|ZWISCHEN|О|МЕЖДУ)(?: \p{Lu}{2}|$)`)

// join puts the next line of a paragraph after text: without a space between
// Chinese characters and after a hyphen.
func join(text, next string) string {
	last, _ := utf8.DecodeLastRuneInString(text)
	first, _ := utf8.DecodeRuneInString(next)
	before, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(text, "-"))
	if isCJK(last) && isCJK(first) || last == '-' && unicode.IsLetter(before) && unicode.IsLetter(first) {
		return text + next
	}
	return text + " " + next
}
