package chunk

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EmbeddedText returns text as a model should read it: trimmed, every run of
// white space one space, and none where a line was wrapped between two
// characters of Chinese or Japanese. A blank line between such characters
// stays a space.
func EmbeddedText(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	var last rune // before the white space
	space, lines := false, 0
	for _, r := range text {
		if unicode.IsSpace(r) {
			space = true
			if r == '\n' {
				lines++
			}
			continue
		}
		if space && b.Len() > 0 && (lines > 1 || !unspaced(last) || !unspaced(r)) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, space, lines = r, false, 0
	}
	return b.String()
}

// unspaced reports whether r belongs to a script written without spaces
// between its words: Han, kana, and their punctuation and full-width forms.
func unspaced(r rune) bool {
	return r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// Windows cuts a passage's text into the pieces that each get a vector: its
// EmbeddedText whole where count of it is within limit, else as few pieces in
// order as fit, cut at ends of sentences, and where a sentence is too long for
// one piece at clause marks, then spaces, then between code points. Nothing but
// white space is lost, and every piece is within limit unless it is a single
// code point. Blank text has no windows.
//
// The limit (at least 1) is what the model takes less its special tokens and
// the prefix; count must not fall as text grows, give or take a token.
func Windows(text string, limit int, count func(string) int) []string {
	text = EmbeddedText(text)
	if text == "" {
		return nil
	}
	c := cutter{limit: limit, count: count}
	c.cut(text, []func(string) []int{sentenceEnds, clauseEnds, wordEnds, codePointEnds})
	return c.windows
}

type cutter struct {
	limit   int
	count   func(string) int
	windows []string
}

func (c *cutter) fits(text string) bool { return c.count(text) <= c.limit }

// cut appends the windows of text. Each of levels returns where pieces of a
// text end, the last being the text's end, from coarse to fine.
func (c *cutter) cut(text string, levels []func(string) []int) {
	if len(levels) == 0 || c.fits(text) {
		if text = strings.TrimSpace(text); text != "" {
			c.windows = append(c.windows, text)
		}
		return
	}
	ends := levels[0](text)
	for start := 0; len(ends) > 0; {
		fitting := c.longest(text[start:], start, ends)
		if fitting == 0 { // not even one piece
			c.cut(text[start:ends[0]], levels[1:])
			fitting = 1
		} else {
			c.cut(text[start:ends[fitting-1]], nil)
		}
		start, ends = ends[fitting-1], ends[fitting:]
	}
}

// longest returns how many of the pieces that rest, which begins at offset
// start, is made of fit together. It doubles before it halves, so that what it
// counts stays near the limit however long rest is.
func (c *cutter) longest(rest string, start int, ends []int) int {
	fits := func(pieces int) bool { return c.fits(strings.TrimSpace(rest[:ends[pieces-1]-start])) }
	good, bad := 0, 1
	for bad <= len(ends) && fits(bad) {
		good, bad = bad, bad*2
	}
	bad = min(bad, len(ends)+1)
	return good + sort.Search(bad-good-1, func(i int) bool { return !fits(good + i + 1) })
}

func sentenceEnds(text string) []int {
	var ends []int
	for _, r := range Sentences(text) {
		ends = append(ends, r.EndByte)
	}
	return closeEnds(ends, text)
}

func clauseEnds(text string) []int {
	return endsAfter(text, func(r, next rune) bool {
		return strings.ContainsRune("，、；：", r) || strings.ContainsRune(",;:—–", r) && unicode.IsSpace(next)
	})
}

func wordEnds(text string) []int {
	return endsAfter(text, func(r, _ rune) bool { return unicode.IsSpace(r) })
}

func codePointEnds(text string) []int {
	return endsAfter(text, func(_, _ rune) bool { return true })
}

// endsAfter returns the offsets behind the code points for which ends, told
// the code point and the one after it, says so, and the end of text.
func endsAfter(text string, ends func(r, next rune) bool) []int {
	var offsets []int
	for i, r := range text {
		at := i + utf8.RuneLen(r)
		if next, _ := utf8.DecodeRuneInString(text[at:]); ends(r, next) {
			offsets = append(offsets, at)
		}
	}
	return closeEnds(offsets, text)
}

// closeEnds makes the last of ends the end of text.
func closeEnds(ends []int, text string) []int {
	if len(ends) == 0 || ends[len(ends)-1] < len(text) {
		ends = append(ends, len(text))
	}
	return ends
}
