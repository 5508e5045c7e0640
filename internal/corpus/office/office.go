// Package office reads text documents of word processors: DOCX (Office Open XML)
// and ODT (OpenDocument). Both are ZIP archives of XML. It keeps paragraphs,
// headings, the numbers of lists, tables as rows, and notes; it takes tracked changes
// as accepted and leaves out comments, heads, feet and tables of contents.
package office

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

const (
	maxPart  = 48 << 20 // bytes of one XML part, unpacked
	maxText  = 8 << 20  // bytes of text, twice what a server stores
	maxDepth = 500      // of nested elements
	minProse = 60       // columns; a longer paragraph is neither a title nor a date line
	maxNotes = 10_000
	// maxWritten bounds the bytes of all cells and lines. A table inside another one counts again.
	maxWritten = 4 * maxText
	maxLines   = 250_000
	maxStyles  = 50_000 // styles, lists and notes that are kept, of each kind
	maxName    = 255    // bytes of the name of a style, and of the text around a number
)

// ErrText is the error for a document with too much text.
var ErrText = fmt.Errorf("has more than %d bytes of text or %d paragraphs; split it", maxText, maxLines)

// Text is what a document holds.
type Text struct {
	Lines []line.Line
	Known article.Known
	// Unread says why parts that are documents of their own are not read, by their names.
	Unread map[string]error
}

// visit calls open for each element of an XML part, text for each piece of text, and
// shut at the end of each element. If open returns false, the element is skipped
// with all that is below it, and shut is not called for it.
func visit(data []byte, open func(xml.StartElement) bool, text func(string), shut func(xml.Name)) error {
	size := 0
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = charset.NewReaderLabel
	depth := 0
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("its XML is broken: %w; save it again with the program that made it", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return fmt.Errorf("its XML has elements more than %d deep; save it again with the program that made it", maxDepth)
			}
			if !open(t) {
				if err := d.Skip(); err != nil {
					return fmt.Errorf("its XML is broken: %w; save it again with the program that made it", err)
				}
				depth--
			}
		case xml.EndElement:
			depth--
			shut(t.Name)
		case xml.CharData:
			if size += len(t); size > maxText {
				return ErrText
			}
			text(string(t))
		}
	}
}

// part returns an XML part of the document, nil if there is none and it is not needed.
func part(z *zip.Reader, name string, needed bool) ([]byte, error) {
	data, err := archive.Part(z, name, maxPart)
	if errors.Is(err, archive.ErrMissing) && !needed {
		return nil, nil
	}
	return data, err
}

// attr returns an attribute by its local name, or "".
func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// paragraph is a paragraph while it is read.
type paragraph struct {
	text      strings.Builder
	mark      string        // its number, with a space after it
	kind      document.Kind // HEADING, CAPTION, or unknown
	level     int           // of a heading, from 1
	title     bool          // has the style of the title
	omitted   bool          // is not part of the text, such as a line of a table of contents
	note      bool          // is a note that holds paragraphs
	code      bool          // is code, so its line ends are kept
	list      bool          // is an item of a list
	head      string        // "author" or "date" if the paragraph is one of them; they stand above the text
	style     string
	listID    string // the list that it is in
	listLevel int    // its level in that list, from 0
	outline   int    // level of a heading by its own properties or its style, from 1; 0 for none
	// properties is set while the reader is inside the paragraph's properties. joined is set
	// if a tracked change deleted the paragraph's end, so that the next paragraph continues it.
	properties, joined bool
	// runsIn is set if the end is hidden, so that the next paragraph goes on in the same line.
	runsIn bool
}

// titleOf returns the title: the paragraph with the style of one, else a heading of
// the first level at the start, else the title among the document's properties.
func titleOf(lines []line.Line, styled, property string) string {
	if styled != "" {
		return styled
	}
	if len(lines) > 0 && lines[0].Kind == document.KindHeading && lines[0].Level == 1 {
		return lines[0].Text
	}
	return prose.Squeeze(decode.Normalize(property))
}

// short returns the name of a style, or "" for one that is too long: it would be looked up for
// each paragraph.
func short(name string) string {
	if len(name) > maxName {
		return ""
	}
	return name
}

// byName sets properties of p by the name of a style. In files, the names of built-in
// styles are English, whatever language the user sees.
func (p *paragraph) byName(name string) {
	if len(name) > maxName {
		return
	}
	name = strings.ToLower(strings.ReplaceAll(name, "_20_", " "))
	level, isHeading := strings.CutPrefix(name, "heading ")
	switch {
	case name == "title":
		p.title = true
	case isHeading && number(level) > 0 && p.outline == 0:
		p.outline = number(level)
	case name == "subtitle" && p.kind == document.KindUnknown:
		p.kind, p.level = document.KindHeading, 2
	case strings.HasPrefix(name, "toc "), strings.HasPrefix(name, "contents "):
		p.omitted = true
	case name == "author", name == "date":
		p.head = name
	case name == "caption", strings.HasSuffix(name, " caption"):
		p.kind = document.KindCaption
	case name == "source code", name == "html preformatted", name == "preformatted text", name == "macro text":
		p.code = true
	}
}
