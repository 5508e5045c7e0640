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
	datings    []dating // in the order of the text
	opening    string   // the dateline, folded
	agency     string   // of the dateline
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
	p := Article{Known: k}
	if k.TitleShown {
		lines = withoutTitle(lines, k.Title)
	}
	lines = spreadBodies(lines)
	body := bodyStart(lines)
	p.readHead(lines[:body])
	p.readBody(lines[body:])
	return p, len(p.paragraphs) > 0
}

func (p *Article) drop(text, reason string) {
	if text != "" && text != "\f" {
		p.Dropped = append(p.Dropped, Dropped{Text: text, Reason: reason})
		if reason == furniture.Rights {
			p.rights = text
		}
	}
}

// spreadBodies makes the value of a key such as "Article" a line of its own, and
// leaves keys without a value out.
func spreadBodies(lines []line.Line) []line.Line {
	var out []line.Line
	for _, l := range lines {
		if l.Class != line.Field {
			out = append(out, l)
			continue
		}
		switch value := l.Field.Value; {
		case l.Field.Name == header.Body && value != "":
			out = append(out, line.Line{Text: value, Gap: 1, Class: line.Prose})
		case l.Field.Name == header.Body, value != "":
			out = append(out, l)
		}
	}
	return out
}

// bodyStart returns where the text begins: at the first line that can stand in
// no head, or behind a key that announces the text.
func bodyStart(lines []line.Line) int {
	if len(lines) == 1 && lines[0].Class == line.Title {
		return 0
	}
	lastTitle := 0
	for i, l := range lines {
		switch {
		case !l.Headable():
			return i
		case l.Class == line.Field && l.Field.Name == header.Body:
			return i + 1
		case l.Class == line.Title && lastTitle == 0:
			lastTitle = i + 1
		}
	}
	return lastTitle // nothing but short lines: the first of them is the title
}

// readHead takes what the lines before the text say of the document.
func (p *Article) readHead(lines []line.Line) {
	chosen := -1
	if p.Title == "" {
		chosen = chooseTitle(lines)
	}
	if chosen >= 0 {
		p.Title = lines[chosen].Text
		if lines[chosen].Class == line.Stamp {
			p.Title = lines[chosen].Stamp.Title
		}
		p.Title = titles.Clean(p.Title)
	}
	for i, l := range lines {
		p.noteSite(l.Text)
		switch l.Class {
		case line.Stamp:
			p.takeStamp(l.Stamp)
		case line.Field:
			p.takeField(l)
		case line.PlaceDate:
			p.datings = append(p.datings, dating{l.Stamp.Moments[0], rankPlace})
			p.add(l.Text, document.KindHeading)
		case line.Furniture:
			p.takeFurniture(l.Text, l.Reason)
		case line.Title:
			switch {
			case i == chosen:
			case i > chosen && i+1 < len(lines) && lines[i+1].Dated() && nameRE.MatchString(l.Text):
				p.drop(l.Text, "byline")
			case publisher.IsAgency(l.Text):
				p.SiteName = cmp.Or(p.SiteName, strings.Trim(l.Text, " ()[]（）"))
			case i > chosen && p.Title != "" && publisher.FindHost(l.Text) == "":
				p.add(l.Text, document.KindHeading)
			default:
				p.drop(l.Text, "before the title")
			}
		}
	}
}

func (p *Article) add(text string, kind document.Kind) {
	p.paragraphs = append(p.paragraphs, paragraph{text: text, kind: kind})
}

func (p *Article) setSource(source string) {
	if p.Source == "" {
		p.Source = strings.Trim(source, " ,，|()（）")
	}
}

// takeStamp keeps the dates and the publisher of a date line.
func (p *Article) takeStamp(s dateline.Stamp) {
	rank := rankPublished
	if s.Updated {
		rank = rankUpdated
	}
	p.datings = append(p.datings, dating{s.Moments[0], rank})
	p.setSource(s.Source)
}

// takeField keeps what a header line says.
func (p *Article) takeField(l line.Line) {
	value := l.Field.Value
	switch l.Field.Name {
	case header.Title:
		if p.Title == "" {
			p.Title = titles.Clean(value)
		}
	case header.Published, header.Updated, header.Issued:
		rank := map[header.Name]rank{header.Published: rankField, header.Updated: rankUpdated, header.Issued: rankIssued}[l.Field.Name]
		for _, m := range datetime.InValue(value) {
			p.datings = append(p.datings, dating{m, rank})
		}
	case header.Source:
		p.setSource(value)
	case header.URI:
		if p.URI == "" {
			p.URI = value
		}
	case header.ID:
		if p.ID == "" {
			p.ID = value
		}
	case header.Language:
		if p.Language == "" {
			p.Language = LanguageTag(value)
		}
	case header.Other:
		p.drop(l.Text, "header line")
	}
}

// takeFurniture drops a line of the page; its own address is worth keeping.
func (p *Article) takeFurniture(text, reason string) {
	if p.URI == "" && (strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")) && !strings.Contains(text, " ") {
		p.URI = text
		return
	}
	p.drop(text, reason)
}

// noteSite keeps the first host name that the head of a page shows.
func (p *Article) noteSite(text string) {
	if host := publisher.HostName(text); host != "" && p.site == "" && !strings.Contains(text, "://") && !strings.Contains(text, "@") {
		p.site = strings.ToLower(host)
	}
}

// Document puts the part together.
func (p *Article) Document(name string) document.Document {
	d := document.Document{
		Title: p.Title, Source: furniture.TrimTools(cmp.Or(p.Source, p.agency, p.SiteName)), URI: p.URI, LanguageCode: p.Language,
		Metadata: map[string]string{},
	}
	for key, value := range p.Metadata {
		d.Metadata[key] = value
	}
	if p.ID != "" {
		d.Metadata["source_id"] = p.ID
	}
	if p.site != "" {
		d.Metadata["site"] = p.site
	}
	if d.Title == "" {
		d.Title = fallbackTitle(p.paragraphs, name)
		for i, q := range p.paragraphs { // the sentence that lends its words is no heading
			if q.kind == document.KindUnknown && strings.HasPrefix(q.text, d.Title) {
				p.paragraphs[i].kind = document.KindParagraph
				break
			}
		}
	}
	d.Text, d.Blocks = compose(p.paragraphs)
	if d.LanguageCode == "" {
		d.LanguageCode = languageOf(p.Claimed, d.Text)
	}
	d.PublishTime, d.PublishPrecision = p.publishTime(d)
	return d
}
