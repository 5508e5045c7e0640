// Package article makes documents of classified lines. It splits the lines of a
// file into articles, reads the head of each (title, date, source), cleans its
// body, and decides when it was published.
package article

import (
	"cmp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

// Article is the part of a file that is one document.
type Article struct {
	Known
	site       string
	dates      []dateCandidate // in the order of the text
	opening    string          // the dateline, folded
	agency     string          // of the dateline
	paragraphs []paragraph
	Dropped    []Dropped // in order
	rights     string    // the last copyright line
}

// Dropped is a line that is no part of the document, and why.
type Dropped struct{ Text, Reason string }

// Read splits the lines of a file into articles and reads each. What the format
// says of the file's document holds for the first article only, except for what
// all of them share. Articles without text are left out.
func Read(lines []line.Line, k Known) []Article {
	var articles []Article
	for i, own := range split(lines) {
		if i > 0 {
			k = k.Shared()
		}
		if a, ok := ReadOne(own, k); ok {
			articles = append(articles, a)
		}
	}
	return articles
}

// ReadOne reads lines that are one article, and reports whether it has text.
func ReadOne(lines []line.Line, k Known) (Article, bool) {
	a := Article{Known: k}
	if k.TitleShown {
		lines = withoutTitle(lines, k.Title)
	}
	lines = splitBodyKeys(lines)
	body := bodyStart(lines)
	a.readHead(lines[:body])
	a.readBody(lines[body:])
	return a, len(a.paragraphs) > 0
}

func (a *Article) drop(text, reason string) {
	if text != "" && text != "\f" {
		a.Dropped = append(a.Dropped, Dropped{Text: text, Reason: reason})
		if reason == furniture.Rights {
			a.rights = text
		}
	}
}

// splitBodyKeys makes the value of a key such as "Article" a line of prose, and
// leaves out keys without a value.
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

// bodyStart returns where the text begins: at the first line that cannot belong to
// a head, or below a key that announces the text.
func bodyStart(lines []line.Line) int {
	if len(lines) == 1 && lines[0].Class == line.Title {
		return 0
	}
	lastTitle := 0
	for i, l := range lines {
		switch {
		case !l.FitsHead():
			return i
		case l.Class == line.Field && l.Field.Key == header.Body:
			return i + 1
		case l.Class == line.Title && lastTitle == 0:
			lastTitle = i + 1
		}
	}
	return lastTitle // only short lines; the first is the title
}

// readHead reads what the lines above the text say about the document.
func (a *Article) readHead(lines []line.Line) {
	chosen := -1
	if a.Title == "" {
		chosen = chooseTitle(lines)
	}
	if chosen >= 0 {
		a.Title = lines[chosen].Text
		if lines[chosen].Class == line.Stamp {
			a.Title = lines[chosen].Stamp.Title
		}
		a.Title = titles.Clean(a.Title)
	}
	for i, l := range lines {
		a.readSite(l.Text)
		switch l.Class {
		case line.Stamp:
			a.takeStamp(l.Stamp)
		case line.Field:
			a.takeField(l)
		case line.PlaceDate:
			a.dates = append(a.dates, dateCandidate{l.Stamp.Moments[0], rankPlace})
			a.add(l.Text, document.KindHeading)
		case line.Furniture:
			a.takeFurniture(l.Text, l.Reason)
		case line.Title:
			switch {
			case i == chosen:
			case i > chosen && i+1 < len(lines) && lines[i+1].Dated() && nameRE.MatchString(l.Text):
				a.drop(l.Text, "byline")
			case publisher.IsAgency(l.Text):
				a.SiteName = cmp.Or(a.SiteName, strings.Trim(l.Text, " ()[]（）"))
			case i > chosen && a.Title != "" && publisher.FindHost(l.Text) == "":
				a.add(l.Text, document.KindHeading)
			default:
				a.drop(l.Text, "before the title")
			}
		}
	}
}

func (a *Article) add(text string, kind document.Kind) {
	a.paragraphs = append(a.paragraphs, paragraph{text: text, kind: kind})
}

func (a *Article) setSource(source string) {
	if a.Source == "" {
		a.Source = strings.Trim(source, " ,，|()（）")
	}
}

// takeStamp keeps the date and the publisher of a stamp.
func (a *Article) takeStamp(s dateline.Stamp) {
	rank := rankPublished
	if s.Updated {
		rank = rankUpdated
	}
	a.dates = append(a.dates, dateCandidate{s.Moments[0], rank})
	a.setSource(s.Source)
}

// takeField keeps what a header line says.
func (a *Article) takeField(l line.Line) {
	value := l.Field.Value
	switch l.Field.Key {
	case header.Title:
		if a.Title == "" {
			a.Title = titles.Clean(value)
		}
	case header.Published, header.Updated, header.Issued:
		rank := map[header.Key]rank{header.Published: rankField, header.Updated: rankUpdated, header.Issued: rankIssued}[l.Field.Key]
		for _, m := range datetime.FindInField(value) {
			a.dates = append(a.dates, dateCandidate{m, rank})
		}
	case header.Source:
		a.setSource(value)
	case header.URI:
		if a.URI == "" {
			a.URI = value
		}
	case header.ID:
		if a.ID == "" {
			a.ID = value
		}
	case header.Language:
		if a.Language == "" {
			a.Language = LanguageTag(value)
		}
	case header.Other:
		a.drop(l.Text, "header line")
	}
}

// takeFurniture drops a line of the page, but keeps the address of the page.
func (a *Article) takeFurniture(text, reason string) {
	if a.URI == "" && (strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")) && !strings.Contains(text, " ") {
		a.URI = text
		return
	}
	a.drop(text, reason)
}

// readSite keeps the first host name in the head.
func (a *Article) readSite(text string) {
	if host := publisher.HostName(text); host != "" && a.site == "" && !strings.Contains(text, "://") && !strings.Contains(text, "@") {
		a.site = strings.ToLower(host)
	}
}

// Document returns the article as a document. name is the name of its file, for a
// text without a title.
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
		d.Title = fallbackTitle(a.paragraphs, name)
		for i, q := range a.paragraphs { // the sentence that the title is taken from is no heading
			if q.kind == document.KindUnknown && strings.HasPrefix(q.text, d.Title) {
				a.paragraphs[i].kind = document.KindParagraph
				break
			}
		}
	}
	d.Text, d.Blocks = compose(a.paragraphs)
	if d.LanguageCode == "" {
		d.LanguageCode = languageOf(a.ClaimedLanguage, d.Text)
	}
	d.PublishTime, d.PublishPrecision = a.publishTime(d)
	return d
}
