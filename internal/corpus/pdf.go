package corpus

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/pdf"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// readPDF reads a PDF as one document with pages.
func (r Reader) readPDF(s source) (File, error) {
	read, err := pdf.Read(context.Background(), s.data)
	if err != nil {
		return File{}, err
	}
	var lines []line.Line
	for _, p := range read.Paragraphs {
		l := line.Line{Text: p.Text, Gap: 1, Kind: p.Kind, Level: p.Level}
		if p.Kind == document.KindUnknown && prose.Width(p.Text) > minParagraph {
			l.Kind = document.KindParagraph
		}
		lines = append(lines, l)
	}
	k := article.Known{Title: read.Title, TitleShown: true, Metadata: map[string]string{"page_count": fmt.Sprint(read.Pages)}}
	if read.Author != "" {
		k.Metadata["author"] = read.Author
	}
	if len(read.Scanned) > 0 {
		k.Metadata["scanned_pages"] = ranges(read.Scanned)
	}
	if len(read.Undecoded) > 0 {
		k.Metadata["undecoded_pages"] = ranges(read.Undecoded)
	}
	file, err := one(s.name, lines, k)
	if err != nil {
		return file, err
	}
	d := &file.Documents[0]
	d.PageStarts = pageStarts(read, d.Text)
	for _, text := range read.Dropped {
		file.Dropped = append(file.Dropped, Dropped{Document: 1, Text: text, Reason: "head or foot of a page"})
	}
	for _, page := range read.Scanned {
		file.Dropped = append(file.Dropped, Dropped{Document: 1, Text: fmt.Sprint("page ", page), Reason: "scanned page without text"})
	}
	for _, page := range read.Undecoded {
		file.Dropped = append(file.Dropped, Dropped{Document: 1, Text: fmt.Sprint("page ", page), Reason: "page in fonts that do not say which letters they show"})
	}
	return file, nil
}

// minParagraph is the width in columns above which a paragraph is text, whatever it looks
// like. It is for formats that show where paragraphs begin.
const minParagraph = 60

// maxText is the maximum number of bytes of text of a document of one of many formats: twice
// what a server stores.
const maxText = 8 << 20

// one returns a file with a single document, made of lines that a format gives. It fails
// with ErrTooLong or ErrNoText.
func one(name string, lines []line.Line, k article.Known) (File, error) {
	size := 0
	for _, l := range lines {
		size += len(l.Text)
	}
	if size > maxText {
		return File{}, errText
	}
	a, ok := article.ReadOne(prepare(lines), k)
	if !ok {
		return File{}, ErrNoText
	}
	return assemble(name, []article.Article{a})
}

// pageStarts returns the offsets in text, in code points, at which the pages of a PDF
// begin. text has the paragraphs of the PDF, but some are left out and white space differs.
// Therefore each paragraph is searched for without its white space.
func pageStarts(read pdf.Document, text string) []int {
	starts := make([]int, 0, read.Pages)
	var letters strings.Builder // the text of the PDF without white space
	var turns []pdf.Turn        // where pages begin in letters
	for _, p := range read.Paragraphs {
		turns = append(turns, pdf.Turn{Byte: letters.Len(), Page: p.Page})
		from := 0
		for _, turn := range p.Turns {
			letters.WriteString(solid(p.Text[from:turn.Byte]))
			turns = append(turns, pdf.Turn{Byte: letters.Len(), Page: turn.Page})
			from = turn.Byte
		}
		letters.WriteString(solid(p.Text[from:]))
	}
	whole, at, point := letters.String(), 0, 0
	begin := func(page int) { // sets the start of all pages up to page that have none yet
		for len(starts) < page {
			starts = append(starts, point)
		}
	}
	next := 0 // index in turns
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		found := findNear(whole, at, solid(paragraph))
		if found >= 0 {
			at = found
		}
		for _, c := range paragraph {
			for found >= 0 && !unicode.IsSpace(c) && next < len(turns) && turns[next].Byte <= at {
				begin(turns[next].Page)
				next++
			}
			if found >= 0 && !unicode.IsSpace(c) {
				at += utf8.RuneLen(c)
			}
			point++
		}
		point += 2
	}
	point -= 2
	begin(read.Pages)
	return starts
}

// findNear returns the offset in whole at which letters begin, or -1 if that is not at from
// or shortly after.
func findNear(whole string, from int, letters string) int {
	const near = 1 << 16
	from = min(from, len(whole))
	found := strings.Index(whole[from:min(len(whole), from+near+len(letters))], letters)
	if found < 0 || letters == "" {
		return -1
	}
	return from + found
}

// solid returns text without white space.
func solid(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// ranges writes ascending numbers as "1, 3-5".
func ranges(numbers []int) string {
	var out []string
	for i := 0; i < len(numbers); i++ {
		first := numbers[i]
		for i+1 < len(numbers) && numbers[i+1] == numbers[i]+1 {
			i++
		}
		if last := numbers[i]; last > first {
			out = append(out, fmt.Sprintf("%d-%d", first, last))
		} else {
			out = append(out, fmt.Sprint(first))
		}
	}
	return strings.Join(out, ", ")
}
