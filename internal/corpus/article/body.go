package article

import (
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

const (
	longestPhrase = 80  // in columns; a longer heading with a full stop is a sentence
	maxHeading    = 120 // in columns; a longer line without a full stop is a paragraph
	maxClosing    = 300 // number of bytes at the end of a paragraph that may contain the day of signing
)

// readBody reads the lines of the body.
func (a *Article) readBody(lines []line.Line) {
	markLists(lines)
	markSignedOff(lines)
	markFoot(lines)
	markCaptions(lines)
	b := body{Article: a, lines: lines, last: lastText(lines), numbers: map[string]bool{}, marked: slices.ContainsFunc(lines, a.isMarked)}
	for i := range lines {
		b.take(i)
	}
	a.readClosing()
}

// body is an article whose body is being read.
type body struct {
	*Article
	lines   []line.Line
	last    int             // last line that can follow a heading
	numbers map[string]bool // forms of article numbers so far
	marked  bool            // whether the format marks headings, so that other lines are none
}

// isMarked reports whether the format marks a line as a heading below the title.
func (a *Article) isMarked(l line.Line) bool {
	return l.Kind == document.KindHeading && l.Level > 1 && l.Class != line.Furniture && !isStandfirst(l.Text) && !titles.Same(l.Text, a.Title)
}

// take adds line i to the text, uses it as a field of the document, or drops it.
func (b *body) take(i int) {
	l := b.lines[i]
	switch {
	case l.Kind == document.KindHeading && l.Class != line.Furniture && isStandfirst(l.Text) && !titles.Same(l.Text, b.Title):
		b.addText(l)
	case l.Kind == document.KindHeading && !b.beginsArticle(i):
		b.addHeading(l.Text, l.Level)
	case l.Class == line.Furniture:
		b.drop(l.Text, l.Reason)
	case l.Class == line.Separator:
	case b.isDateLine(l):
		b.takeStamp(l)
		b.drop(l.Text, "date line")
	case isNote(l):
		b.takeField(l)
		if l.Field.Key == header.Source {
			b.drop(l.Text, "source line")
		}
	case l.Class == line.Caption:
		b.add(l.Text, document.KindCaption)
	case b.isHeading(i) && (l.Class != line.Title || titles.Same(l.Text, b.Title)):
		b.add(l.Text, document.KindHeading) // a date or the title again, which is not above the text
	case b.isHeading(i):
		b.addHeading(l.Text, l.Level)
	default:
		b.readDateline(l)
		b.addText(l)
	}
}

// isStandfirst reports whether what the format marks as a heading is a long sentence, which says
// what a report is about. Questions are headings at any length.
func isStandfirst(text string) bool {
	return prose.Width(text) > longestPhrase && prose.EndsSentence(text) && !prose.Asks(text)
}

// addText adds a line of text, split into numbered articles. If the format marks the line as
// a heading and it begins an article, it stays a heading with its level.
func (b *body) addText(l line.Line) {
	parts := splitArticles(b.dropEndMark(l.Text), b.numbers)
	if len(parts) == 1 && l.Kind == document.KindHeading && prose.Numbered(parts[0]) {
		b.addHeading(parts[0], l.Level)
		return
	}
	for _, text := range parts {
		b.add(text, document.KindUnknown)
	}
}

// isDateLine reports whether l gives the date of the document. A date alone on a line
// inside the text is part of the text.
func (b *body) isDateLine(l line.Line) bool {
	return l.Class == line.Stamp && l.Stamp.Title == "" && (l.Stamp.Rich || !b.hasSentence())
}

// isNote reports whether l is a header line inside a text, such as a source or an author.
func isNote(l line.Line) bool {
	return l.Class == line.Field && (l.Field.Key == header.Other || l.Field.Key == header.Source) && prose.Width(l.Text) <= maxHeading
}

// isHeading reports whether line i is a heading: a repetition of the title, or a short line
// that stands alone, is not a sentence, and has text below it.
func (b *body) isHeading(i int) bool {
	l := b.lines[i]
	switch {
	case prose.Width(l.Text) > titles.MaxWidth || b.beginsArticle(i):
		return false
	case titles.Same(l.Text, b.Title):
		return true
	case l.Class == line.Title && (l.Item || b.marked):
		return false
	case l.Class != line.Title && l.Class != line.Stamp && l.Class != line.PlaceDate:
		return false
	case askedRE.MatchString(l.Text) || prose.Sentences(l.Text) > 1:
		return false
	}
	return i < b.last && prose.Width(l.Text) <= maxHeading && b.isSetApart(i)
}

// isSetApart reports whether line i stands alone: a blank line, or the end of a sentence,
// separates it from its neighbours.
func (b *body) isSetApart(i int) bool {
	return i == 0 || b.lines[i].Gap > 0 || i+1 < len(b.lines) && b.lines[i+1].Gap > 0 || prose.EndsClause(b.lines[i-1].Text)
}

// beginsArticle reports whether line i begins a numbered article with its number, or with
// its name below the number.
func (b *body) beginsArticle(i int) bool {
	return prose.Numbered(b.lines[i].Text) || namesArticle(b.lines, i)
}

// namesArticle reports whether line i is the name of a numbered article: the line above it
// has only a number.
func namesArticle(lines []line.Line, i int) bool {
	if i == 0 {
		return false
	}
	_, size, ok := chunk.LeadingNumber(lines[i-1].Text)
	return ok && size == len(lines[i-1].Text)
}

// hasSentence reports whether the text read so far has a sentence.
func (a *Article) hasSentence() bool {
	return slices.ContainsFunc(a.paragraphs, func(q paragraph) bool {
		return q.kind != document.KindCaption && prose.EndsSentence(q.text)
	})
}

// lastText returns the last line that can follow a heading, or -1 if there is none.
func lastText(lines []line.Line) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if l := lines[i]; (!l.FitsHead() || prose.Numbered(l.Text)) && l.Class != line.Caption {
			return i
		}
	}
	return -1
}

// askedRE matches questions and exclamations of more than one clause.
var askedRE = pattern.MustCompile(`[,，:：].*[?？!！]["”』」]?$`)

// dropEndMark returns text without a mark that ends articles.
func (a *Article) dropEndMark(text string) string {
	if m := endMarkRE.FindStringSubmatch(text); m != nil {
		a.drop(m[2], "end mark")
		return endMarkRE.ReplaceAllString(text, "$1")
	}
	return text
}

// readDateline records the first dateline of the text with its dates.
func (a *Article) readDateline(l line.Line) {
	if l.Class != line.Dateline || a.opening != "" {
		return
	}
	d, _ := dateline.Parse(l.Text)
	a.opening, a.agency = prose.Fold(d.Text), strings.TrimSpace(d.Agency)
	for _, m := range datetime.Find(a.opening, datetime.Style{DayFirst: true}) {
		a.dates = append(a.dates, dateCandidate{m, rankDateline, d.Text})
	}
}

// readClosing reads the day of signing and the agency from the last paragraphs.
func (a *Article) readClosing() {
	for i := max(0, len(a.paragraphs)-4); i < len(a.paragraphs); i++ {
		text := a.paragraphs[i].text
		if a.paragraphs[i].kind == document.KindCaption {
			continue
		}
		if m := dateline.PlaceDate(text); m != nil {
			a.dates = append(a.dates, dateCandidate{*m, rankPlace, text})
		} else if moments := datetime.Find(prose.Fold(prose.Tail(text, maxClosing)), datetime.Style{DayFirst: true}); len(moments) == 1 && signedRE.MatchString(text) {
			a.dates = append(a.dates, dateCandidate{moments[0], rankPlace, text})
		}
		if a.agency == "" {
			a.agency = publisher.SignOff(text)
		}
	}
}
