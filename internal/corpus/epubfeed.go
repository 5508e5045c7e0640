package corpus

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/epub"
	"github.com/accord-search/accord/internal/corpus/feed"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// readEPUB reads a book as one document.
func readEPUB(s source) (File, error) {
	z, err := archive.Zip(s.data)
	if err != nil {
		return File{}, err
	}
	book, err := epub.Read(z)
	if err != nil {
		return File{}, err
	}
	var lines []line.Line
	for _, chapter := range book.Chapters {
		text, err := decode.Text(chapter)
		if err != nil {
			return File{}, err
		}
		own, err := pieceLines(decode.WithDeclaredCharset(chapter, text), 0)
		if err != nil {
			return File{}, err
		}
		lines = append(lines, own...)
	}
	k := article.Known{
		Title: decode.Normalize(book.Title), TitleShown: true, Source: decode.Normalize(book.Publisher),
		Metadata: filled("author", book.Author, "identifier", book.Identifier),
	}
	if tag := article.LanguageTag(book.Language); tag != "en" { // many programs declare English for all books
		k.ClaimedLanguage = tag
	}
	k.Published = fieldDate(book.Date)
	return one(s.name, lines, k)
}

// readFeed reads the items of a feed, a document each.
func readFeed(name string, data []byte) (File, error) {
	f, err := feed.Read(data)
	if err != nil {
		return File{}, err
	}
	var articles []article.Article
	for _, item := range f.Items {
		var lines []line.Line
		body := item.Body
		if !item.HTML {
			body = "<p>" + strings.ReplaceAll(html.EscapeString(body), "\n\n", "<p>")
		}
		if lines, err = pieceLines(body, minParagraph); err != nil {
			return File{}, err
		}
		k := article.Known{
			Title: decode.Normalize(item.Title), TitleShown: true, URI: item.Link, SiteName: decode.Normalize(f.Title),
			ID: item.ID, Metadata: filled("author", item.Author),
		}
		if item.ID == item.Link {
			k.ID = ""
		}
		if tag := article.LanguageTag(f.Language); tag != "en" {
			k.ClaimedLanguage = tag
		}
		if k.Published = fieldDate(item.Published); k.Published == nil {
			k.Published = fieldDate(item.Updated)
		}
		if a, ok := article.ReadOne(prepare(lines), k); ok {
			articles = append(articles, a)
		}
	}
	return assemble(name, articles)
}

// pieceLines returns the lines of HTML without anything around the text, such as a chapter
// or an item. Lines wider than columns are paragraphs, whatever they look like.
func pieceLines(text string, columns int) ([]line.Line, error) {
	root, err := parseHTML(text)
	if err != nil {
		return nil, err
	}
	keepNotes(root)
	lines := htmlLines(root)
	for i := range lines {
		if lines[i].Kind == document.KindUnknown && prose.Width(lines[i].Text) > columns {
			lines[i].Kind = document.KindParagraph
		}
	}
	return lines, nil
}

// filled returns the pairs of key and value that have a value.
func filled(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := strings.Join(strings.Fields(decode.Normalize(pairs[i+1])), " "); value != "" {
			out[pairs[i]] = value
		}
	}
	return out
}

// machineTimes are the forms in which programs write a time with its zone.
var machineTimes = []string{
	time.RFC3339, time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700",
	"2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04Z07:00",
}

// fieldDate returns the date in a field, or nil.
func fieldDate(value string) *datetime.Moment {
	value = strings.TrimSpace(value)
	for _, form := range machineTimes {
		if at, err := time.Parse(form, value); err == nil {
			return moment(at, strings.Contains(form, "Z07") || strings.Contains(form, "-07") || strings.Contains(form, "MST"))
		}
	}
	if moments := datetime.FindInField(value); len(moments) > 0 {
		return &moments[0]
	}
	if at, ok := unixTime(value); ok {
		return moment(at, true)
	}
	return nil
}

// unixTime returns the time that is a number of seconds or of milliseconds since 1970. ok is false for
// numbers that are times before 2001 or after 2100.
func unixTime(value string) (at time.Time, ok bool) {
	const first, last = 1e9, 4_102_444_800
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if n >= first*1000 {
		n /= 1000
	}
	return time.Unix(n, 0).UTC(), n >= first && n < last
}

// moment converts a time to a datetime.Moment. Its zone is kept only if zoned is set.
func moment(at time.Time, zoned bool) *datetime.Moment {
	m := datetime.Moment{At: time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC), Precision: document.PrecisionSecond}
	if zoned {
		_, offset := at.Zone()
		m.Zone = time.FixedZone("", offset)
	}
	return &m
}
