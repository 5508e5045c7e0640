package corpus

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/document"
)

// minArticle is the minimum width in columns of the text of an <article> among several. A
// shorter one is a teaser, not a document.
const minArticle = 200

// readHTML reads a page as one document, or as several if it lists whole articles.
func readHTML(name string, data []byte, text string) (File, error) {
	root, err := parseHTML(decode.WithDeclaredCharset(data, text))
	if err != nil {
		return File{}, err
	}
	tidyExport(root)
	extents := extentsOf(root)
	facts := readFacts(root, extents)
	around := prune(root, extents)
	if items := wholeItems(root, &facts); len(items) > 1 {
		return readItems(name, &facts, items)
	}
	return readPage(name, root, &facts, around)
}

// parseHTML parses a page, or a piece of one.
func parseHTML(text string) (*html.Node, error) {
	if strings.Count(text, "<") > maxTags {
		return nil, ErrLines
	}
	if tooManyRoots(text) {
		return nil, ErrRoots
	}
	root, err := html.Parse(strings.NewReader(decode.Mend(text)))
	if err != nil {
		return nil, fmt.Errorf("cannot be read as HTML: %w; convert it to text", err)
	}
	return root, nil
}

// ErrRoots is the error for a page that begins again and again.
var ErrRoots = errors.New("has too many <html> and <body> tags with attributes; split it into pages")

// tooManyRoots reports whether text has many <html> and <body> tags with many different attributes.
// For each of them, the parser compares all attributes that it has met so far.
func tooManyRoots(text string) bool {
	const maxLooks = 1 << 26 // bytes that the parser compares in some seconds
	tags, size := 0, 0
	seen := map[string]bool{}
	for {
		at := strings.IndexByte(text, '<')
		if at < 0 {
			return tags*size > maxLooks
		}
		text = text[at+1:]
		if len(text) < 5 || !strings.EqualFold(text[:4], "html") && !strings.EqualFold(text[:4], "body") {
			continue
		}
		tag, _, _ := strings.Cut(text, ">")
		if tags++; !seen[tag] {
			seen[tag] = true
			size += len(tag)
		}
	}
}

// readItems reads a page that lists several documents.
func readItems(name string, facts *pageFacts, items []*html.Node) (File, error) {
	page := facts.known()
	var articles []article.Article
	for _, item := range items {
		if a, ok := article.ReadOne(prepare(htmlLines(item)), page.Shared()); ok {
			articles = append(articles, a)
		}
	}
	return assemble(name, articles)
}

// readPage reads a page of one document. around has the lines of removed elements that may
// give its date.
func readPage(name string, root *html.Node, facts *pageFacts, around []line.Line) (File, error) {
	k := facts.known()
	whole := prepare(htmlLines(root))
	lines := fuller(mainLines(root, whole), textElsewhere(root, facts))
	addFromPage(&k, append(prepare(around), whole...))
	k.TitleShown = true
	a, ok := article.ReadOne(lines, k)
	if !ok {
		return File{}, ErrNoText
	}
	file, err := assemble(name, []article.Article{a})
	if err == nil {
		facts.setWeakDate(&file)
	}
	return file, err
}

func prepare(lines []line.Line) []line.Line {
	var text strings.Builder
	for i := range lines {
		text.WriteString(lines[i].Text + "\n")
	}
	return line.Prepare(lines, datetime.StyleOf(text.String()))
}

// addFromPage adds the date and the publisher if the page shows them outside of the
// article, since article extraction drops them.
func addFromPage(k *article.Known, lines []line.Line) {
	for _, l := range lines {
		switch {
		case l.Class == line.Stamp:
			m := &l.Stamp.Moments[0]
			if k.Published != nil {
				*k.Published = resolved(*k.Published, l.Stamp.Moments)
			}
			if !l.Stamp.Updated && (k.Published == nil || k.Published.RefinedBy(*m)) {
				k.Published, k.From.Published = m, article.Origin{Rule: "line of the page with the date", Line: l.Text}
			}
			if k.Source == "" {
				k.Source = l.Stamp.Source
			}
		case l.Class == line.Field && l.Field.Key == header.Source && k.Source == "":
			k.Source = l.Field.Value
		}
	}
}

// wholeItems returns the <article> elements of a page that plainly lists several
// documents: each has a heading, a date and a text of some length, and the page does
// not say that it is one article.
func wholeItems(root *html.Node, facts *pageFacts) []*html.Node {
	if facts.isArticle() {
		return nil
	}
	var found []*html.Node
	whole := true
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		if n.DataAtom == atom.Article {
			lines := prepare(htmlLines(n))
			if proseWidth(lines) >= minArticle && hasHeading(lines) {
				found = append(found, n)
				whole = whole && find(n, atom.H1) == nil && slices.ContainsFunc(lines, line.Line.Dated)
			}
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	if !whole {
		return nil
	}
	return found
}

func hasHeading(lines []line.Line) bool {
	return slices.ContainsFunc(lines, func(l line.Line) bool { return l.Kind == document.KindHeading })
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// textOf returns the text in n.
func textOf(n *html.Node) string { return textUpTo(n, math.MaxInt) }

// textUpTo returns the text in n, or the first limit bytes of it. The limit keeps a long text from
// being copied for each of many elements around it.
func textUpTo(n *html.Node, limit int) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for inner := range n.Descendants() {
		if inner.Type != html.TextNode {
			continue
		}
		if left := limit - out.Len(); len(inner.Data) > left {
			out.WriteString(strings.ToValidUTF8(inner.Data[:left], ""))
			break
		}
		out.WriteString(inner.Data)
	}
	return out.String()
}

// baseText is like textUpTo, without the readings of ruby.
func baseText(n *html.Node, limit int) string {
	if find(n, atom.Rt) == nil {
		return textUpTo(n, limit)
	}
	var out strings.Builder
	for c := n.FirstChild; c != nil && out.Len() < limit; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Rt, atom.Rp, atom.Rtc:
		default:
			out.WriteString(baseText(c, limit-out.Len()))
		}
	}
	return out.String()
}

// clone returns a copy of n in which very long headings are ordinary elements, since readability
// takes long to compare them with the title.
func clone(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: append([]html.Attribute(nil), n.Attr...)}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.AppendChild(clone(child))
	}
	if headingLevels[n.DataAtom] > 0 && len(textUpTo(n, maxShownTitle+utf8.UTFMax)) > maxShownTitle {
		c.Data, c.DataAtom = "div", atom.Div
	}
	return c
}
