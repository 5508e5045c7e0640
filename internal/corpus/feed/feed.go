// Package feed reads the items of RSS (0.9 to 2.0, and 1.0 in RDF) and Atom feeds.
package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// Feed is a feed with its items.
type Feed struct {
	Title, Language string
	Items           []Item
}

// Item is an entry of a feed.
type Item struct {
	Title, Link, ID, Author string
	Published               string // as written
	Updated                 string
	// Body is the longest text that the item has. HTML reports whether it is HTML.
	Body string
	HTML bool
}

const (
	maxItems = 5000
	maxDepth = 200 // of nested elements
)

// ErrItems is the error for a feed with too many items.
var ErrItems = fmt.Errorf("has more than %d items; split it", maxItems)

// Read reads a feed. It accepts common mistakes, such as HTML entities.
func Read(data []byte) (Feed, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = charset.NewReaderLabel
	d.Strict, d.Entity, d.AutoClose = false, xml.HTMLEntity, nil
	r := reader{decoder: d}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return r.feed, nil
		}
		if err == nil {
			err = r.take(token)
		}
		var broken *xml.SyntaxError
		if errors.As(err, &broken) {
			err = fmt.Errorf("its XML is broken: %w; download it again", err)
		}
		if err != nil {
			return r.feed, err
		}
	}
}

// reader is a feed while it is read.
type reader struct {
	decoder *xml.Decoder
	feed    Feed
	item    *Item
	path    []string
}

// take processes a token that is not inside an element with text.
func (r *reader) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		if len(r.path) > maxDepth {
			return fmt.Errorf("has elements more than %d deep", maxDepth)
		}
		name := strings.ToLower(t.Name.Local)
		switch {
		case name == "item" || name == "entry":
			r.item = &Item{}
		case r.item != nil:
			return r.field(name, t)
		case name == "title" && r.feed.Title == "" || name == "language":
			text, err := r.text(t)
			if name == "title" {
				r.feed.Title = plain(text)
			} else {
				r.feed.Language = strings.TrimSpace(text)
			}
			return err
		case name == "feed":
			r.feed.Language = attr(t, "lang")
		case name == "image" || name == "textinput" || name == "author":
			return r.decoder.Skip()
		}
		r.path = append(r.path, name)
	case xml.EndElement:
		if len(r.path) > 0 {
			r.path = r.path[:len(r.path)-1]
		}
		name := strings.ToLower(t.Name.Local)
		if (name == "item" || name == "entry") && r.item != nil {
			if len(r.feed.Items) >= maxItems {
				return ErrItems
			}
			r.feed.Items = append(r.feed.Items, *r.item)
			r.item = nil
		}
	}
	return nil
}

// maxAuthors bounds the authors of an item, in bytes. When they reach it, no further one is read.
const maxAuthors = 1000

// field reads an element of an item.
func (r *reader) field(name string, e xml.StartElement) error {
	i := r.item
	if name == "link" && attr(e, "href") != "" {
		if rel := attr(e, "rel"); i.Link == "" && (rel == "" || rel == "alternate") {
			i.Link = attr(e, "href")
		}
		return r.decoder.Skip()
	}
	inMedia := strings.Contains(e.Name.Space, "mrss") || e.Name.Space == "media"
	if inMedia || name == "source" || name == "enclosure" {
		return r.decoder.Skip()
	}
	text, err := r.text(e)
	if err != nil {
		return err
	}
	short := strings.TrimSpace(text)
	set := func(field *string) {
		if *field == "" {
			*field = short
		}
	}
	switch name {
	case "title":
		i.Title = plain(text)
	case "link":
		set(&i.Link)
	case "guid", "id":
		set(&i.ID)
	case "pubdate", "published", "issued", "created", "date":
		set(&i.Published)
	case "updated", "modified":
		set(&i.Updated)
	case "author", "creator":
		if len(i.Author) < maxAuthors {
			i.Author = strings.Trim(i.Author+", "+plain(text), ", ")
		}
	case "description", "encoded", "content", "summary", "body", "fulltext":
		kind := attr(e, "type")
		if len(short) > len(i.Body) && (kind == "" || strings.Contains(kind, "html") || strings.HasPrefix(kind, "text")) {
			i.Body, i.HTML = short, kind != "text" && kind != "text/plain"
		}
	}
	return nil
}

// text returns the text of an element. Elements inside it, such as XHTML in Atom, are
// written out again.
func (r *reader) text(e xml.StartElement) (string, error) {
	var out strings.Builder
	inline := attr(e, "type") == "xhtml" || e.Name.Local == "body"
	for depth := 1; depth > 0; {
		token, err := r.decoder.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return "", fmt.Errorf("has elements more than %d deep", maxDepth)
			}
			if inline {
				out.WriteString("<" + t.Name.Local + ">")
			}
			if t.Name.Local == "email" || t.Name.Local == "uri" { // parts of an author besides the name
				if err := r.decoder.Skip(); err != nil {
					return "", err
				}
				depth--
			}
		case xml.EndElement:
			if depth--; inline && depth > 0 {
				out.WriteString("</" + t.Name.Local + ">")
			}
		case xml.CharData:
			if inline {
				out.WriteString(html.EscapeString(string(t)))
			} else {
				out.Write(t)
			}
		}
	}
	return out.String(), nil
}

// plain returns text without markup, if it is HTML.
func plain(text string) string {
	if !strings.ContainsAny(text, "<&") {
		return strings.Join(strings.Fields(text), " ")
	}
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(out.String()), " ")
		case html.TextToken:
			out.Write(z.Text())
		}
	}
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
