package prose

import (
	"regexp"
	"strings"
)

// raised maps the characters of exponents and note marks to superscript ones, which cannot
// be taken for a part of the text before them: 10³ is not 103.
var raised = strings.NewReplacer(
	"0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹",
	"+", "⁺", "-", "⁻", "−", "⁻", "(", "⁽", ")", "⁾", "n", "ⁿ",
)

var exponentRE = regexp.MustCompile(`^[-+−]?(?:\d+|n)(?:[-+−](?:\d+|n))?$`)

// Superscript returns text that is set as superscript. Exponents and the numbers of notes become raised
// characters. Other text, such as the letters of "1st" or a mark in brackets, is unchanged.
func Superscript(text string) string {
	if exponentRE.MatchString(text) {
		return raised.Replace(text)
	}
	return text
}
