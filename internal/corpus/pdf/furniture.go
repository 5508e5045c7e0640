package pdf

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/chunk"
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

// dropEdges removes heads, feet and page numbers, and returns the removed lines as dropped. A
// head or foot is a line at the edge of several pages, at one height and with one text, except
// for numbers. Most of these lines are apart from the text. If not, they must look like no text,
// and be on most pages.
func dropEdges(pages [][]textLine) (kept [][]textLine, dropped []textLine) {
	repeats, texts := map[string]*repeat{}, 0
	for i, lines := range pages {
		if len(lines) > 0 {
			texts++
		}
		p := sheet{lines, gapsBetween(lines)}
		for _, at := range edges(lines) {
			key := edgeKey(lines[at])
			if repeats[key] == nil {
				repeats[key] = &repeat{pages: map[int]bool{}, same: true, countsPages: true}
			}
			repeats[key].add(p, at, i)
		}
	}
	kept = make([][]textLine, len(pages))
	for i, lines := range pages {
		edge, p, above := edges(lines), sheet{lines, gapsBetween(lines)}, false // above: whether the line above is kept
		for at, l := range lines {
			onEdge := slices.Contains(edge, at)
			number := onEdge && outermost(lines, at) && pageNumberRE.MatchString(l.text)
			if number || onEdge && repeats[edgeKey(l)].isFurniture(texts) && (!above || !p.continues(at)) {
				dropped, above = append(dropped, l), false
				continue
			}
			kept[i], above = append(kept[i], l), true
		}
	}
	return kept, dropped
}

// repeat is what the lines with one key have in common.
type repeat struct {
	pages       map[int]bool
	lines       int
	apart       int   // lines that are set apart from the text of their page
	text        int   // lines that look like text: ends of sentences, rows of tables, lines that go on
	numbered    int   // lines that begin with a number, such as "3. Results"
	first       []int // numbers of the first line
	firstPage   int
	isArticle   bool // "Article 5": text, or the running head of the article on the page
	same        bool // all lines have the numbers of the first one
	countsPages bool // each number is the same in all lines, or grows with the pages
}

// add adds a line of the page with an index.
func (r *repeat) add(p sheet, at, index int) {
	l := p.lines[at]
	var numbers []int
	for _, s := range digitsRE.FindAllString(l.text, -1) {
		n, _ := strconv.Atoi(s) // 0 for Roman numerals: they may be anything
		numbers = append(numbers, n)
	}
	if r.lines == 0 {
		r.first, r.firstPage, r.isArticle = numbers, index, chunk.IsArticleHead(l.text)
	}
	r.same = r.same && slices.Equal(numbers, r.first)
	for i, n := range numbers {
		r.countsPages = r.countsPages && len(numbers) == len(r.first) && (n == r.first[i] || n-r.first[i] == index-r.firstPage)
	}
	r.pages[index] = true
	r.lines++
	if p.setApart(at) {
		r.apart++
	}
	if prose.Numbered(l.text) {
		r.numbered++
	}
	if prose.EndsSentence(l.text) || p.continues(at+1) || at+1 < len(p.lines) && l.alignsWith(&p.lines[at+1]) {
		r.text++
	}
}

// isFurniture reports whether the lines are heads or feet of pages. texts is the number of
// pages with text.
func (r *repeat) isFurniture(texts int) bool {
	share := float64(len(r.pages)) / float64(max(texts, 1))
	isText, isNumbered := 2*r.text >= r.lines, 2*r.numbered >= r.lines
	switch {
	case len(r.pages) < 2, r.isArticle && r.countsPages:
		return false
	case !r.isArticle && (isText && !r.same || isNumbered && !r.countsPages):
		return false
	case 2*r.apart >= r.lines:
		return share >= minShare
	}
	return share >= minShareInText && r.countsPages && !isText && !isNumbered
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

// sheet is a page with the gaps between its rows.
type sheet struct {
	lines []textLine
	gaps  []float64 // ascending, in points
}

// gapsBetween returns the heights of the gaps between rows, ascending.
func gapsBetween(lines []textLine) (gaps []float64) {
	sorted := slices.SortedFunc(slices.Values(lines), func(a, b textLine) int { return cmp.Compare(b.top, a.top) })
	for i := 1; i < len(sorted); i++ {
		if gap := sorted[i-1].bottom - sorted[i].top; gap > 0 {
			gaps = append(gaps, gap)
		}
	}
	slices.Sort(gaps)
	return gaps
}

// setApart reports whether a line at the edge of a page is smaller than the nearest line
// above or below it, or farther from it than nearly all lines are from each other.
func (p sheet) setApart(at int) bool {
	l := p.lines[at]
	nearest, size := -1.0, l.size
	for i, other := range p.lines {
		distance := max(l.bottom-other.top, other.bottom-l.top)
		if i != at && other.left < l.right && other.right > l.left && (nearest < 0 || distance < nearest) {
			nearest, size = max(distance, 0), other.size
		}
	}
	if nearest < 0 || l.size < 0.92*size {
		return true
	}
	asWide := 0 // its own gap, and those of other lines
	for _, gap := range p.gaps {
		if gap > 0.75*nearest {
			asWide++
		}
	}
	return nearest > 1.2*l.size && asWide <= max(2, len(p.gaps)/8)
}

// continues reports whether a line continues the sentence of the line above it, which is full.
func (p sheet) continues(at int) bool {
	if at < 1 || at >= len(p.lines) || len(p.gaps) == 0 {
		return false
	}
	above, l := p.lines[at-1], p.lines[at]
	near := above.bottom-l.top <= 1.3*p.gaps[len(p.gaps)/2]
	return above.colLeft == l.colLeft && above.top > l.top && near && roundHalf(above.size) == roundHalf(l.size) &&
		len(above.cells) == 1 && !prose.EndsSentence(above.text) && fills(above, l)
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
