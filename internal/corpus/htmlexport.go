package corpus

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	// commentMarkRE matches where a mark in the text leads to a comment, and commentBackRE where the
	// comment leads back.
	commentMarkRE = regexp.MustCompile(`^#cmnt\d+$`)
	commentBackRE = regexp.MustCompile(`^#cmnt_ref\d+$`)
)

// tidyExport prepares a page that Google Docs has exported. It marks the title, which is a paragraph
// with a class, and removes the comments of editors and their marks in the text. In its other formats
// they are not part of the text either.
func tidyExport(root *html.Node) {
	var drop []*html.Node
	isExport := false
	for n := range root.Descendants() {
		switch n.DataAtom {
		case atom.Body:
			isExport = isExport || hasClass(n, "doc-content")
		case atom.P:
			if isExport && hasClass(n, "title") {
				n.Attr = append(n.Attr, html.Attribute{Key: "itemprop", Val: "headline"}, html.Attribute{Key: "content", Val: textUpTo(n, maxShownTitle)})
			}
		case atom.A:
			if c := commentOf(n); c != nil {
				drop = append(drop, c)
			}
		}
	}
	for _, n := range drop {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
}

// commentOf returns the mark of a comment, or the comment that begins with a link back, or nil.
func commentOf(link *html.Node) *html.Node {
	href := attr(link, "href")
	if commentMarkRE.MatchString(href) {
		return link
	}
	if row := link.Parent; commentBackRE.MatchString(href) && link.PrevSibling == nil && row.PrevSibling == nil {
		if box := row.Parent; box != nil && box.DataAtom == atom.Div {
			return box
		}
	}
	return nil
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}
