package document

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// citationScheme begins the link of a citation.
const citationScheme = "accord://"

// Citation returns the link of a range of a document's text, in code points:
// accord://collections/{collection}/documents/{document}#c=START-END.
func Citation(name string, start, end int32) string {
	return fmt.Sprintf("%s%s#c=%d-%d", citationScheme, name, start, end)
}

// Link returns the link of a whole document: accord://collections/{collection}/documents/{document}.
func Link(name string) string { return citationScheme + name }

var citedRange = regexp.MustCompile(`^c=(\d{1,9})-(\d{1,9})$`)

// Cited is what a link leads to: a document, or a range of its text in code points. Without a
// range, Start and End are 0.
type Cited struct {
	Name       string // resource name of the document
	Start, End int32
}

// ParseCitation returns what a link leads to. The scheme may be missing. ok is false if the link
// is invalid or its range is empty.
func ParseCitation(link string) (c Cited, ok bool) {
	name, fragment, cited := strings.Cut(strings.TrimPrefix(link, citationScheme), "#")
	if _, _, ok := ParseName(name); !ok {
		return Cited{}, false
	}
	if !cited {
		return Cited{Name: name}, true
	}
	match := citedRange.FindStringSubmatch(fragment)
	if match == nil {
		return Cited{}, false
	}
	from, _ := strconv.ParseInt(match[1], 10, 32) // at most nine digits
	to, _ := strconv.ParseInt(match[2], 10, 32)
	return Cited{name, int32(from), int32(to)}, from < to
}
