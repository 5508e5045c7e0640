package line

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

var (
	// A wide break separates Chinese paragraphs. In English, wide spaces may also come from
	// justified text.
	wideBreakRE   = pattern.MustCompile(`[\t ]*(?:\t|　　| {3,})[\t 　]*`)
	titleDateRE   = patterns.Regexp("title with a date")
	titleButtonRE = patterns.Regexp("title with a date before a button")
	sentenceRE    = pattern.MustCompile(`^.*[。！？](?:[”』」）)]*)`)
)

// Count returns an upper bound for the number of lines that Scan returns.
func Count(text string) int {
	n, spaces, begun := 1, 0, false // begun: the line so far is not only spaces
	for i := range len(text) {
		switch b := text[i]; {
		case b == '\n', b == '\f':
			n++
			spaces, begun = 0, false
		case b == '\t' && begun, b == ' ' && begun && spaces == 2:
			n++
			spaces++
		case b == ' ':
			spaces++
		default:
			spaces, begun = 0, true
		}
	}
	return n + strings.Count(text, "　　")
}

// Scan splits normalised text into lines, and these at wide breaks.
func Scan(text string) []Line {
	var lines []Line
	gap := 0
	for physical := range strings.SplitSeq(strings.ReplaceAll(text, "\f", "\n\f\n"), "\n") {
		if physical == "\f" {
			lines = append(lines, Line{Text: "\f", Gap: gap})
			gap = 0
			continue
		}
		pieces := breakLine(physical)
		if len(pieces) == 0 {
			gap++
			continue
		}
		indent := strings.IndexFunc(physical, func(r rune) bool { return !unicode.IsSpace(r) }) > 0
		for i, piece := range pieces {
			if i > 0 {
				gap = 1
			}
			lines = append(lines, Line{Text: piece, Gap: gap, Indent: indent && i == 0})
		}
		gap = 0
	}
	return lines
}

// breakLine returns the pieces of a line of the file, or none if it is blank.
func breakLine(physical string) []string {
	var pieces []string
	for _, piece := range wideParts(physical) {
		for _, part := range unstick(piece) {
			if part = prose.Squeeze(part); part != "" {
				pieces = append(pieces, part)
			}
		}
	}
	return pieces
}

// wideParts splits a line of the file at wide breaks, but not after the number of an
// article ("第三条　　双方", "4.\tBoth"), after a key, or inside a justified sentence.
func wideParts(s string) []string {
	s = spacedKeyRE.ReplaceAllStringFunc(strings.TrimSpace(s), closeKey)
	s = alignedKeyRE.ReplaceAllString(s, "$1: ")
	var parts []string
	start := 0
	found := wideBreakRE.FindAllStringIndex(s, -1)
	for i, at := range found {
		before, after := s[start:at[0]], s[at[1]:]
		if i+1 < len(found) {
			after = s[at[1]:found[i+1][0]]
		}
		if _, size, ok := chunk.LeadingNumber(before); ok && size == len(before) {
			continue
		}
		if !separatesParagraphs(before, after) || isKeyAlone(before) {
			continue
		}
		parts = append(parts, before)
		start = at[1]
	}
	return append(parts, s[start:])
}

// spacedKeyRE finds keys with spaces inside: "标　　题：", "索 引 号：".
var spacedKeyRE = pattern.MustCompile(`(?:^|[\t ])\p{Han}(?:[ 　]+\p{Han}){1,4}[ 　]*[:：]`)

// alignedKeyRE finds keys with spaces before the colon: "TITLE   :  ".
var alignedKeyRE = pattern.MustCompile(`^(\p{L}[\p{L} _-]{0,24}?)\s{2,}[:：]\s*`)

// closeKey removes the spaces inside a known key. It does not change other words.
func closeKey(key string) string {
	closed := strings.Join(strings.Fields(key), "")
	if header.KeyOf(strings.TrimRight(closed, ":：")) == header.None {
		return key
	}
	if strings.HasPrefix(key, "\t") || strings.HasPrefix(key, " ") {
		closed = key[:1] + closed
	}
	return closed
}

// isKeyAlone reports whether s is a key without a value.
func isKeyAlone(s string) bool {
	if last, _ := utf8.DecodeLastRuneInString(s); last != ':' && last != '：' {
		return false
	}
	f, ok := header.Parse(s)
	return ok && f.Value == "" && f.Key != header.Body
}

// separatesParagraphs reports whether a wide break between two pieces ends a paragraph.
func separatesParagraphs(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	if prose.IsCJK(last) || prose.IsCJK(next) || prose.EndsSentence(before) || furniture.Reason(after) != "" {
		return true
	}
	return !unicode.IsLower(next) && !strings.ContainsRune(",;", last)
}

// unstick splits a line in which buttons, titles and dates follow each other without a
// space:
// "…出席。联合声明（全文）2015-05-23[字体：大 中 小]".
func unstick(piece string) []string {
	found := furniture.FindStuck(piece)
	if found == nil {
		return unstickDate(piece, titleDateRE)
	}
	var parts []string
	start := 0
	for _, at := range found {
		parts = append(append(parts, unstickDate(piece[start:at[0]], titleButtonRE)...), piece[at[0]:at[1]])
		start = at[1]
	}
	return append(parts, piece[start:])
}

// unstickDate splits a piece that ends with a date of the given form into text, title and
// date.
func unstickDate(piece string, date *pattern.Expr) []string {
	m := date.FindStringSubmatch(strings.TrimSpace(piece))
	if m == nil {
		return []string{piece}
	}
	body := sentenceRE.FindString(m[1])
	title := strings.TrimSpace(m[1][len(body):])
	if title == "" {
		return []string{piece}
	}
	return []string{body, title, m[2]}
}
