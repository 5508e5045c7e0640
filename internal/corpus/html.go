package corpus

import (
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
	"github.com/accord-search/accord/internal/document"
)

// minArticle is the minimum width of the text of an <article> that is a document of its
// own, if a page has several. A shorter one is a teaser.
const minArticle = 200

// readHTML reads the article or articles of a page.
func readHTML(name string, data []byte, text string) (File, error) {
	root, err := html.Parse(strings.NewReader(decode.Mend(decode.WithDeclaredCharset(data, text))))
	if err != nil {
		return File{}, err
	}
	if articles := severalArticles(root); len(articles) > 1 {
		return readArticles(name, root, articles), nil
	}
	return readPage(name, root), nil
}

// readArticles reads a page with several documents.
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

// readPage reads a page with one document, or with several below each other.
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

// addFromPage adds the date and the publisher if the page shows them outside of the
// article, since article extraction drops them.
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
		case l.Class == line.Field && l.Field.Key == header.Source && k.Source == "":
			k.Source = l.Field.Value
		}
	}
}

// severalArticles returns the <article> elements that have a heading and a text of some
// length. If a page has more than one, each is a document.
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
