package chunk

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

const (
	// ends are the marks that end a sentence, in the scripts of many languages.
	ends = `.!?。！？｡．…।॥۔؟։።፧។။`
	// maxWrap is the width in columns above which a line is taken to be a whole paragraph.
	maxWrap = 120
	// minWrap is the narrowest width of wrapped prose. Narrower text is a list or a
	// poem.
	minWrap = 30
)

var (
	// indentRE matches the indentation of a paragraph whose line break was lost.
	indentRE = regexp.MustCompile(`\x{3000}{2,}|\t+`)
	// endRE matches text that ends with a sentence end, a colon or a semicolon.
	endRE    = regexp.MustCompile(`[` + ends + `:：;；؛][\p{Pe}\p{Pf}\p{Pi}"'＂＇]*$`)
	clauseRE = regexp.MustCompile(`[,，、]$`)
)

// line is a non-blank line of text, without the white space around it.
type line struct {
	span
	columns  int
	apart    bool // whether it follows a blank line, a page break or an ideographic indent
	indented bool
}

// paragraphs cuts regions of text into paragraphs. Blank lines always separate
// paragraphs. Within a block of lines, a paragraph begins at an indented line, at the
// title, at an article number, or if the previous line's length and ending show that
// it was not wrapped.
func paragraphs(text string, regions []span, key titleKey) []span {
	var lines []line
	for _, r := range regions {
		lines = appendLines(lines, text, r)
	}
	w := wrapping(text, lines)
	var out []span
	for i, l := range lines {
		if i == 0 || w.beginsParagraph(lines[i-1], l, key) {
			out = append(out, l.span)
		} else {
			out[len(out)-1].end = l.end
		}
	}
	return out
}

// appendLines appends the lines of one region.
func appendLines(lines []line, text string, region span) []line {
	apart := true
	add := func(start, end int) {
		l := line{span: trim(text, start, end), apart: apart}
		if l.start == l.end {
			apart = true
			return
		}
		lead := text[start:l.start]
		l.apart = apart || strings.ContainsRune(lead, '\u3000')
		l.indented = strings.ContainsRune(lead, '\t') || len(lead) > 1
		l.columns = columns(text[l.start:l.end])
		lines = append(lines, l)
		apart = false
	}
	for start := region.start; start < region.end; {
		rest := text[start:region.end]
		end, size := strings.IndexAny(rest, "\n\r\v\f\u0085\u2028\u2029"), 0
		if end < 0 {
			end = len(rest)
		} else if strings.HasPrefix(rest[end:], "\r\n") {
			size = 2
		} else {
			_, size = utf8.DecodeRuneInString(rest[end:])
		}
		from := start
		for _, cut := range lostBreaks(rest[:end]) {
			add(from, start+cut)
			from, apart = start+cut, true
		}
		add(from, start+end)
		apart = apart || strings.ContainsAny(rest[end:end+size], "\f\u2029")
		start += end + size
	}
	return lines
}

// lostBreaks returns the offsets inside a line at which paragraphs begin because a line
// break was lost: at an indentation after the end of a sentence or before a number. An
// indentation between a number and its text does not count.
func lostBreaks(s string) []int {
	var cuts []int
	from := 0
	for _, m := range indentRE.FindAllStringIndex(s, -1) {
		_, numbered := parseNumber(s[m[1]:])
		if !numbered && !endRE.MatchString(s[max(from, m[0]-16):m[0]]) {
			continue
		}
		if own, ok := parseNumber(s[from:m[1]]); ok && own.size == m[1]-from {
			continue
		}
		cuts = append(cuts, m[0])
		from = m[0]
	}
	return cuts
}

// wrap describes how the lines of a text were wrapped.
type wrap struct {
	text    string
	columns int // width at which lines were wrapped
	hard    bool
}

// wrapping decides whether the lines are paragraphs that were wrapped at a fixed column.
// They are if most lines that do not end a sentence had no room for the next word.
func wrapping(text string, lines []line) wrap {
	var lengths []int
	for _, l := range lines {
		if l.columns <= maxWrap {
			lengths = append(lengths, l.columns)
		}
	}
	if len(lengths) == 0 {
		return wrap{text: text}
	}
	slices.Sort(lengths)
	w := wrap{text: text, columns: lengths[len(lengths)*9/10]} // a few lines may be longer
	open, full := 0, 0
	for i := 1; i < len(lines); i++ {
		a, b := lines[i-1], lines[i]
		if b.apart || a.columns > maxWrap || endRE.MatchString(w.tail(a)) {
			continue
		}
		open++
		if w.lacksRoom(a, b) {
			full++
		}
	}
	w.hard = w.columns >= minWrap && full*2 > open
	return w
}

// lacksRoom reports whether a had no room for the first word of b.
func (w wrap) lacksRoom(a, b line) bool {
	if b.columns > maxWrap {
		return false
	}
	word := w.text[b.start:b.end]
	if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
		word = word[:i]
	}
	if r, size := utf8.DecodeRuneInString(word); wide(r) {
		// A Chinese line may end one character early if the next character is a mark
		// that must not begin a line.
		return a.columns+columns(word[:size])+2 > w.columns
	}
	return a.columns+1+columns(word) > w.columns
}

// beginsParagraph reports whether line b starts a new paragraph instead of continuing
// line a.
func (w wrap) beginsParagraph(a, b line, key titleKey) bool {
	if b.apart || key.matches(w.text[a.start:a.end]) || key.matches(w.text[b.start:b.end]) {
		return true
	}
	wrapped := w.hard && w.lacksRoom(a, b)
	ended := endRE.MatchString(w.tail(a))
	comma := clauseRE.MatchString(w.tail(a))
	_, numbered := parseNumber(w.text[b.start:b.end])
	first, _ := utf8.DecodeRuneInString(w.text[b.start:])
	switch {
	case numbered || IsSection(w.text[b.start:b.end]):
		return !wrapped || ended || comma
	case comma, !ended && unicode.IsLower(first):
		return false
	case b.indented && !a.indented:
		return true
	}
	return !wrapped
}

// tail returns the end of a line, long enough for endRE.
func (w wrap) tail(l line) string { return w.text[max(l.start, l.end-16):l.end] }

// columns returns the width of s in terminal columns.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if wide(r) {
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}
