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

// chooseTitle returns which line of a head is the title, -1 for none: a title
// that a key names, else the one nearest to the text. A short line beside a
// longer one is a rubric, and the longer of two that say the same is whole. A
// heading of the first level is one for certain. Of two long lines next to each
// other the second is a standfirst, and what follows the place and date below a
// title is no other.
func chooseTitle(lines []line.Line) int {
	if chosen := titleAmong(lines, titles.May); chosen >= 0 {
		return chosen
	}
	return titleAmong(lines, func(text string) bool { return titles.May(text) || titles.IsIssuer(text) })
}

// titleAmong is chooseTitle among the title lines that may be.
func titleAmong(lines []line.Line, may func(string) bool) int {
	best, adjacent := -1, false
	for i, l := range lines {
		if l.Class == line.Field && l.Field.Name == header.Title {
			return -1
		}
		if l.Class == line.PlaceDate && best >= 0 {
			break
		}
		if !l.Titled() || l.Class == line.Title && !may(l.Text) {
			adjacent = adjacent && (l.Class == line.Title || l.Class == line.Furniture)
			continue
		}
		if l.Level == 1 {
			return i
		}
		if best < 0 || (!adjacent || !standfirst(titleOf(l), titleOf(lines[best]))) && better(titleOf(l), titleOf(lines[best])) {
			best, adjacent = i, true
		}
	}
	return best
}

// standfirst reports whether text, below title, sums the document up: a title
// of some length, and not much shorter than text, has been before it.
func standfirst(text, title string) bool {
	return prose.Width(title) >= minHeadline && 5*prose.Width(title) >= 3*prose.Width(text)
}

func titleOf(l line.Line) string {
	if l.Class == line.Stamp {
		return l.Stamp.Title
	}
	return l.Text
}

// better reports whether title, which stands nearer to the text than other, is
// the title of the document.
func better(title, other string) bool {
	if titles.Same(title, titles.Clean(other)) || strings.Contains(titles.Bare(other), titles.Bare(title)) && titles.Clean(other) == other {
		return false
	}
	return prose.Width(title) >= shortTitle || prose.Width(title) >= prose.Width(other)
}
