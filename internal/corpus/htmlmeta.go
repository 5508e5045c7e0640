package corpus

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

// pageFacts is what the elements of a page say about it.
type pageFacts struct {
	root     *html.Node
	extents  extents
	values   map[string]string // by lower-case key; the first value of a key counts
	headings []string          // of the first level
	works    []work            // of linked data
	site     string            // name of the site in linked data
	near     nearDates
	titleKey string // of the titles in the head
	// changed is when the page says that it was last changed.
	changed *datetime.Moment
	// scripted is the date in the data of scripts, and scriptedOthers whether there are others.
	scripted       *datetime.Moment
	scriptedOthers bool
}

// readFacts reads what the elements of a page say about it.
func readFacts(root *html.Node, extents extents) pageFacts {
	f := pageFacts{values: map[string]string{}, root: root, extents: extents}
	f.visit(root, place{own: true, shown: true})
	return f
}

// known returns what the facts say about the document of the page.
func (f *pageFacts) known() article.Known {
	w := f.work()
	k := article.Known{
		Source:   f.first("contentsource", "source", "article:source", "dc.source"),
		SiteName: cmp.Or(f.first("og:site_name"), w.publisher, f.publisher(), f.site, f.first("publisher", "sitename", "application-name", "dc.publisher")),
		URI:      f.first("canonical", "og:url"),
	}
	k.Title, k.From.Title.Rule = f.title(w, k)
	k.Published, k.From.Published.Rule = f.published(w)
	// Templates of many sites say English whatever the language of the text.
	if tag := article.LanguageTag(cmp.Or(f.first("lang"), w.language, f.first("og:locale", "content-language"))); tag != "" && tag != "en" {
		k.ClaimedLanguage = tag
		k.From.Language.Rule = "language that the page declares"
	}
	return k
}

// title returns the title of the document without the name of the site, and the place that
// gives it.
func (f *pageFacts) title(w work, k article.Known) (title, place string) {
	place, title = f.place("og:title")
	if title == "" {
		place, title = "linked data", w.headline
	}
	if title == "" {
		place, title = f.place("headline", "articletitle", "dc.title", "twitter:title", "title")
	}
	declared := f.first("og:title", "headline", "articletitle") != "" || w.headline != ""
	if len(f.headings) == 1 && (!declared || strings.Contains(titles.CompareKey(title), titles.CompareKey(f.headings[0]))) {
		place, title = "only heading of the first level", f.headings[0]
	}
	title = prose.Squeeze(decode.Normalize(title))
	return titles.Clean(titles.WithoutSite(title, k.SiteName, siteOf(k.URI), f.first("og:site_name"), w.publisher, f.site)), place
}

// siteOf returns the name of the site in an address: "riverpost" for
// https://www.riverpost.example/gate.
func siteOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	labels := strings.Split(strings.TrimPrefix(host, "www."), ".")
	if len(labels) < 2 {
		return ""
	}
	return labels[0]
}

// work returns the work of the linked data that the page is about. If the page around an article has the
// dates, they are those of the article.
func (f *pageFacts) work() work {
	w := f.mainWork()
	for _, page := range f.works {
		if w.published == "" && !page.article && page.published != "" {
			w.published, w.modified = page.published, cmp.Or(w.modified, page.modified)
		}
	}
	return w
}

// mainWork returns the article that has the title or the address of the page, else the first article if
// there are at most maxWorks, else the page.
func (f *pageFacts) mainWork() work {
	address := f.first("canonical", "og:url")
	shown := append([]string{f.first("og:title"), f.first("title")}, f.headings...)
	var articles []work
	for _, w := range f.works {
		if !w.article {
			continue
		}
		articles = append(articles, w)
		if w.url != "" && w.url == address {
			return w
		}
		for _, title := range shown {
			if key := titles.CompareKey(w.headline); key != "" && strings.Contains(titles.CompareKey(title), key) {
				return w
			}
		}
	}
	if len(articles) > 0 && len(articles) <= maxWorks {
		return articles[0]
	}
	for _, w := range f.works {
		if !w.article && w.published != "" {
			return w
		}
	}
	return work{}
}

// maxWorks is the maximum number of articles in linked data for which the first one is taken
// to be the page's own. If there are more, they are a list of related articles.
const maxWorks = 2

// isArticle reports whether the page says that it is one article.
func (f *pageFacts) isArticle() bool {
	return f.first("og:type") == "article" || f.first("article:published_time") != "" || f.work().article
}

// publisher returns the first publisher that linked data names.
func (f *pageFacts) publisher() string {
	for _, w := range f.works {
		if w.publisher != "" {
			return w.publisher
		}
	}
	return ""
}

// first returns the value of the first of the keys that has one.
func (f *pageFacts) first(keys ...string) string {
	_, value := f.place(keys...)
	return value
}

// place is like first, and also returns the key.
func (f *pageFacts) place(keys ...string) (key, value string) {
	for _, key := range keys {
		if v := strings.TrimSpace(f.values[key]); v != "" {
			return key, v
		}
	}
	return "", ""
}

// shown returns the beginnings of the values of some keys, each on a line.
func (f *pageFacts) shown(keys ...string) string {
	var out strings.Builder
	for _, key := range keys {
		value := f.values[key]
		out.WriteString(strings.ToValidUTF8(value[:min(len(value), maxShownTitle)], "") + "\n")
	}
	return out.String()
}

func (f *pageFacts) set(key, value string) {
	if key = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(key)), "schema:"); key != "" && f.values[key] == "" {
		f.values[key] = value
	}
}

// place is where an element of a page is.
type place struct {
	own     bool // not in an element that belongs to another text, such as a teaser or a comment
	shown   bool // also not in one that is not part of the text, such as navigation
	heading bool // in a heading of the first level, or in one that repeats the title of the page
}

// visit reads n and what is below it.
func (f *pageFacts) visit(n *html.Node, at place) {
	at.own = at.own && (kindOf(n) != aside || !mayPrune(n) || tellsOfText(n) || f.extents.holdMost(f.root, n))
	at.shown = at.shown && at.own && (n.DataAtom == atom.Form || !leftOut[n.DataAtom] || n.DataAtom == atom.Aside)
	if titled := f.repeatsTitle(n, at.shown); titled > 0 || n.DataAtom == atom.H1 {
		at.heading = true
		f.begin(titled)
	}
	if n.Type == html.TextNode && at.shown {
		f.readNear(n.Data, at.heading)
	}
	f.readChange(n)
	f.read(n, at.own)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		f.visit(c, at)
	}
}

// read records what an element says about its page.
func (f *pageFacts) read(n *html.Node, own bool) {
	switch n.DataAtom {
	case atom.Html:
		f.set("lang", attr(n, "lang"))
	case atom.Title:
		f.set("title", textOf(n))
	case atom.Meta:
		for _, key := range []string{"property", "name", "itemprop", "http-equiv"} {
			f.set(attr(n, key), attr(n, "content"))
		}
	case atom.Link:
		if attr(n, "rel") == "canonical" {
			f.set("canonical", attr(n, "href"))
		}
	case atom.H1:
		if heading := prose.Squeeze(decode.Normalize(baseText(n, maxShownTitle))); heading != "" {
			f.headings = append(f.headings, heading)
		}
	case atom.Script:
		if kind, _, _ := strings.Cut(strings.ToLower(attr(n, "type")), ";"); strings.TrimSpace(kind) == "application/ld+json" {
			works, site := linkedWorks(textOf(n))
			f.works, f.site = append(f.works, works...), cmp.Or(f.site, site)
		} else {
			f.fromScript(textOf(n), own)
		}
	default:
		if own {
			f.readTime(n)
		}
	}
}

// readTime takes the time that an element of the text names.
func (f *pageFacts) readTime(n *html.Node) {
	at := cmp.Or(attr(n, "datetime"), attr(n, "content"))
	if n.DataAtom == atom.Time && at == "" {
		at = textUpTo(n, maxShownTime)
	}
	if n.DataAtom == atom.Abbr {
		at = cmp.Or(at, attr(n, "title"))
	}
	if key := cmp.Or(attr(n, "itemprop"), attr(n, "property")); key != "" {
		f.set(key, at)
	}
	if n.DataAtom != atom.Time {
		f.readShownDate(n, at)
		return
	}
	class := strings.ToLower(attr(n, "class") + " " + attr(n, "itemprop"))
	if attrSet(n, "pubdate") || strings.Contains(class, "publi") || strings.Contains(class, "entry-date") {
		f.set("time published", at)
	}
	if f.near.begun && f.near.passed <= maxBelow && !furniture.ShowsChange(furniture.ElementNames(class)) {
		f.set(timeBelow, at)
	}
	f.set("time", at)
}

const (
	maxShownTitle = 2000 // bytes of a heading that may be the title of a page
	maxShownTime  = 1000 // bytes of an element that gives a time
	maxShownDate  = 80   // maximum length in bytes of an element that is named for a date
)

// readShownDate takes the date in an element whose class says that it shows one. A date
// below the heading of the page counts more than one above it, which may be today's.
func (f *pageFacts) readShownDate(n *html.Node, at string) {
	class := attr(n, "class")
	if class == "" || f.values[f.nearKey()] != "" || !furniture.ShowsDate(furniture.ElementNames(class)) {
		return
	}
	if at = cmp.Or(at, textUpTo(n, maxShownDate+utf8.UTFMax)); len(at) <= maxShownDate && len(datetime.FindInField(at)) > 0 {
		f.set(f.nearKey(), at)
	}
}

// nearKey returns the key of a date that the page shows here, above or below its heading.
func (f *pageFacts) nearKey() string {
	if f.near.begun {
		return dateBelow
	}
	return dateAbove
}

func attrSet(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}
