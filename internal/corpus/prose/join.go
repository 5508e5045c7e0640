package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

// hyphens are the characters that divide words at the end of a line.
const hyphens = "-\u2010"

// Join appends the next line of a paragraph to text, with a space unless both are Chinese.
// If text ends with a hyphen, there is no space, and the hyphen is removed if it divides a
// word. A suspended hyphen, as in "pre- and postwar", keeps its space.
func Join(text, next string) string {
	last, _ := utf8.DecodeLastRuneInString(text)
	first, _ := utf8.DecodeRuneInString(next)
	divided := strings.TrimSuffix(text, string(last))
	before, _ := utf8.DecodeLastRuneInString(divided)
	switch {
	case IsCJK(last) && IsCJK(first):
		return text + next
	case !strings.ContainsRune(hyphens, last) || !unicode.IsLetter(first) || suspendedRE.MatchString(next):
		return text + " " + next
	case unicode.IsDigit(before) && unicode.IsLower(first):
		return text + next // a 30-day plan
	case !unicode.IsLetter(before):
		return text + " " + next
	case unicode.IsLower(before) && unicode.IsLower(first) && !keepsHyphen(divided+"-", next):
		return divided + next
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
