package article

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

const (
	minHeadline = 30 // columns; what follows a title as long as this is a standfirst
	shortTitle  = 20 // columns; a shorter line beside another is a rubric or a section
)

// chooseTitle returns which line of a head is the title, -1 for none or for one
// that a key names. The title is the line nearest to the text, with exceptions: a
// heading of the first level is the title for certain; a short line beside a
// longer one is a rubric; the longer of two that say the same is whole; the second
// of two long lines next to each other is a standfirst; and what follows the place
// and date below a title is no other.
func chooseTitle(lines []line.Line) int {
	if chosen := titleAmong(lines, titles.Eligible); chosen >= 0 {
		return chosen
	}
	return titleAmong(lines, func(text string) bool { return titles.Eligible(text) || titles.IsIssuer(text) })
}

// titleAmong is chooseTitle with may to say which title lines can be the title.
func titleAmong(lines []line.Line, may func(string) bool) int {
	best, adjacent := -1, false // adjacent: no text stands between the best line and this one
	for i, l := range lines {
		switch {
		case l.Class == line.Field && l.Field.Key == header.Title:
			return -1
		case l.Class == line.PlaceDate && best >= 0:
			return best
		case !l.Titled() || l.Class == line.Title && !may(l.Text):
			adjacent = adjacent && (l.Class == line.Title || l.Class == line.Furniture)
		case l.Level == 1:
			return i
		case best < 0 || supersedes(titleOf(l), titleOf(lines[best]), adjacent):
			best, adjacent = i, true
		}
	}
	return best
}

// supersedes reports whether title, which stands nearer to the text than other, is
// the title in its place.
func supersedes(title, other string, adjacent bool) bool {
	return (!adjacent || !standfirst(title, other)) && better(title, other)
}

// standfirst reports whether text, right below title, is the summary of the
// document: the title is long enough to be one, and not much shorter than text.
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

// better reports whether title, which stands nearer to the text than other, is
// the title of the document.
func better(title, other string) bool {
	if titles.Same(title, titles.Clean(other)) || strings.Contains(titles.CompareKey(other), titles.CompareKey(title)) && titles.Clean(other) == other {
		return false
	}
	return prose.Width(title) >= shortTitle || prose.Width(title) >= prose.Width(other)
}
