package article

import (
	"regexp"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/caption"
	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

const (
	maxHeading = 120 // columns; a longer line without a full stop is a paragraph
	maxClosing = 300 // bytes at the end of a paragraph that may give the day of signing
)

// readBody takes the lines of the text.
func (p *Article) readBody(lines []line.Line) {
	markLists(lines)
	markSignedOff(lines)
	markFoot(lines)
	markCaptions(lines)
	numbers := map[string]bool{}
	last := lastText(lines)
	for i, l := range lines {
		switch {
		case l.Kind == document.KindHeading && !prose.Numbered(l.Text) && !namesArticle(lines, i):
			p.add(l.Text, document.KindHeading)
		case l.Class == line.Furniture:
			p.drop(l.Text, l.Reason)
		case l.Class == line.Separator:
		case l.Class == line.Stamp && l.Stamp.Title == "" && (l.Stamp.Rich || !p.saysSomething()):
			p.takeStamp(l.Stamp)
			p.drop(l.Text, "date line")
		case l.Class == line.Field && (l.Field.Name == header.Other || l.Field.Name == header.Source) && prose.Width(l.Text) <= maxHeading:
			p.takeField(l)
			if l.Field.Name == header.Source {
				p.drop(l.Text, "source line")
			}
		case l.Class == line.Caption:
			p.add(l.Text, document.KindCaption)
		case p.heading(lines, i, last):
			p.add(l.Text, document.KindHeading)
		default:
			p.noteOpening(l)
			l.Text = p.dropEndMark(l.Text)
			for _, text := range splitArticles(l.Text, numbers) {
				p.add(text, document.KindUnknown)
			}
		}
	}
	p.noteClosing()
}

// markLists makes furniture of lists of links to other articles: of what
// stands between their heading and the next sentence.
func markLists(lines []line.Line) {
	inList := false
	for i := range lines {
		l := &lines[i]
		switch {
		case l.Class == line.Furniture:
			inList = inList || l.Reason == furniture.Related
		case inList && (l.Class == line.Title || l.Class == line.Stamp || l.Class == line.Prose && listItemRE.MatchString(l.Text)):
			l.Class, l.Reason = line.Furniture, furniture.Related
		default:
			inList = false
		}
	}
}

var listItemRE = regexp.MustCompile(`^(?:[-•·*▪■>]|\d{1,2}[.、)])\s*.{4,120}[^.。!?！？]$`)

// markCaptions sets the class of captions without a credit: those that a
// credited one repeats, those that say they are, and those that describe a
// picture before the dateline.
func markCaptions(lines []line.Line) {
	var credits []string
	opening := -1
	for i, l := range lines {
		switch {
		case l.Class == line.Caption:
			credits = append(credits, l.Text)
		case l.Class == line.Dateline && opening < 0:
			opening = i
		}
	}
	for i := range lines {
		l := &lines[i]
		if l.Class != line.Prose && l.Class != line.Title || l.Kind != document.KindUnknown {
			continue
		}
		if caption.Certain(l.Text) || i < opening && caption.Describes(l.Text) || prose.Width(l.Text) > 30 && isPrefix(l.Text, credits) {
			l.Class = line.Caption
		}
	}
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
func (p *Article) heading(lines []line.Line, i, lastText int) bool {
	l := lines[i]
	if prose.Width(l.Text) > titles.MaxWidth || prose.Numbered(l.Text) || namesArticle(lines, i) || l.Class != line.Title && l.Class != line.Stamp && l.Class != line.PlaceDate && !titles.Same(l.Text, p.Title) {
		return false
	}
	if titles.Same(l.Text, p.Title) {
		return true
	}
	if askedRE.MatchString(l.Text) || prose.Sentences(l.Text) > 1 {
		return false
	}
	apart := l.Gap > 0 || i == 0 || i+1 < len(lines) && lines[i+1].Gap > 0 || prose.Ends(lines[i-1].Text)
	return apart && i < lastText && prose.Width(l.Text) <= maxHeading
}

// namesArticle reports whether line i is the name of the article whose number
// stands alone above it.
func namesArticle(lines []line.Line, i int) bool {
	if i == 0 {
		return false
	}
	_, size, ok := chunk.LeadingNumber(lines[i-1].Text)
	return ok && size == len(lines[i-1].Text)
}

// saysSomething reports whether the text so far has a sentence.
func (p *Article) saysSomething() bool {
	return slices.ContainsFunc(p.paragraphs, func(q paragraph) bool {
		return q.kind != document.KindCaption && prose.EndsSentence(q.text)
	})
}

// lastText returns the last line that a heading can stand above, -1 for none.
func lastText(lines []line.Line) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if l := lines[i]; (!l.Headable() || prose.Numbered(l.Text)) && l.Class != line.Caption {
			return i
		}
	}
	return -1
}

// askedRE matches what somebody asks: a question with a clause before it.
var askedRE = regexp.MustCompile(`[,，:：].*[?？!！]["”』」]?$`)

func (p *Article) dropEndMark(text string) string {
	if m := endMarkRE.FindStringSubmatch(text); m != nil {
		p.drop(m[2], "end mark")
		return endMarkRE.ReplaceAllString(text, "$1")
	}
	return text
}

// noteOpening keeps the first dateline of the text.
func (p *Article) noteOpening(l line.Line) {
	if l.Class != line.Dateline || p.opening != "" {
		return
	}
	d, _ := dateline.Parse(l.Text)
	p.opening, p.agency = prose.Fold(d.Text), strings.TrimSpace(d.Agency)
	for _, m := range datetime.Find(p.opening, true) {
		p.datings = append(p.datings, dating{m, rankDateline})
	}
}

// noteClosing takes what the last lines say: the day of signing, the agency.
func (p *Article) noteClosing() {
	for i := max(0, len(p.paragraphs)-4); i < len(p.paragraphs); i++ {
		text := p.paragraphs[i].text
		if p.paragraphs[i].kind == document.KindCaption {
			continue
		}
		if m := dateline.PlaceDate(text); m != nil {
			p.datings = append(p.datings, dating{*m, rankPlace})
		} else if moments := datetime.Find(prose.Fold(prose.Tail(text, maxClosing)), true); len(moments) == 1 && signedRE.MatchString(text) {
			p.datings = append(p.datings, dating{moments[0], rankPlace})
		}
		if p.agency == "" {
			p.agency = publisher.SignOff(text)
		}
	}
}
