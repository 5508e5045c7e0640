package article

import (
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

// longestAbbreviation bounds the length in bytes of an abbreviation with the white space
// after it.
const longestAbbreviation = 32

// splitArticles splits a paragraph with several numbered articles. A number begins an
// article if the paragraph has others of its form, or if a number of that form has begun an
// earlier paragraph; seen has these forms.
func splitArticles(text string, seen map[string]bool) []string {
	if form, ok := numberForm(text); ok {
		seen[form] = true
	}
	type cut struct {
		at   int
		form string
	}
	var cuts []cut
	count := map[string]int{}
	for _, m := range innerNumberRE.FindAllStringSubmatchIndex(text, -1) {
		// Looking at all text before each number would take quadratic time.
		if prose.EndsAbbreviated(strings.TrimRight(text[max(0, m[3]-longestAbbreviation):m[3]], " ")) {
			continue
		}
		if form, ok := numberForm(text[m[3]:]); ok {
			cuts = append(cuts, cut{m[3], form})
			count[form]++
		}
	}
	var parts []string
	start := 0
	for _, c := range cuts {
		if seen[c.form] || count[c.form] > 1 {
			parts = append(parts, strings.TrimSpace(text[start:c.at]))
			start = c.at
			seen[c.form] = true
		}
	}
	return append(parts, text[start:])
}

var digitsRE = pattern.MustCompile(`[0-9０-９一二三四五六七八九十百零〇IVXL]+`)

// numberForm returns the form of the number that text begins with, such as "第#条". ok is
// false if text begins with no number.
func numberForm(text string) (string, bool) {
	label, _, ok := chunk.LeadingNumber(text)
	if !ok {
		return "", false
	}
	mark, _, _ := strings.Cut(text[len(label):], " ")
	if len(mark) > 3 {
		mark = mark[:3]
	}
	return digitsRE.ReplaceAllString(label, "#") + strings.TrimFunc(mark, func(r rune) bool { return !strings.ContainsRune(".、)．", r) }), true
}
