package corpus

import (
	"regexp"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

const maxHeading = 120 // columns; a longer line without a full stop is a paragraph

// readBody takes the lines of the text.
func (p *part) readBody(lines []line) {
	markLists(lines)
	markSignedOff(lines)
	markFoot(lines)
	markCaptions(lines)
	numbers := map[string]bool{}
	last := lastText(lines)
	for i, l := range lines {
		switch {
		case l.kind == document.KindHeading && !numbered(l.text) && !namesArticle(lines, i):
			p.add(l.text, document.KindHeading)
		case l.class == classFurniture:
			p.drop(l.text, l.reason)
		case l.class == classSeparator:
		case l.class == classStamp && l.stamp.title == "" && (l.stamp.rich || !p.saysSomething()):
			p.takeStamp(l.stamp)
			p.drop(l.text, "date line")
		case l.class == classField && (l.field.name == fieldOther || l.field.name == fieldSource) && width(l.text) <= maxHeading:
			p.takeField(l)
			if l.field.name == fieldSource {
				p.drop(l.text, "source line")
			}
		case l.class == classCaption:
			p.add(l.text, document.KindCaption)
		case p.heading(lines, i, last):
			p.add(l.text, document.KindHeading)
		default:
			p.noteOpening(l)
			l.text = p.dropEndMark(l.text)
			for _, text := range splitArticles(l.text, numbers) {
				p.add(text, document.KindUnknown)
			}
		}
	}
	p.noteClosing()
}

// markLists makes furniture of lists of links to other articles: of what
// stands between their heading and the next sentence.
func markLists(lines []line) {
	inList := false
	for i := range lines {
		l := &lines[i]
		switch {
		case l.class == classFurniture:
			inList = inList || l.reason == reasonRelated
		case inList && (l.class == classTitle || l.class == classStamp || l.class == classProse && listItemRE.MatchString(l.text)):
			l.class, l.reason = classFurniture, reasonRelated
		default:
			inList = false
		}
	}
}

var listItemRE = regexp.MustCompile(`^(?:[-•·*▪■>]|\d{1,2}[.、)])\s*.{4,120}[^.。!?！？]$`)

// markCaptions sets the class of captions without a credit: those that a
// credited one repeats, those that say they are, and those that describe a
// picture before the dateline.
func markCaptions(lines []line) {
	var credits []string
	opening := -1
	for i, l := range lines {
		switch {
		case l.class == classCaption:
			credits = append(credits, l.text)
		case l.class == classDateline && opening < 0:
			opening = i
		}
	}
	for i := range lines {
		l := &lines[i]
		if l.class != classProse && l.class != classTitle || l.kind != document.KindUnknown {
			continue
		}
		if captionAlone(l.text) || i < opening && shows(l.text) || width(l.text) > 30 && isPrefix(l.text, credits) {
			l.class = classCaption
		}
	}
}

func numbered(text string) bool {
	_, _, ok := chunk.LeadingNumber(text)
	return ok
}

func isPrefix(text string, of []string) bool {
	for _, longer := range of {
		if strings.HasPrefix(longer, strings.TrimRight(text, ".。")) {
			return true
		}
	}
	return false
}

// heading reports whether line i is a heading: the title again, or a short line
// set apart that is no sentence, with text below it.
func (p *part) heading(lines []line, i, lastText int) bool {
	l := lines[i]
	if width(l.text) > maxTitle || numbered(l.text) || namesArticle(lines, i) || l.class != classTitle && l.class != classStamp && l.class != classPlaceDate && !sameTitle(l.text, p.title) {
		return false
	}
	if sameTitle(l.text, p.title) {
		return true
	}
	if askedRE.MatchString(l.text) || sentences(l.text) > 1 {
		return false
	}
	apart := l.gap > 0 || i == 0 || i+1 < len(lines) && lines[i+1].gap > 0 || ends(lines[i-1].text)
	return apart && i < lastText && width(l.text) <= maxHeading
}

// namesArticle reports whether line i is the name of the article whose number
// stands alone above it.
func namesArticle(lines []line, i int) bool {
	if i == 0 {
		return false
	}
	_, size, ok := chunk.LeadingNumber(lines[i-1].text)
	return ok && size == len(lines[i-1].text)
}

// saysSomething reports whether the text so far has a sentence.
func (p *part) saysSomething() bool {
	return slices.ContainsFunc(p.paragraphs, func(q paragraph) bool {
		return q.kind != document.KindCaption && endsSentence(q.text)
	})
}

// lastText returns the last line that a heading can stand above, -1 for none.
func lastText(lines []line) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if l := lines[i]; (!l.headable() || numbered(l.text)) && l.class != classCaption {
			return i
		}
	}
	return -1
}

// askedRE matches what somebody asks: a question with a clause before it.
var askedRE = regexp.MustCompile(`[,，:：].*[?？!！]["”』」]?$`)

// endMarkRE finds the mark that agencies put behind the last sentence.
var endMarkRE = regexp.MustCompile(`([.!?。！？”"])\s*([■□◆●▲]|Enditem|\((?:END|FIN)\)(?:\s?\p{Lu}{2,4}(?:/\p{Lu}{2,4}){0,3})?|[（(]完[）)]|[（(](?:編輯|编辑|責任編輯|责任编辑|責編|责编)[:：][^（）()]{1,20}[）)]\d{0,8})$`)

func (p *part) dropEndMark(text string) string {
	if m := endMarkRE.FindStringSubmatch(text); m != nil {
		p.drop(m[2], "end mark")
		return endMarkRE.ReplaceAllString(text, "$1")
	}
	return text
}

// noteOpening keeps the first dateline of the text.
func (p *part) noteOpening(l line) {
	if l.class != classDateline || p.opening != "" {
		return
	}
	d, _ := parseDateline(l.text)
	p.opening, p.agency = fold(d.text), strings.TrimSpace(d.agency)
	for _, m := range findMoments(p.opening, true) {
		p.published = append(p.published, dating{m, rankDateline})
	}
}

var (
	signedRE = regexp.MustCompile(`^(?:Done|DONE|Signed|Hecho|HECHO|Firmado|Suscrito|Fait|FAIT|Signé)\b|(?:^|。)本\p{Han}{1,8}[于於][^。]*(?:签订|签署|簽訂|簽署)`)
	// Who sent the text, behind its last sentence or alone: "… dijo. EFE", "(Xinhua)".
	signOffRE = regexp.MustCompile(`[.。!?！？”"»][ /]*[(（\[]?(` + agencyRE.String() + `)[)）\]]?[/.]?$|^(?:[-–—]{1,2}\s*|[(（])(` + agencyRE.String() + `)[)）]?$`)
)

// noteClosing takes what the last lines say: the day of signing, the agency.
func (p *part) noteClosing() {
	for i := max(0, len(p.paragraphs)-4); i < len(p.paragraphs); i++ {
		text := p.paragraphs[i].text
		if p.paragraphs[i].kind == document.KindCaption {
			continue
		}
		if m := placeDate(text); m != nil {
			p.published = append(p.published, dating{*m, rankPlace})
		} else if moments := findMoments(fold(tail(text, maxCredit)), true); len(moments) == 1 && signedRE.MatchString(text) {
			p.published = append(p.published, dating{moments[0], rankPlace})
		}
		if m := signOffRE.FindStringSubmatch(text); m != nil && p.agency == "" {
			p.agency = m[1] + m[2]
		}
	}
}

// A number inside a paragraph begins an article where a sentence ends before it.
var innerNumberRE = regexp.MustCompile(`([。；;！？：:]["”』」）)]*\s*|[.;:!?]["”')]*\s+)(?:[一二三四五六七八九十百]+、|第[一二三四五六七八九十百零〇\d０-９]+条|[（(][一二三四五六七八九十]+[）)]|\d{1,3}[.、)）．]|Art(?:icle|ículo|\.)\s|[IVXL]+\.)`)

// longestAbbreviation bounds an abbreviation and the white space after it, in bytes.
const longestAbbreviation = 32

// splitArticles cuts a paragraph into which numbered articles were run
// together. A lone number begins an article only where others of its form
// began paragraphs before; those forms are kept in seen.
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
		// An abbreviation is short: to look at all of the text before each
		// number would take the square of its length.
		if abbreviationRE.MatchString(strings.TrimRight(text[max(0, m[3]-longestAbbreviation):m[3]], " ")) {
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

var digitsRE = regexp.MustCompile(`[0-9０-９一二三四五六七八九十百零〇IVXL]+`)

// numberForm returns the form of the article number that text begins with.
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
