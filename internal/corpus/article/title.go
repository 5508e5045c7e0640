package article

import (
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

const (
	minHeadline = 30 // in columns; the line after a title of this width is a standfirst
	shortTitle  = 20 // in columns; a narrower line beside another is a rubric or a section
)

// chooseTitle returns the line of a head that is the title, or -1 if there is none or a
// header line gives it. The title is the line nearest to the text, with these exceptions. A
// heading of the first level is always the title. A short line beside a longer one is a
// rubric. A line such as "Chapter I" is the title only if there is no other, unless the format
// marks it as a heading. Of two lines that say the same, the longer one is complete. The
// second of two adjacent long lines is a standfirst. A line that follows the place and date
// below a title is not another title.
func chooseTitle(lines []line.Line) int {
	orIssuer := func(l line.Line) bool { return titles.Eligible(l.Text) || titles.IsIssuer(l.Text) }
	noSection := func(l line.Line) bool { return l.Level > 0 || !chunk.IsSection(l.Text) }
	for _, may := range []func(l line.Line) bool{
		func(l line.Line) bool { return titles.Eligible(l.Text) && noSection(l) },
		func(l line.Line) bool { return orIssuer(l) && noSection(l) },
		orIssuer,
	} {
		if chosen := titleAmong(lines, may); chosen >= 0 {
			return chosen
		}
	}
	return -1
}

// titleAmong is like chooseTitle, but considers only title lines for which may
// is true.
func titleAmong(lines []line.Line, may func(line.Line) bool) int {
	best, adjacent := -1, false // adjacent: there is no text between the best line and this one
	for i, l := range lines {
		switch {
		case l.Class == line.Field && l.Field.Key == header.Title:
			return -1
		case l.Class == line.PlaceDate && best >= 0:
			return best
		case !l.Titled() || l.Class == line.Title && !may(l):
			adjacent = adjacent && (l.Class == line.Title || l.Class == line.Furniture)
		case l.Level == 1:
			return i
		case best < 0 || supersedes(titleOf(l), titleOf(lines[best]), adjacent):
			best, adjacent = i, true
		}
	}
	return best
}

// supersedes reports whether title, which is nearer to the text than other, replaces other
// as the title.
func supersedes(title, other string, adjacent bool) bool {
	return (!adjacent || !standfirst(title, other)) && better(title, other)
}

// standfirst reports whether text, right below title, is a summary: the title is long
// enough for a headline, and not much shorter than text.
func standfirst(text, title string) bool {
	return prose.Width(title) >= minHeadline && 5*prose.Width(title) >= 3*prose.Width(text)
}

// titleOf returns the title in a line.
func titleOf(l line.Line) string {
	if l.Class == line.Stamp {
		return l.Stamp.Title
	}
	return l.Text
}

// better reports whether title, which is nearer to the text than other, is the better title
// of the document.
func better(title, other string) bool {
	if titles.Same(title, titles.Clean(other)) || strings.Contains(titles.CompareKey(other), titles.CompareKey(title)) && titles.Clean(other) == other {
		return false
	}
	return prose.Width(title) >= shortTitle || prose.Width(title) >= prose.Width(other)
}
