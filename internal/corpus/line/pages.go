package line

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	edge           = 2   // lines at the top and at the bottom of a page that may be its head or foot
	maxEdge        = 160 // maximum bytes of such a line
	maxPagesPerUse = 2   // a head or foot is on at least one of this many pages
)

var (
	pageNumbersRE = pattern.MustCompile(`\d+|\b[ivxl]+\b`)
	// memoFootRE and memoHeadRE match the foot and the head of a page of a Request for
	// Comments (RFC).
	memoFootRE = pattern.MustCompile(`(?m)^\S.*\[Page \d+\][ \t]*$`)
	memoHeadRE = pattern.MustCompile(`(?m)(?:^|\f)(?:RFC \d+|Internet-Draft|INTERNET-DRAFT) {2,}.* {2,}\w+ \d{4}[ \t]*$`)
)

// withoutRunning returns text without the heads and feet of its pages. A form feed
// ends a page.
func withoutRunning(text string) string {
	if memoFootRE.MatchString(text) {
		text = memoHeadRE.ReplaceAllString(memoFootRE.ReplaceAllString(text, "\f"), "\f")
	}
	if !strings.Contains(text, "\f") {
		return text
	}
	pages := strings.Split(text, "\f")
	rows := make([][]string, len(pages))
	count := map[string]int{}
	for i, page := range pages {
		rows[i] = strings.Split(page, "\n")
		for _, at := range edges(rows[i]) {
			count[runningKey(rows[i][at])]++
		}
	}
	for i := range rows {
		for _, at := range edges(rows[i]) {
			if n := count[runningKey(rows[i][at])]; n > 2 && n*maxPagesPerUse >= len(pages) {
				rows[i][at] = ""
			}
		}
		pages[i] = strings.Join(rows[i], "\n")
	}
	return strings.Join(pages, "\f")
}

// edges returns the first and the last lines of a page that are not blank.
func edges(rows []string) []int {
	var filled []int
	for i, row := range rows {
		if strings.TrimSpace(row) != "" && len(row) <= maxEdge {
			filled = append(filled, i)
		}
	}
	if len(filled) <= 2*edge {
		return filled
	}
	return append(filled[:edge:edge], filled[len(filled)-edge:]...)
}

// runningKey returns the part of a head or foot that is the same on all pages: its text
// without numbers.
func runningKey(row string) string {
	return pageNumbersRE.ReplaceAllString(strings.ToLower(prose.Squeeze(row)), "#")
}
