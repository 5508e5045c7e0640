package pdf

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// Document is the text of a PDF.
type Document struct {
	Title      string // from the properties, else the largest line; "" if neither is a title
	Author     string
	Paragraphs []Paragraph
	Pages      int
	Scanned    []int    // the pages, from 1, that show something but have no text
	Undecoded  []int    // the pages, from 1, with text in fonts that do not say which letters they show
	Dropped    []string // heads, feet, page numbers and line numbers
}

// Paragraph is a paragraph, a row of a table or a heading.
type Paragraph struct {
	Text  string
	Kind  document.Kind // HEADING, PARAGRAPH for a row, or unknown
	Level int           // of a heading, from 1
	Page  int           // on which it begins, from 1
	// Turns are the places in Text at which later pages begin.
	Turns []Turn
}

// Turn is where a page begins inside a paragraph.
type Turn struct{ Byte, Page int }

// Read reads a PDF. It returns ErrScanned if no page has text, and ErrUndecoded if no page has
// text that can be read.
func Read(ctx context.Context, data []byte) (Document, error) {
	e, err := open(ctx, data)
	if err != nil {
		return Document{}, err
	}
	defer e.close()
	d := Document{}
	if d.Pages, err = e.pages(); err != nil {
		return d, e.why(err)
	}
	all, err := d.readPages(e)
	if err != nil {
		return d, e.why(err)
	}
	d.Dropped = dropLineNumbers(all)
	pages := make([][]textLine, d.Pages)
	for i, runs := range all {
		pages[i] = order(runs, 0)
		for at := range pages[i] {
			pages[i][at].page = i + 1
		}
	}
	pages, dropped := dropEdges(pages)
	for _, l := range dropped {
		d.Dropped = append(d.Dropped, l.text)
	}
	d.Paragraphs = paragraphsOf(pages)
	switch {
	case len(d.Paragraphs) == 0 && len(d.Undecoded) > 0:
		return d, ErrUndecoded
	case len(d.Paragraphs) == 0 && len(d.Scanned) > 0:
		return d, ErrScanned
	}
	d.Title, d.Author = realTitle(e.meta("Title")), realAuthor(e.meta("Author"))
	if d.Title == "" {
		d.Title = largest(pages)
	}
	return d, nil
}

// readPages returns the runs of each page, and notes the pages without text that can be read.
func (d *Document) readPages(e *engine) ([][]run, error) {
	all := make([][]run, d.Pages)
	for i := range all {
		runs, shows, err := e.read(i)
		if err != nil && !errors.Is(err, ErrUndecoded) {
			return nil, err
		}
		switch {
		case errors.Is(err, ErrUndecoded):
			d.Undecoded = append(d.Undecoded, i+1)
		case len(runs) > 0:
			all[i] = runs
		case shows:
			d.Scanned = append(d.Scanned, i+1)
		}
	}
	return all, nil
}

// noTitleRE matches what programs and not authors put into the title of a PDF.
var noTitleRE = regexp.MustCompile(`(?i)^(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|\(?anonymous\)?|document ?\d*|untitled ?\d*|无标题|slide 1|print|.*\.(?:docx?|odt|rtf|pdf|tmp|indd|qxd|tex|dvi|html?|xlsx?|pptx?))$`)

func realTitle(title string) string {
	title = strings.Join(strings.Fields(clean(title)), " ")
	if noTitleRE.MatchString(title) {
		return ""
	}
	return title
}

func realAuthor(author string) string {
	author = strings.Join(strings.Fields(clean(author)), " ")
	if strings.EqualFold(strings.Trim(author, "()"), "anonymous") || strings.EqualFold(author, "unknown") {
		return ""
	}
	return author
}

const (
	titleScale = 1.15 // minimum size of a title, as a multiple of the size of the text
	maxTitle   = 300  // bytes
)

// largest returns the lines in the largest font on the first page with text, or "" if they
// are not larger than the text.
func largest(pages [][]textLine) string {
	var first, all []textLine
	for _, page := range pages {
		if len(first) == 0 {
			first = page
		}
		all = append(all, page...)
	}
	body, size := bodySize(all), 0.0
	for _, l := range first {
		size = max(size, l.size)
	}
	if size < titleScale*body {
		return ""
	}
	title := ""
	for i, l := range first {
		if l.size < size-0.5 {
			if title != "" {
				break
			}
			continue
		}
		if title != "" && first[i-1].bottom-l.top > 1.5*l.size {
			break
		}
		title = join(title, l.text, nil)
	}
	if title = strings.TrimSpace(title); len(title) > maxTitle {
		return ""
	}
	return title
}
