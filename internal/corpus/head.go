package corpus

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
)

// head is a run of lines between two texts that may start a new document.
type head struct {
	lines    []line
	run      [2]int // the lines of the run
	first    layout
	previous []line // the document before
}

// start returns the line at which a new document would start, -1 for none.
func (h head) start() int {
	evidence, rule := h.evidence(), h.rule()
	switch {
	case rule >= 0 && (evidence < 0 || rule < evidence):
		return rule + 1
	case evidence >= 0 && h.lines[evidence].class == classField:
		return h.fieldStart(evidence)
	case evidence >= 0:
		return h.titleBefore(evidence)
	case datelineNear(h.lines, h.run[1]):
		for i := h.run[1] - 1; i >= h.run[0]; i-- {
			if h.lines[i].class == classTitle {
				return i
			}
		}
	}
	return h.instrument()
}

// instrument returns the line of the run that is the title of an agreement or
// statement whose articles begin below it, -1 for none.
func (h head) instrument() int {
	for i := h.run[0]; i < h.run[1]; i++ {
		if h.lines[i].class == classTitle && instrumentRE.MatchString(h.lines[i].text) && firstArticle(h.lines[h.run[1]:]) != "" {
			return i
		}
	}
	return -1
}

// instrumentRE matches the titles of what states agree on or declare.
var instrumentRE = regexp.MustCompile(`(?i)^(?:[\p{L}-]+ ){0,4}(?:` + strings.Join([]string{
	`statement|declaration|communiqu[ée]|agreement|treaty|convention|protocol|memorandum of understanding`,
	`acuerdo|convenio|tratado|declaración|comunicado|memorando|memorándum|acordo|declaração`,
	`accord|traité|déclaration|protocole|abkommen|vertrag|erklärung`,
}, "|") + `)\s(?:.*\s)?(?:between|among|of|on|concerning|entre|sobre|relati(?:f|ve)|zwischen|über)\s` +
	`|^\p{Han}{4}.*(?:联合声明|聯合聲明|联合公报|联合新闻公报|协定|協定|条约|條約|宣言|谅解备忘录|协议|议定书|声明)(?:[（(]\p{Han}{2,4}[）)])?$`)

// rule returns the last of the first separators of the run, -1 for none.
func (h head) rule() int {
	for i := h.run[0]; i < h.run[1]; i++ {
		if h.lines[i].class == classSeparator {
			for i+1 < h.run[1] && h.lines[i+1].class == classSeparator {
				i++
			}
			return i
		}
	}
	return -1
}

// evidence returns the line of the run that dates or names a document. Where
// titles stand before dates, a date without one belongs to the text before.
func (h head) evidence() int {
	found := -1
	for i := h.run[0]; i < h.run[1]; i++ {
		l := h.lines[i]
		named := l.class == classField && (l.field.name == fieldTitle || l.field.name == fieldURI || l.field.name == fieldID)
		closing := l.class == classPlaceDate && h.titleBefore(i) == i || h.signature(i) // of the text before
		if !l.dated() && !named || closing {
			continue
		}
		if found < 0 || h.first.titleFirst && h.titleBefore(found) == found && h.titleBefore(i) < i {
			found = i
		}
	}
	return found
}

// signature reports whether line i is the date below the name of an authority,
// as official letters end, in a file where titles do not stand above dates so.
func (h head) signature(i int) bool {
	l := h.lines[i]
	return h.first.stampOrder != "td" && l.class == classStamp && !l.stamp.rich && i > 0 && l.gap == 0 && issuerRE.MatchString(h.lines[i-1].text)
}

// titleBefore returns where the title that stands before line i begins, i
// where there is none.
func (h head) titleBefore(i int) int {
	if h.first.dated && !h.first.titleFirst || h.lines[i].class == classStamp && h.lines[i].stamp.title != "" {
		return i
	}
	start, titles := i, 0
	for j := i - 1; j >= h.run[0] && titles < 2; j-- {
		switch l := h.lines[j]; {
		case l.class == classTitle && (titles == 0 || h.lines[j+1].gap == 0):
			start = j
			titles++
		case l.class == classFurniture && titles == 0 && l.reason != reasonEditor:
		default:
			return start
		}
	}
	if titles == 0 && h.run[0] == i && i > 0 && h.lines[i].gap <= 1 && i > 1 && h.lines[i-1].gap > 0 && datelineNear(h.lines, h.run[1]) && sentenceTitle(h.lines[i-1]) {
		return i - 1
	}
	return start
}

// sentenceTitle reports whether l may be a title that ends with a full stop.
func sentenceTitle(l line) bool {
	return l.class == classProse && width(l.text) <= maxTitle/2 && sentences(l.text) == 1
}

// fieldStart returns where the header block around line i begins.
func (h head) fieldStart(i int) int {
	start := i
	for j := i; j >= h.run[0]; j-- {
		l := h.lines[j]
		if l.class != classField && l.class != classFurniture || l.class == classField && l.field.name == fieldOther && j < i && h.first.firstKey != fieldOther {
			break
		}
		if l.class == classField {
			start = j
		}
		if l.class == classField && l.field.name == h.first.firstKey {
			break
		}
	}
	if h.first.titleFirst && h.first.firstKey != fieldTitle {
		return h.titleBefore(start)
	}
	return start
}

// score weighs what speaks for a document that starts at line start.
func (h head) score(start int) int {
	points := 0
	add := func(n int, when bool) {
		if when {
			points += n
		}
	}
	lines, end := h.lines[start:h.run[1]], h.run[1]
	var titled, dated, rich, furnished, keys bool
	title := ""
	for i, l := range lines {
		titled = titled || l.titled() || i == 0 && sentenceTitle(l)
		dated = dated || l.dated()
		rich = rich || l.class == classStamp && l.stamp.rich
		furnished = furnished || l.class == classFurniture
		keys = keys || l.class == classField && (l.field.name == fieldTitle || l.field.name == fieldURI || l.field.name == fieldID) || l.class == classField && l.dated()
		if l.class == classTitle {
			title = l.text
		}
	}
	opened := datelineNear(h.lines, end)
	instrument := start == h.instrument()
	add(1, titled)
	add(1, dated)
	add(1, rich)
	add(1, furnished && dated)
	add(2, keys)
	add(2, opened)
	add(2, instrument)
	add(1, start < len(h.lines) && h.lines[start].gap >= 2)
	add(1, width(title) >= longTitle)
	own := layoutOf(h.lines, start, end)
	add(1, dated && own.stampOrder == h.first.stampOrder && own.date.Sub(h.first.date).Abs() < near)
	add(1, restarts(h.previous, h.lines[end:]))
	add(1, title != "" && repeated(title, h.lines[end:min(end+5, len(h.lines))]))
	if start > h.run[0] && h.lines[start-1].class == classSeparator {
		add(1, true)
		add(1, !weakSeparatorRE.MatchString(h.lines[start-1].text))
	}
	// Where the first document has a date, one without is rather a section of it.
	add(-1, h.first.dated && !dated && !opened && !instrument)
	if !titled && !opened && !keys || h.announced(start) && !rich && !keys {
		return 0
	}
	return points
}

// completes reports whether the run gives but the date of the document before
// it, which has had none so far, and no text but pictures and a standfirst.
func (h head) completes() bool {
	titled, text := false, 0
	for _, l := range h.previous {
		if l.dated() || l.class == classDateline || width(l.text) > maxTitle && l.class == classProse {
			return false
		}
		titled = titled || l.titled()
		if l.class == classProse {
			text++
		}
	}
	for _, l := range h.lines[h.run[0]:h.run[1]] {
		if l.titled() || l.class == classSeparator || l.class == classField && l.field.name != fieldOther {
			return false
		}
	}
	return titled && text <= 1
}

// firstArticle returns the label of the article that begins soon in lines, ""
// for none.
func firstArticle(lines []line) string {
	for _, l := range lines[:min(5, len(lines))] {
		if label, _, ok := chunk.LeadingNumber(l.text); ok {
			return label
		}
	}
	return ""
}

// announced reports whether the text before line start says that another one
// follows, which then is a part of it: "联合声明全文如下：".
func (h head) announced(start int) bool {
	if start == 0 {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(h.lines[start-1].text)
	return last == ':' || last == '：'
}

// restarts reports whether numbered articles begin anew: previous has a first
// article and more, and next has a first one soon.
func restarts(previous, next []line) bool {
	first := firstArticle(next)
	if first == "" {
		return false
	}
	numbers := 0
	seen := false
	for _, l := range previous {
		if label, _, ok := chunk.LeadingNumber(l.text); ok {
			numbers++
			seen = seen || label == first
		}
	}
	return seen && numbers > 1
}
