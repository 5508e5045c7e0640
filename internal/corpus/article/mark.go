package article

import (
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/caption"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/document"
)

// markLists marks lists of links to other articles as furniture: the lines between the
// heading of a list and the next sentence.
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

var listItemRE = pattern.MustCompile(`^(?:[-•·*▪■>]|\d{1,2}[.、)])\s*.{4,120}[^.。!?！？]$`)

// markFoot marks headlines and links below an article as furniture: the short lines at the
// end that follow a line of furniture.
func markFoot(lines []line.Line) {
	start := len(lines)
	for start > 0 && mayBeAtFoot(lines[start-1]) {
		start--
	}
	if start == 0 {
		return // all lines are short, so none of them ends the text
	}
	inFoot := false
	for i := start; i < len(lines); i++ {
		switch l := &lines[i]; {
		case l.Class == line.Furniture && l.Reason != furniture.PageNumber || l.Class == line.Field:
			inFoot = true
		case inFoot && l.Class != line.Furniture:
			l.Class, l.Reason = line.Furniture, furniture.Foot
		}
	}
}

// markSignedOff marks all lines below the last signature of an agency as furniture, except
// captions.
func markSignedOff(lines []line.Line) {
	for i := len(lines) - 1; i > 0; i-- {
		if !publisher.IsSignature(lines[i].Text) {
			continue
		}
		for j := range lines[i+1:] {
			if l := &lines[i+1+j]; l.Class != line.Caption && l.Class != line.Furniture {
				l.Class, l.Reason = line.Furniture, furniture.Foot
			}
		}
		return
	}
}

// mayBeAtFoot reports whether l may be at the foot of a page: it is not a sentence, an article, a
// caption or a date.
func mayBeAtFoot(l line.Line) bool {
	switch l.Class {
	case line.Title, line.Furniture, line.Separator:
		return true
	case line.Field:
		return l.Field.Key == header.Other
	case line.Prose:
		return prose.Width(l.Text) <= maxFoot && !prose.EndsClause(l.Text) && !prose.Numbered(l.Text)
	}
	return false
}

const maxFoot = 80 // maximum width in columns of a line at the foot of a page

// markCaptions marks captions without a credit: lines that a caption with a credit repeats,
// lines that call themselves a caption, and lines that describe a picture above the
// dateline.
func markCaptions(lines []line.Line) {
	var credits []string
	for _, l := range lines {
		if l.Class == line.Caption {
			credits = append(credits, l.Text)
		}
	}
	slices.Sort(credits)
	opening := slices.IndexFunc(lines, func(l line.Line) bool { return l.Class == line.Dateline })
	for i := range lines {
		l := &lines[i]
		if l.Class != line.Prose && l.Class != line.Title || l.Kind != document.KindUnknown {
			continue
		}
		if caption.Labelled(l.Text) || i < opening && caption.DescribesPicture(l.Text) || prose.Width(l.Text) > 30 && isPrefix(l.Text, credits) {
			l.Class = line.Caption
		}
	}
}

// isPrefix reports whether one of the longer texts, which are sorted, begins with text.
func isPrefix(text string, longer []string) bool {
	text = strings.TrimRight(text, ".。")
	i, _ := slices.BinarySearch(longer, text)
	return i < len(longer) && strings.HasPrefix(longer[i], text)
}
