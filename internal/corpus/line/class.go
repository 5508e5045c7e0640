package line

import (
	"github.com/accord-search/accord/internal/corpus/caption"
	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

// Class is the class of a line.
type Class int

// The classes of lines.
const (
	Unknown Class = iota // not classified yet
	Prose
	Title     // short and not a sentence: a title, a heading, a signature
	Dateline  // prose that begins with a dateline
	Caption   // a caption with its credit
	Stamp     // when a text was published, and sometimes by whom
	PlaceDate // where and when a text was written: "Geneva, 4 June 2021"
	Act       // when a text was adopted or is in force
	Field     // KEY : value
	Furniture // part of the page around the article
	Separator // a rule or a counter between documents
)

// classify sets the class of each line that has none.
func classify(lines []Line, style datetime.Style) []Line {
	for i := range lines {
		lines[i].classify(style)
	}
	for i := range lines {
		if i+1 < len(lines) && (i == 0 || lines[i-1].Class == Separator) && titleAbove(lines[i], lines[i+1:]) {
			lines[i].Class = Title
		}
		if underlines(lines, i) {
			lines[i].Class, lines[i].Reason = Furniture, "underline"
		}
	}
	return lines
}

// classify sets the class of l from what its format says, or else from its text.
func (l *Line) classify(style datetime.Style) {
	switch {
	case l.Kind == document.KindHeading && l.Level > 1 && prose.Numbered(l.Text):
		l.Class = Prose // a numbered article, which cannot be part of the head
	case l.Kind == document.KindCaption && furniture.OfCaption(l.Text) != "":
		l.Kind, l.Class, l.Reason = document.KindUnknown, Furniture, furniture.OfCaption(l.Text)
	case l.Kind == document.KindHeading && l.Level > 1 && headsFurniture(l.Text):
		l.Kind, l.Class, l.Reason = document.KindUnknown, Furniture, furniture.Reason(l.Text)
	case l.Kind == document.KindHeading:
		l.Class = Title
	case l.Kind == document.KindCaption:
		l.Class = Caption
	case l.Kind == document.KindUnknown && l.Class == Unknown:
		l.Class = classOf(l, style)
	}
}

// headsFurniture reports whether the text of a heading below the first level is that of a link, a request or
// a list of links. Other furniture, such as "Search", may be the name of a section.
func headsFurniture(text string) bool {
	reason := furniture.Reason(text)
	return reason == furniture.Related || reason == furniture.Link || reason == furniture.Request
}

// ClassOf returns the class of a line with the given text, regardless of its neighbours.
func ClassOf(text string) Class { return classOf(&Line{Text: text}, datetime.Style{}) }

// classOf returns the class of l by its text, and sets the fields that belong to the class.
func classOf(l *Line, style datetime.Style) Class {
	if furniture.IsSeparator(l.Text) {
		return Separator
	}
	f, isField := header.Parse(l.Text)
	if s, ok := dateline.ParseStamp(l.Text, style); ok && f.Key != header.Issued {
		l.Stamp = s
		return Stamp
	}
	if dateline.IsAct(l.Text) {
		return Act
	}
	if isField && prose.Width(f.Value) <= titles.MaxWidth {
		l.Field = f
		return Field
	}
	l.Reason = furniture.Reason(l.Text)
	switch _, ok := dateline.Parse(l.Text); {
	case l.Reason != "":
		return Furniture
	case caption.Credited(l.Text):
		return Caption
	case ok:
		return Dateline
	}
	if m := dateline.PlaceDate(l.Text); m != nil {
		l.Stamp = dateline.Stamp{Moments: []datetime.Moment{*m}}
		return PlaceDate
	}
	if titles.LooksLike(l.Text) {
		return Title
	}
	return Prose
}

// titleAbove reports whether l is a title although it is a sentence: a stamp is below it,
// or it names an agreement whose articles follow.
func titleAbove(l Line, below []Line) bool {
	return SentenceTitle(l) && below[0].Class == Stamp ||
		l.Class == Prose && prose.Width(l.Text) <= titles.MaxWidth && titles.IsInstrument(l.Text) && prose.Sentences(l.Text) == 1 && FirstArticle(below) != ""
}

// underlines reports whether line i is a rule below a title of the same length.
func underlines(lines []Line, i int) bool {
	if lines[i].Class != Separator || lines[i].Gap > 0 || i == 0 || lines[i-1].Class != Title {
		return false
	}
	apart := i == 1 || lines[i-1].Gap > 0
	difference := prose.Width(lines[i].Text) - prose.Width(lines[i-1].Text)
	return apart && difference >= -3 && difference <= 3
}
