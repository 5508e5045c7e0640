package corpus

import (
	"encoding/json"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

// publishKeys are the keys of the publish time in the head of a page, best first.
var publishKeys = []string{
	"article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "og:published_time",
	"dc.date", "dc.date.issued", "dcterms.date", "date", "sailthru.date", "time",
}

// pageMeta returns what the elements of a page say about its document.
func pageMeta(root *html.Node) article.Known {
	m := metaReader{values: map[string]string{}}
	m.visit(root)
	k := article.Known{
		Title:    m.first("og:title", "headline", "articletitle", "dc.title", "twitter:title", "title"),
		Source:   m.first("contentsource", "source", "article:source", "dc.source"),
		SiteName: m.first("og:site_name", "publisher", "sitename", "application-name"),
		URI:      m.first("canonical", "og:url"),
	}
	if len(m.headings) == 1 && (k.Title == "" || strings.Contains(titles.CompareKey(k.Title), titles.CompareKey(m.headings[0])) || m.first("og:title", "headline", "articletitle") == "") {
		k.Title = m.headings[0]
	}
	k.Title = titles.Clean(prose.Squeeze(decode.Normalize(k.Title)))
	for _, key := range publishKeys {
		if moments := datetime.FindInField(m.values[key]); len(moments) > 0 {
			k.Published = &moments[0]
			break
		}
	}
	// Templates of many sites say English whatever the language of the text.
	if tag := article.LanguageTag(m.first("lang", "og:locale", "content-language")); tag != "" && tag != "en" {
		k.ClaimedLanguage = tag
	}
	return k
}

// metaReader collects what elements say about their page, by lower-case key. For each key
// the first value counts.
type metaReader struct {
	values   map[string]string
	headings []string // headings of the first level
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

// visit reads n and its descendants.
func (m *metaReader) visit(n *html.Node) {
	m.read(n)
	if key := attr(n, "itemprop"); key != "" && n.DataAtom != atom.Meta {
		m.set(key, attr(n, "datetime"))
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.visit(c)
	}
}

// read records what an element says about its page.
func (m *metaReader) read(n *html.Node) {
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
		var value any
		if attr(n, "type") == "application/ld+json" && json.Unmarshal([]byte(textOf(n)), &value) == nil {
			m.linkedData(value)
		}
	}
}

// linkedData records the fields of schema.org articles.
func (m *metaReader) linkedData(value any) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			m.linkedData(item)
		}
	case map[string]any:
		m.setString("headline", v["headline"])
		m.setString("datePublished", v["datePublished"])
		if publisher, ok := v["publisher"].(map[string]any); ok {
			m.setString("publisher", publisher["name"])
		}
		m.linkedData(v["@graph"])
	}
}

// setString is set for a value that is ignored unless it is a string.
func (m *metaReader) setString(key string, value any) {
	if s, ok := value.(string); ok {
		m.set(key, s)
	}
}
