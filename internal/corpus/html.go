package corpus

import (
	"encoding/json"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

// minArticle is the length in columns from which an <article> among several is
// a document of its own, not the teaser of one.
const minArticle = 200

// readHTML reads the article, or the several articles, of a page.
func readHTML(name string, data []byte, text string) (File, error) {
	root, err := html.Parse(strings.NewReader(decode.Mend(decode.Declared(data, text))))
	if err != nil {
		return File{}, err
	}
	if articles := severalArticles(root); len(articles) > 1 {
		return readArticles(name, root, articles), nil
	}
	return readPage(name, root), nil
}

// readArticles reads a page of several documents.
func readArticles(name string, root *html.Node, elements []*html.Node) File {
	page := pageMeta(root)
	var articles []article.Article
	for _, element := range elements {
		if a, ok := article.ReadOne(prepare(htmlLines(element)), page.Shared()); ok {
			articles = append(articles, a)
		}
	}
	return assemble(name, articles)
}

// readPage reads a page of one document, or of several run together.
func readPage(name string, root *html.Node) File {
	k := pageMeta(root)
	whole := prepare(htmlLines(root))
	lines := whole
	if main, err := readability.FromDocument(clone(root), nil); err == nil && main.Node != nil {
		if found := prepare(htmlLines(main.Node)); proseWidth(found)*2 > proseWidth(whole) {
			lines = found
		}
	}
	addFromPage(&k, whole)
	k.TitleShown = true
	return assemble(name, article.Read(lines, k))
}

func prepare(lines []line.Line) []line.Line {
	var text strings.Builder
	for i := range lines {
		text.WriteString(lines[i].Text + "\n")
	}
	return line.Prepare(lines, datetime.DayFirst(text.String()))
}

func proseWidth(lines []line.Line) int {
	n := 0
	for _, l := range lines {
		if l.Class == line.Prose || l.Class == line.Dateline {
			n += prose.Width(l.Text)
		}
	}
	return n
}

// addFromPage adds what the visible page says beside its article: the date line
// and the publisher that article extraction leaves out.
func addFromPage(k *article.Known, lines []line.Line) {
	for _, l := range lines {
		switch {
		case l.Class == line.Stamp:
			if m := &l.Stamp.Moments[0]; !l.Stamp.Updated && (k.Published == nil || k.Published.RefinedBy(*m)) {
				k.Published = m
			}
			if k.Source == "" {
				k.Source = l.Stamp.Source
			}
		case l.Class == line.Field && l.Field.Name == header.Source && k.Source == "":
			k.Source = l.Field.Value
		}
	}
}

// severalArticles returns the <article> elements of a page that has more than
// one document: each with a heading and a text of some length.
func severalArticles(root *html.Node) []*html.Node {
	var found []*html.Node
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		if n.DataAtom == atom.Article {
			if lines := prepare(htmlLines(n)); proseWidth(lines) >= minArticle && hasHeading(lines) {
				found = append(found, n)
			}
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	return found
}

func hasHeading(lines []line.Line) bool {
	for _, l := range lines {
		if l.Kind == document.KindHeading {
			return true
		}
	}
	return false
}

// pageMeta reads what the head of a page says of its document.
func pageMeta(root *html.Node) article.Known {
	m := metaReader{values: map[string]string{}}
	m.visit(root)
	k := article.Known{
		Title:    m.first("og:title", "headline", "articletitle", "dc.title", "twitter:title", "title"),
		Source:   m.first("contentsource", "source", "article:source", "dc.source"),
		SiteName: m.first("og:site_name", "publisher", "sitename", "application-name"),
		URI:      m.first("canonical", "og:url"),
	}
	if len(m.headings) == 1 && (k.Title == "" || strings.Contains(titles.Bare(k.Title), titles.Bare(m.headings[0])) || m.first("og:title", "headline", "articletitle") == "") {
		k.Title = m.headings[0]
	}
	k.Title = titles.Clean(prose.Squeeze(decode.Normalize(k.Title)))
	for _, key := range []string{"article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "og:published_time", "dc.date", "dc.date.issued", "dcterms.date", "date", "sailthru.date", "time"} {
		if moments := datetime.InValue(m.values[key]); len(moments) > 0 {
			k.Published = &moments[0]
			break
		}
	}
	// English is what the templates of many sites say whatever the language.
	if tag := article.LanguageTag(m.first("lang", "og:locale", "content-language")); tag != "" && tag != "en" {
		k.Claimed = tag
	}
	return k
}

// metaReader collects what elements say about their page, by lower-case key;
// the first of a key counts.
type metaReader struct {
	values   map[string]string
	headings []string // of the first level
}

func (m *metaReader) first(keys ...string) string {
	for _, key := range keys {
		if v := strings.TrimSpace(m.values[key]); v != "" {
			return v
		}
	}
	return ""
}

func (m *metaReader) set(key, value string) {
	if key = strings.ToLower(strings.TrimSpace(key)); key != "" && m.values[key] == "" {
		m.values[key] = value
	}
}

func (m *metaReader) visit(n *html.Node) {
	switch n.DataAtom {
	case atom.Html:
		m.set("lang", attr(n, "lang"))
	case atom.Title:
		m.set("title", textOf(n))
	case atom.Meta:
		for _, key := range []string{"property", "name", "itemprop", "http-equiv"} {
			m.set(attr(n, key), attr(n, "content"))
		}
	case atom.Link:
		if attr(n, "rel") == "canonical" {
			m.set("canonical", attr(n, "href"))
		}
	case atom.Time:
		m.set("time", attr(n, "datetime"))
	case atom.H1:
		if heading := prose.Squeeze(decode.Normalize(textOf(n))); heading != "" {
			m.headings = append(m.headings, heading)
		}
	case atom.Script:
		if attr(n, "type") == "application/ld+json" {
			var value any
			if json.Unmarshal([]byte(textOf(n)), &value) == nil {
				m.linkedData(value)
			}
		}
	}
	if key := attr(n, "itemprop"); key != "" && n.DataAtom != atom.Meta {
		m.set(key, attr(n, "datetime"))
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.visit(c)
	}
}

// linkedData takes the fields of schema.org articles.
func (m *metaReader) linkedData(value any) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			m.linkedData(item)
		}
	case map[string]any:
		for _, key := range []string{"headline", "datePublished"} {
			if s, ok := v[key].(string); ok {
				m.set(key, s)
			}
		}
		if publisher, ok := v["publisher"].(map[string]any); ok {
			if s, ok := publisher["name"].(string); ok {
				m.set("publisher", s)
			}
		}
		m.linkedData(v["@graph"])
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out.WriteString(textOf(c))
	}
	return out.String()
}

func clone(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: append([]html.Attribute(nil), n.Attr...)}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.AppendChild(clone(child))
	}
	return c
}
