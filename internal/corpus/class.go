package corpus

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
)

// class is what a line is, judged by itself.
type class int

const (
	classUnknown class = iota // not judged yet
	classProse
	classTitle     // short, no sentence: a title, a heading, a signature
	classDateline  // prose that a dateline opens
	classCaption   // a caption with its credit
	classStamp     // when and by whom it was published
	classPlaceDate // where and when a text was made: "Geneva, 4 June 2021"
	classField     // KEY : value
	classFurniture // part of the page
	classSeparator // a rule or a counter between documents
)

const (
	maxTitle      = 220 // columns
	maxTitleWords = 40
)

// classify sets the class of each line that has none.
func classify(lines []line, dayFirst bool) []line {
	for i := range lines {
		l := &lines[i]
		switch l.kind {
		case document.KindUnknown:
			if l.class == classUnknown {
				l.class = classOf(l, dayFirst)
			}
		case document.KindHeading:
			l.class = classTitle
			if l.level > 1 && numbered(l.text) {
				l.class = classProse // the first article, not the end of the head
			}
		case document.KindCaption:
			l.class = classCaption
		}
	}
	for i := range lines {
		if i+1 < len(lines) && (i == 0 || lines[i-1].class == classSeparator) && titleAbove(lines[i], lines[i+1:]) {
			lines[i].class = classTitle
		}
		if underlines(lines, i) {
			lines[i].class, lines[i].reason = classFurniture, "underline"
		}
	}
	return lines
}

func classOf(l *line, dayFirst bool) class {
	if separatorRE.MatchString(l.text) {
		return classSeparator
	}
	f, isField := parseField(l.text)
	if s, ok := parseStamp(l.text, dayFirst); ok && f.name != fieldIssued {
		l.stamp = s
		return classStamp
	}
	if isField && width(f.value) <= maxTitle {
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
	}
	if m := placeDate(l.text); m != nil {
		l.stamp = stamp{moments: []moment{*m}}
		return classPlaceDate
	}
	if titleLike(l.text) {
		return classTitle
	}
	return classProse
}

// titleAbove reports whether l, though a sentence, is the title of what stands
// below it: a date line, or the articles of the agreement that it names.
func titleAbove(l line, below []line) bool {
	return sentenceTitle(l) && below[0].class == classStamp ||
		l.class == classProse && width(l.text) <= maxTitle && instrumentRE.MatchString(l.text) && sentences(l.text) == 1 && firstArticle(below) != ""
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
	if strings.HasSuffix(text, "。") || strings.HasSuffix(text, ".") && !initialsRE.MatchString(text) || signOffRE.MatchString(text) && !agencyOnly(text) {
		return false
	}
	return !numbered(text) && !speakerRE.MatchString(text)
}

// speakerRE matches the turns of a conversation: "问：…", "路透社记者：…", "Q: …",
// "Reuters: …?".
var speakerRE = regexp.MustCompile(`^(?:[问問答QA]|\p{Han}{0,10}(?:记者|記者|主持人|发言人))\s*[：:]|^(?:` + agencyRE.String() + `)\s*[：:].*[?？]$`)
