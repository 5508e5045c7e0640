// Package article turns classified lines into documents. It splits the lines of a file into
// articles, reads the head of each (title, date, source), cleans the body, and finds the
// publish time.
package article

import (
	"cmp"
	"embed"
	"strings"

	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/document"
)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

var (
	endMarkRE     = patterns.Regexp("end mark")
	signedRE      = patterns.Regexp("signing")
	nameRE        = patterns.Regexp("author")
	innerNumberRE = patterns.Regexp("inner number")
)

// Article is one document of a file.
type Article struct {
	Known
	site       string
	dates      []dateCandidate // in the order of the text
	opening    string          // the dateline, folded
	agency     string          // agency of the dateline
	paragraphs []paragraph
	Dropped    []Dropped // in order
	Decisions  []Decision
	rights     string // the last copyright line
}

// Dropped is a line that is not part of the document, with the reason.
type Dropped struct{ Text, Reason string }

// Read splits the lines of a file into articles and reads each. Only the first article gets
// all of k; the others get k.Shared(). Articles without text are left out.
func Read(lines []line.Line, k Known) []Article {
	var articles []Article
	for i, own := range split(lines) {
		if i > 0 {
			k = k.Shared()
		}
		if a, ok := ReadOne(own.lines, k); ok {
			a.Decisions = append(a.Decisions, Decision{AboutBegin, own.begin})
			articles = append(articles, a)
		}
	}
	return articles
}

// ReadOne reads lines as one article, and reports whether it has text.
func ReadOne(lines []line.Line, k Known) (Article, bool) {
	a := Article{Known: k}
	if a.Title != "" {
		a.decideGiven(AboutTitle, a.From.Title)
	}
	if k.TitleShown {
		lines = withoutTitle(lines, k.Title)
	}
	lines = splitBodyKeys(lines)
	body := bodyStart(lines)
	a.readHead(lines[:body])
	a.readBody(lines[body:])
	return a, len(a.paragraphs) > 0
}

// drop records a line that is left out.
func (a *Article) drop(text, reason string) {
	if text != "" && text != "\f" {
		a.Dropped = append(a.Dropped, Dropped{Text: text, Reason: reason})
		if reason == furniture.Rights {
			a.rights = text
		}
	}
}

// splitBodyKeys makes the value of a key such as "Article" a line of prose, and removes
// keys without a value.
func splitBodyKeys(lines []line.Line) []line.Line {
	var out []line.Line
	for _, l := range lines {
		if l.Class != line.Field {
			out = append(out, l)
			continue
		}
		switch value := l.Field.Value; {
		case l.Field.Key == header.Body && value != "":
			out = append(out, line.Line{Text: value, Gap: 1, Class: line.Prose})
		case l.Field.Key == header.Body, value != "":
			out = append(out, l)
		}
	}
	return out
}

// add appends a paragraph.
func (a *Article) add(text string, kind document.Kind) {
	a.paragraphs = append(a.paragraphs, paragraph{text: text, kind: kind})
}

// addHeading appends a heading that is above the text after it. level is that of its format,
// from 1, or 0 if only its look shows that it is a heading.
func (a *Article) addHeading(text string, level int) {
	if level = min(level, document.MaxLevel-1); level == 0 {
		level = document.MaxLevel
	}
	a.paragraphs = append(a.paragraphs, paragraph{text, document.KindHeading, level})
}

// setSource sets the source if there is none yet.
func (a *Article) setSource(source string) {
	if a.Source == "" {
		a.Source = strings.Trim(source, " ,，|()（）")
	}
}

// Document returns the article as a document. name is the name of the file, which is used
// if the text has no title.
func (a *Article) Document(name string) document.Document {
	d := document.Document{
		Title: a.Title, Source: furniture.TrimButtons(cmp.Or(a.Source, a.agency, a.SiteName)), URI: a.URI, LanguageCode: a.Language,
		Metadata: map[string]string{},
	}
	for key, value := range a.Metadata {
		d.Metadata[key] = value
	}
	if a.ID != "" {
		d.Metadata["source_id"] = a.ID
	}
	if a.site != "" {
		d.Metadata["site"] = a.site
	}
	if d.Title == "" {
		d.Title = a.borrowTitle(name)
	}
	d.Text, d.Blocks = compose(a.paragraphs)
	if d.LanguageCode == "" {
		d.LanguageCode = a.chooseLanguage(d.Text)
	} else {
		a.decideGiven(AboutLanguage, a.From.Language)
	}
	d.PublishTime, d.PublishPrecision = a.publishTime(d)
	return d
}
