// Package prose measures text: its width, where its sentences end, and its script.
package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/pattern"
)

// Numbered reports whether text begins with the number of an article.
func Numbered(text string) bool {
	_, _, ok := chunk.LeadingNumber(text)
	return ok
}

// Tail returns the end of text, at most size bytes.
func Tail(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return strings.ToValidUTF8(text[len(text)-size:], "")
}

// Fold returns s with full-width characters and the digits of all scripts as ASCII, for
// parsing. It keeps the number of characters, but byte offsets differ from those in s.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r > unicode.MaxLatin1 && unicode.Is(unicode.Nd, r):
			return '0' + digit(r)
		case r == '　', r == ' ':
			return ' '
		}
		return r
	}, s)
}

// digit returns the value of a decimal digit. In Unicode, the ten digits of a script are in
// order, and the character before them is not a digit.
func digit(r rune) rune {
	zero := r
	for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
		zero--
	}
	return r - zero
}

// Squeeze returns s without surrounding white space, and with one space for each run of
// white space.
func Squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// IsCJK reports whether r is a Chinese or Japanese character or a full-width mark.
func IsCJK(r rune) bool {
	return r >= 0x2E80 && r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFF00 && r <= 0xFFEF || r >= 0x20000 && r <= 0x3FFFF
}

// Width returns the width of s in columns. East Asian characters take two.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if IsCJK(r) || r >= 0xAC00 && r <= 0xD7A3 {
			n++
		}
	}
	return n
}

// CountHan counts the Chinese characters of s.
func CountHan(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

// StartsLower reports whether text begins with a small letter.
func StartsLower(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(first)
}

// Join appends the next line of a paragraph to text, with a space unless both are
// Chinese or text ends with a hyphen.
func Join(text, next string) string {
	last, _ := utf8.DecodeLastRuneInString(text)
	first, _ := utf8.DecodeRuneInString(next)
	before, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(text, "-"))
	switch {
	case IsCJK(last) && IsCJK(first):
		return text + next
	case last != '-' || !unicode.IsLetter(before) || !unicode.IsLetter(first) || suspendedRE.MatchString(next):
		return text + " " + next
	case unicode.IsLower(before) && unicode.IsLower(first) && !keepsHyphen(text, next):
		return strings.TrimSuffix(text, "-") + next
	}
	return text + next
}

// Paragraph is a paragraph while its lines are joined. Adding all lines takes time in
// proportion to their length, while Join would take quadratic time.
type Paragraph struct {
	done strings.Builder
	last string // the end of the text, which is not in done
}

// Add joins the next line to the paragraph, as Join does.
func (p *Paragraph) Add(next string) {
	const long, kept = 4 << 10, 1 << 10 // bytes
	if p.Size() == 0 {
		p.last = next
		return
	}
	if p.last = Join(p.last, next); len(p.last) <= long {
		return
	}
	cut := len(p.last) - kept
	for !utf8.RuneStart(p.last[cut]) {
		cut--
	}
	p.done.WriteString(p.last[:cut])
	p.last = p.last[cut:]
}

// Size returns the length of the paragraph in bytes.
func (p *Paragraph) Size() int { return p.done.Len() + len(p.last) }

// End returns the whole paragraph, or at least its last KiB.
func (p *Paragraph) End() string { return p.last }

// String returns the paragraph.
func (p *Paragraph) String() string { return p.done.String() + p.last }

// JoinAll joins the lines of a paragraph as Join does.
func JoinAll(lines []string) string {
	var p Paragraph
	for _, next := range lines {
		p.Add(next)
	}
	return p.String()
}

// keepsHyphen reports whether the hyphen at the end of text belongs to a compound: it
// has another one ("state-of-"), or begins with a word that often stands in one
// ("self-", but not the "long-" of "long-er").
func keepsHyphen(text, next string) bool {
	word := text[strings.LastIndexByte(text, ' ')+1:]
	return strings.Count(word, "-") > 1 || compoundRE.MatchString(word) && afterCompoundRE.MatchString(next)
}

var (
	// suspendedRE matches what follows a hyphen that stands for a word to come: "pre-
	// and postwar".
	suspendedRE     = patterns.Regexp("after a suspended hyphen")
	compoundRE      = patterns.Regexp("begins a compound")
	afterCompoundRE = pattern.MustCompile(`^\p{L}{4}`)
)
