// Package line splits the text of a file into lines, and classifies each of them: title,
// stamp, caption, furniture, prose and so on. Before that it joins the lines of one
// paragraph or header, and splits lines with several headers or titles.
package line

import (
	"time"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

// Line is a line of a file, or a part of one between wide breaks, which are tabs and wide
// spaces.
type Line struct {
	Text string // without surrounding white space
	// Gap is the number of blank lines before it. A wide break counts as one.
	Gap    int
	Indent bool
	// Kind is the kind that the format of the file gives, or KindUnknown.
	Kind  document.Kind
	Level int // level of a heading in the format, from 1
	Class Class
	// Linked reports whether the format shows all its letters as links to other texts.
	Linked bool
	// Part reports whether the format names it as a part of the text that has no sentences.
	Part bool
	// Item reports whether the format shows it as an item of a list. Such a line is not a heading,
	// whatever it looks like.
	Item bool
	// Reason is why a line of furniture is left out.
	Reason string
	Stamp  dateline.Stamp // set for the classes Stamp and PlaceDate
	Field  header.Field   // set for the class Field
}

// FromText returns the lines of a plain text. Hard-wrapped paragraphs are joined.
func FromText(text string, style datetime.Style) []Line {
	return classify(unwrap(Prepare(scanMemo(withoutRunning(text)), style)), style)
}

// Prepare splits lines with several parts, joins parts that belong together, and classifies
// the lines of any format.
func Prepare(lines []Line, style datetime.Style) []Line { return classify(rearrange(lines), style) }

// FitsHead reports whether l may belong to the head of a document.
func (l Line) FitsHead() bool {
	switch l.Class {
	case Title, Stamp, PlaceDate, Act, Field, Furniture, Separator:
		return true
	}
	return false
}

// Dated reports whether l gives a date of publication.
func (l Line) Dated() bool {
	switch l.Class {
	case Stamp, PlaceDate:
		return true
	case Field:
		isDate := l.Field.Key == header.Published || l.Field.Key == header.Updated || l.Field.Key == header.Issued
		return isDate && !l.Day().IsZero()
	}
	return false
}

// Identifies reports whether l is a header line with the title, the address or the id of a
// document.
func (l Line) Identifies() bool {
	return l.Class == Field && (l.Field.Key == header.Title || l.Field.Key == header.URI || l.Field.Key == header.ID)
}

// Day returns the date that l gives, or the zero time.
func (l Line) Day() time.Time {
	moments := l.Stamp.Moments
	if l.Class == Field {
		moments = datetime.FindInField(l.Field.Value)
	}
	if len(moments) == 0 {
		return time.Time{}
	}
	return moments[0].At
}

// Titled reports whether l gives a title.
func (l Line) Titled() bool {
	return l.Class == Title || l.Class == Stamp && l.Stamp.Title != "" || l.Class == Field && l.Field.Key == header.Title
}

// ordinary reports whether l may be part of a paragraph of several lines.
func (l Line) ordinary() bool {
	return l.Kind == document.KindUnknown && (l.Class == Unknown || l.Class == Prose || l.Class == Title || l.Class == Dateline)
}

// SentenceTitle reports whether l is one short sentence, which may be a title.
func SentenceTitle(l Line) bool {
	return l.Class == Prose && prose.Width(l.Text) <= titles.MaxWidth/2 && prose.Sentences(l.Text) == 1
}

// FirstArticle returns the label of the first numbered article in the first five lines, or
// "".
func FirstArticle(lines []Line) string {
	for _, l := range lines[:min(5, len(lines))] {
		if label, _, ok := chunk.LeadingNumber(l.Text); ok {
			return label
		}
	}
	return ""
}
