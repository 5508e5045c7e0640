package mcp

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// span is a range of a document's text.
type span struct {
	Start int32 `json:"start" jsonschema:"the first code point, from 0"`
	End   int32 `json:"end" jsonschema:"one past the last code point"`
}

// quotation is a part of a document's text, with its range.
type quotation struct {
	Citation string `json:"citation" jsonschema:"the link of the quote"`
	Range    span   `json:"range" jsonschema:"the range of the quote in the document's text, in Unicode code points"`
	Quote    string `json:"quote" jsonschema:"exactly the text of the range"`
}

func quote(name string, start int32, text string) quotation {
	end := start + int32(utf8.RuneCountInString(text))
	return quotation{document.Citation(name, start, end), span{start, end}, text}
}

// source is what a citation says about a document.
type source struct {
	Document  string `json:"document" jsonschema:"the name of the document"`
	Title     string `json:"title,omitempty"`
	Source    string `json:"source,omitempty" jsonschema:"the publisher, as written"`
	Published string `json:"published,omitempty" jsonschema:"the date or time of publication"`
	Language  string `json:"language,omitempty" jsonschema:"a BCP-47 tag"`
	URL       string `json:"url,omitempty" jsonschema:"where the document was found"`
}

func sourceOf(d *accordv1.Document) source {
	s := source{Document: d.GetName(), Title: d.GetTitle(), Source: d.GetSource(), Language: d.GetLanguageCode(), URL: d.GetUri()}
	if d.GetPublishTime() != nil {
		s.Published = d.GetPublishTime().AsTime().Format(time.RFC3339)
		if d.GetPublishTimePrecision() == accordv1.TimePrecision_TIME_PRECISION_DATE {
			s.Published = d.GetPublishTime().AsTime().Format(time.DateOnly)
		}
	}
	return s
}

// line returns the source in one line, such as "Title (Xinhua, 2024-06-29, en)".
func (s source) line() string {
	var about []string
	for _, value := range []string{s.Source, s.Published, s.Language} {
		if value != "" {
			about = append(about, value)
		}
	}
	title := s.Title
	if title == "" {
		title = s.Document
	}
	if len(about) == 0 {
		return oneLine(title)
	}
	return oneLine(fmt.Sprintf("%s (%s)", title, strings.Join(about, ", ")))
}

// oneLine returns a text on one line, so that a title cannot look like other lines.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// marked puts a mark after whatever may be shown as the end of a line.
var marked = strings.NewReplacer(
	"\r\n", "\r\n> ", "\n", "\n> ", "\r", "\r> ", "\v", "\v> ", "\f", "\f> ", "\u0085", "\u0085> ", "\u2028", "\u2028> ", "\u2029", "\u2029> ",
)

// indented marks each line of a quote, so that it cannot look like other lines.
func indented(text string) string { return "> " + marked.Replace(text) }

// clipped returns the first most code points of a text, or all if there are fewer.
func clipped(text string, most int) string {
	for at := range text {
		if most == 0 {
			return text[:at]
		}
		most--
	}
	return text
}

// skipped returns a text without its first n code points.
func skipped(text string, n int) string { return text[len(clipped(text, n)):] }
