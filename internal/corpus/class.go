package corpus

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

// class is what a line is, judged by itself.
type class int

const (
	classProse     class = iota
	classTitle           // short, no sentence: a title, a heading, a signature
	classDateline        // prose that a dateline opens
	classCaption         // a caption with its credit
	classStamp           // when and by whom it was published
	classField           // KEY : value
	classFurniture       // part of the page
	classSeparator       // a rule or a counter between documents
)

const (
	maxTitle      = 220 // columns
	maxTitleWords = 40
)

// classify sets the class of each line.
func classify(lines []line, dayFirst bool) {
	for i := range lines {
		l := &lines[i]
		switch l.kind {
		case document.KindUnknown:
			l.class = classOf(l, dayFirst)
		case document.KindHeading:
			l.class = classTitle
		case document.KindCaption:
			l.class = classCaption
		}
	}
	for i := range lines {
		if i+1 < len(lines) && (i == 0 || lines[i-1].class == classSeparator) && sentenceTitle(lines[i]) && lines[i+1].class == classStamp {
			lines[i].class = classTitle
		}
		if underlines(lines, i) {
			lines[i].class, lines[i].reason = classFurniture, "underline"
		}
	}
}

func classOf(l *line, dayFirst bool) class {
	if separatorRE.MatchString(l.text) {
		return classSeparator
	}
	if s, ok := parseStamp(l.text, dayFirst); ok {
		l.stamp = s
		return classStamp
	}
	if f, ok := parseField(l.text); ok && width(f.value) <= maxTitle {
		l.field = f
		return classField
	}
	l.reason = furnitureReason(l.text)
	switch _, ok := parseDateline(l.text); {
	case l.reason != "":
		return classFurniture
	case credited(l.text):
		return classCaption
	case ok:
		return classDateline
	case titleLike(l.text):
		return classTitle
	}
	return classProse
}

// underlines reports whether line i is a rule under a title of the same length.
func underlines(lines []line, i int) bool {
	if lines[i].class != classSeparator || lines[i].gap > 0 || i == 0 || lines[i-1].class != classTitle {
		return false
	}
	apart := i == 1 || lines[i-1].gap > 0
	difference := width(lines[i].text) - width(lines[i-1].text)
	return apart && difference >= -3 && difference <= 3
}

var (
	closedRE   = regexp.MustCompile(`[,，;；:：、]$`)
	initialsRE = regexp.MustCompile(`\b\p{Lu}\.\p{Lu}\.$`)
)

// titleLike reports whether text may be a title: short, not a sentence, not a
// numbered article, not the rest of something.
func titleLike(text string) bool {
	if width(text) > maxTitle || len(strings.Fields(text)) > maxTitleWords || closedRE.MatchString(text) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(text)
	quoted := strings.ContainsRune("\"“「«", first) && endsSentence(text)
	if quoted || unicode.IsLower(first) || strings.ContainsRune("-•·*", first) || !strings.ContainsFunc(text, unicode.IsLetter) {
		return false
	}
	if strings.HasSuffix(text, "。") || strings.HasSuffix(text, ".") && !initialsRE.MatchString(text) {
		return false
	}
	_, _, numbered := chunk.LeadingNumber(text)
	return !numbered
}
