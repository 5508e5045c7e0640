package prose

import (
	"embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

var (
	sentenceGapRE = pattern.MustCompile(`[.!?][”"’)]*\s+\p{Lu}|[。！？।॥۔؟።፧។။]`)
	shortDotRE    = pattern.MustCompile(`\b(?:\p{L}{1,4})\.\s`)
)

// Sentences estimates how many sentences text has.
func Sentences(text string) int {
	text = shortDotRE.ReplaceAllString(text, " ")
	return 1 + len(sentenceGapRE.FindAllString(strings.TrimRight(text, "。.!?！？।॥۔؟։።፧។။ ”\"’)）"), -1))
}

var sentenceEndRE = pattern.MustCompile(`[.!?。！？…．।॥۔؟։።፧។။]["'”’»）)\]』」]*$`)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

var (
	abbreviationRE = patterns.Regexp("abbreviation")
	hangingRE      = patterns.Regexp("hanging")
)

// longestEnd is the maximum length in bytes of the end of a text that is checked. If a
// paragraph is joined from many lines, it is checked once for each line.
const longestEnd = 200

// EndsSentence reports whether s ends with a mark that ends a sentence, and not with an
// abbreviation.
func EndsSentence(s string) bool {
	s = strings.TrimSpace(Tail(s, longestEnd))
	return sentenceEndRE.MatchString(s) && !abbreviationRE.MatchString(s)
}

var questionEndRE = pattern.MustCompile(`[?？؟፧]["'”’»）)\]』」]*$`)

// Asks reports whether s ends with a question mark.
func Asks(s string) bool { return questionEndRE.MatchString(strings.TrimSpace(Tail(s, longestEnd))) }

// EndsClause reports whether s ends like a sentence, or with a colon or semicolon.
func EndsClause(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s, unicode.IsSpace))
	return EndsSentence(s) || strings.ContainsRune(":：;；", last)
}

// EndsAbbreviated reports whether s ends with an abbreviation: "Art.", "Mr.".
func EndsAbbreviated(s string) bool { return abbreviationRE.MatchString(Tail(s, longestEnd)) }

// Incomplete reports whether text ends with a word or mark with which no sentence ends,
// such as "of".
func Incomplete(text string) bool { return hangingRE.MatchString(Tail(text, longestEnd)) }
