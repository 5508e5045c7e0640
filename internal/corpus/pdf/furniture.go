package pdf

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	edgeLines = 3 // lines at the top and the bottom of a page that may be its head or foot
	// A head or foot repeats on at least two pages, and on a minimum share of the pages
	// with text: minShare, or minShareInText if nothing sets it apart from the text.
	minShare, minShareInText = 0.3, 0.6
)

var (
	digitsRE = regexp.MustCompile(`\d+|\b[ivxlcIVXLC]+\b`)
	// pageNumberRE matches a line that is only the number of a page.
	pageNumberRE = regexp.MustCompile(`^(?i:[-–—·•|\[(]*\s*(?:page|seite|página|pagina|p\.|str\.|стр\.|s\.|第|전체)?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*(?:页|頁|ページ|쪽)?\s*(?:(?:of|/|von|de|di|sur|из|共)\s*(?:第)?\d{1,4}\s*(?:页|頁|ページ)?)?\s*[-–—·•|\])]*)$`)
)

// dropEdges removes heads, feet and page numbers. A head or foot is a line at the edge of
// several pages that has the same text, except for numbers. dropEdges returns the removed
// lines as dropped.
func dropEdges(pages [][]textLine) (kept [][]textLine, dropped []textLine) {
	seen := map[string]map[int]bool{} // key → pages
	texts := 0
	for i, page := range pages {
		if len(page) > 0 {
			texts++
		}
		for _, at := range edges(page) {
			key := edgeKey(page[at])
			if seen[key] == nil {
				seen[key] = map[int]bool{}
			}
			seen[key][i] = true
		}
	}
	kept = make([][]textLine, len(pages))
	for i, page := range pages {
		edge := edges(page)
		for at, l := range page {
			repeats := len(seen[edgeKey(page[at])])
			onEdge := slices.Contains(edge, at)
			number := onEdge && outermost(page, at) && pageNumberRE.MatchString(l.text)
			share := minShareInText
			if setApart(page, at) {
				share = minShare
			}
			if number || onEdge && repeats >= 2 && float64(repeats) >= share*float64(texts) {
				dropped = append(dropped, l)
				continue
			}
			kept[i] = append(kept[i], l)
		}
	}
	return kept, dropped
}

// edges returns the indexes of the highest and the lowest lines of a page.
func edges(page []textLine) []int {
	byHeight := make([]int, len(page))
	for i := range page {
		byHeight[i] = i
	}
	slices.SortStableFunc(byHeight, func(a, b int) int {
		switch {
		case page[a].top > page[b].top:
			return -1
		case page[a].top < page[b].top:
			return 1
		}
		return 0
	})
	if len(byHeight) <= 2*edgeLines {
		return byHeight
	}
	return append(slices.Clone(byHeight[:edgeLines]), byHeight[len(byHeight)-edgeLines:]...)
}

// edgeKey returns a key for the text of a line without its numbers, and for its height on the
// page. Heads and feet of different pages have the same key.
func edgeKey(l textLine) string {
	const slack = 6 // points
	return fmt.Sprint(int(l.bottom/slack)) + " " + digitsRE.ReplaceAllString(strings.ToLower(l.text), "#")
}

// setApart reports whether a line at the edge of a page is smaller than the nearest line
// above or below it, or farther from it than lines are from each other.
func setApart(page []textLine, at int) bool {
	l := page[at]
	nearest, size := -1.0, l.size
	for i, other := range page {
		distance := max(l.bottom-other.top, other.bottom-l.top)
		if i != at && other.left < l.right && other.right > l.left && (nearest < 0 || distance < nearest) {
			nearest, size = max(distance, 0), other.size
		}
	}
	return nearest < 0 || nearest > 1.2*l.size || l.size < 0.92*size
}

// outermost reports whether no other line of the page is above a line, or none is below it.
// Lines in the same row do not count.
func outermost(page []textLine, at int) bool {
	above, below := false, false
	for i, other := range page {
		if i == at {
			continue
		}
		above = above || other.bottom > page[at].top
		below = below || other.top < page[at].bottom
	}
	return len(page) > 1 && (!above || !below)
}

// bodySize returns the size of the font that most of the text has.
func bodySize(lines []textLine) float64 {
	letters := map[float64]int{}
	for _, l := range lines {
		letters[roundHalf(l.size)] += prose.Width(l.text)
	}
	best, most := 10.0, 0
	for size, n := range letters {
		if n > most || n == most && size < best {
			best, most = size, n
		}
	}
	return best
}

func roundHalf(size float64) float64 { return float64(int(size*2+0.5)) / 2 }
