package corpus

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
)

// minArticle is the length in columns from which an <article> among several is
// a document of its own, not the teaser of one.
const minArticle = 200

// readHTML reads the article, or the several articles, of a page.
func readHTML(name string, data []byte, text string) (File, error) {
	if !utf8.Valid(data) {
		if declared, _, certain := charset.DetermineEncoding(data, ""); certain && utf16Order(data) == nil {
			if decoded, err := declared.NewDecoder().Bytes(data); err == nil {
				text = string(decoded)
			}
		}
	}
	text = mend(text)
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return File{}, err
	}
	if articles := severalArticles(root); len(articles) > 1 {
		return readArticles(name, root, articles), nil
	}
	return readPage(name, root), nil
}

// readArticles reads a page of several documents.
func readArticles(name string, root *html.Node, articles []*html.Node) File {
	page := pageMeta(root)
	var parts []part
	for _, article := range articles {
		lines := prepare(htmlLines(article))
		if p := newPart(lines, known{siteName: page.siteName, claimed: page.claimed}); p.hasText() {
			parts = append(parts, p)
		}
	}
	return assemble(name, parts)
}

// readPage reads a page of one document, or of several run together.
func readPage(name string, root *html.Node) File {
	k := pageMeta(root)
	whole := prepare(htmlLines(root))
	lines := whole
	if article, err := readability.FromDocument(clone(root), nil); err == nil && article.Node != nil {
		if found := prepare(htmlLines(article.Node)); proseWidth(found)*2 > proseWidth(whole) {
			lines = found
		}
	}
	k.fromPage(whole)
	var parts []part
	for i, own := range split(lines) {
		if i > 0 {
			k = known{siteName: k.siteName, claimed: k.claimed}
		}
		if p := newPart(dropTitle(own, k.title), k); p.hasText() {
			parts = append(parts, p)
		}
	}
	return assemble(name, parts)
}

func prepare(lines []line) []line {
	var text strings.Builder
	for i := range lines {
		text.WriteString(lines[i].text + "\n")
	}
	return classify(spread(lines), writesDayFirst(text.String()))
}

func proseWidth(lines []line) int {
	n := 0
	for _, l := range lines {
		if l.class == classProse || l.class == classDateline {
			n += width(l.text)
		}
	}
	return n
}

// dropTitle removes the heading that shows the title of the page.
func dropTitle(lines []line, title string) []line {
	for i, l := range lines {
		if title != "" && l.class == classTitle && sameTitle(cleanTitle(l.text), title) {
			return append(append([]line{}, lines[:i]...), lines[i+1:]...)
		}
		if !l.headable() {
			break
		}
	}
	return lines
}

// fromPage adds what the visible page says beside its article: the date line
// and the publisher that article extraction leaves out.
func (k *known) fromPage(lines []line) {
	for _, l := range lines {
		switch {
		case l.class == classStamp:
			if m := &l.stamp.moments[0]; !l.stamp.updated && (k.published == nil || k.published.refinedBy(*m)) {
				k.published = m
			}
			if k.source == "" {
				k.source = l.stamp.source
			}
		case l.class == classField && l.field.name == fieldSource && k.source == "":
			k.source = l.field.value
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

func hasHeading(lines []line) bool {
	for _, l := range lines {
		if l.kind == document.KindHeading {
			return true
		}
	}
	return false
}

// pageMeta reads what the head of a page says of its document.
func pageMeta(root *html.Node) known {
	m := metaReader{values: map[string]string{}}
	m.visit(root)
	k := known{
		title:    m.first("og:title", "headline", "articletitle", "dc.title", "twitter:title", "title"),
		source:   m.first("contentsource", "source", "article:source", "dc.source"),
		siteName: m.first("og:site_name", "publisher", "sitename", "application-name"),
		uri:      m.first("canonical", "og:url"),
	}
	if len(m.headings) == 1 && (k.title == "" || strings.Contains(bareTitle(k.title), bareTitle(m.headings[0])) || m.first("og:title", "headline", "articletitle") == "") {
		k.title = m.headings[0]
	}
	k.title = cleanTitle(squeeze(normalize(k.title)))
	for _, key := range []string{"article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "og:published_time", "dc.date", "dc.date.issued", "dcterms.date", "date", "sailthru.date", "time"} {
		if moments := fieldMoments(m.values[key]); len(moments) > 0 {
			k.published = &moments[0]
			break
		}
	}
	// English is what the templates of many sites say whatever the language.
	if tag := languageTag(m.first("lang", "og:locale", "content-language")); tag != "" && tag != "en" {
		k.claimed = tag
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
		if heading := squeeze(normalize(textOf(n))); heading != "" {
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

// languageOf returns the language that a page claims, unless its text is
// plainly written in another script.
func languageOf(claimed, text string) string {
	detected := language.Detect(text)
	if claimed == "" || detected == "zh" || detected == "ja" || detected == "ko" {
		return detected
	}
	return claimed
}
