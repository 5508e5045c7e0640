package chunk

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
)

// EmbeddedText returns text as a model reads it: trimmed, with every run of white
// space replaced by one space. A line break between two Chinese or Japanese
// characters is removed instead, since it is only wrapping. A blank line between such
// characters becomes a space.
func EmbeddedText(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	var last rune // last character before the white space
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

// unspaced reports whether r belongs to a script that puts no spaces between words: Han,
// kana, and their punctuation and full-width forms.
func unspaced(r rune) bool {
	return r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// Windows cuts a passage's text into the pieces that each get a vector. If count of
// its EmbeddedText is at most limit, there is one piece. Otherwise there are as few
// pieces as fit, cut at sentence ends. A sentence that is too long is cut at clause
// marks, then at spaces, then between code points. Only white space is lost. Every
// piece is within limit unless it is a single code point. Blank text has no windows.
//
// limit (at least 1) is the model's maximum less its special tokens and the prefix.
// count must be monotonic in the length of text, give or take one token.
func Windows(text string, limit int, count func(string) int) []string {
	text = EmbeddedText(text)
	if text == "" {
		return nil
	}
	c := cutter{limit: limit, count: count}
	c.cut(text, []func(string) []int{sentenceEnds, clauseEnds, wordEnds, codePointEnds})
	return c.windows
}

// SentenceWindows returns the ranges of each pair of consecutive sentences in text,
// in order. It returns none for at most two sentences, since the pair would be the
// text itself. Each sentence but the first and the last lies in two windows, so that
// an answer that spans two sentences lies whole in one window.
func SentenceWindows(text string) []document.TextRange {
	sentences := Sentences(text)
	if len(sentences) <= 2 {
		return nil
	}
	windows := make([]document.TextRange, len(sentences)-1)
	for i := range windows {
		first, second := sentences[i], sentences[i+1]
		windows[i] = document.TextRange{Start: first.Start, End: second.End, StartByte: first.StartByte, EndByte: second.EndByte}
	}
	return windows
}

type cutter struct {
	limit   int
	count   func(string) int
	windows []string
}

func (c *cutter) fits(text string) bool { return c.count(text) <= c.limit }

// cut appends the windows of text. Each level returns the offsets at which pieces of
// a text end; the last offset is the end of the text. Levels are ordered from coarse
// to fine.
func (c *cutter) cut(text string, levels []func(string) []int) {
	if len(levels) == 0 || c.fits(text) {
		if text = strings.TrimSpace(text); text != "" {
			c.windows = append(c.windows, text)
		}
		return
	}
	ends := levels[0](text)
	for start := 0; len(ends) > 0; {
		fitting := c.countFitting(text[start:], start, ends)
		if fitting == 0 { // not even the first piece fits
			c.cut(text[start:ends[0]], levels[1:])
			fitting = 1
		} else {
			c.cut(text[start:ends[fitting-1]], nil)
		}
		start, ends = ends[fitting-1], ends[fitting:]
	}
}

// countFitting returns how many of the first pieces of rest fit together. start is the
// offset of rest. It doubles the number of pieces and then bisects, so that it counts the
// tokens only of texts near the limit, however long rest is.
func (c *cutter) countFitting(rest string, start int, ends []int) int {
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
	return withTextEnd(ends, text)
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

// endsAfter returns the offsets after each code point for which ends returns true,
// and the end of text. ends is called with a code point and the next one.
func endsAfter(text string, ends func(r, next rune) bool) []int {
	var offsets []int
	for i, r := range text {
		at := i + utf8.RuneLen(r)
		if next, _ := utf8.DecodeRuneInString(text[at:]); ends(r, next) {
			offsets = append(offsets, at)
		}
	}
	return withTextEnd(offsets, text)
}

// withTextEnd returns ends with the end of text as the last element.
func withTextEnd(ends []int, text string) []int {
	if len(ends) == 0 || ends[len(ends)-1] < len(text) {
		ends = append(ends, len(text))
	}
	return ends
}
