package corpus

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/line"
)

// maxPruned is the maximum share of a page's text that an element may hold if it is left
// out because of its name. Some pages give the element around everything a name that fits
// only a part of it.
const maxPruned = 0.4

// maxProse is the maximum share of a page's prose that such an element may hold. Pages with long lists of
// links have little text that is prose.
const maxProse = 0.6

// maxMeta is the maximum length in bytes of an element around a text that may give its date
// and publisher.
const maxMeta = 400

// maxFrame is the maximum share of a page's prose that an element may hold if it is left
// out as a part of the page around the text.
const maxFrame = 0.2

// prune removes elements of a page that are hidden, or whose names say that they hold no
// text of its document. It returns the lines of removed elements that may date the text.
func prune(root *html.Node, extents extents) (around []line.Line) {
	whole := extents[root]
	main := aroundArticle(root)
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		for c := n.FirstChild; c != nil; {
			next := c.NextSibling
			own := extents[c]
			if c.DataAtom == atom.Form && own.prose > int(maxFrame*float64(whole.prose)) {
				c.Data, c.DataAtom = "div", atom.Div // programs put whole pages into forms
			}
			small := own.text <= int(maxPruned*float64(whole.text)) && !extents.holdMost(root, c)
			fringe := own.prose <= int(maxFrame*float64(whole.prose))
			switch kind := kindOf(c); {
			case kind == ownText || kind != window && !small || kind == frame && !fringe || !mayPrune(c) || main[c]:
				visit(c)
			default:
				if kind == frame && own.text <= maxMeta {
					around = append(around, htmlLines(c)...)
				}
				n.RemoveChild(c)
			}
			c = next
		}
	}
	visit(root)
	return around
}

// aroundArticle returns the elements around the <article> of a page, if there is only one and it has text.
// They are kept even if they are named for their place on the page, as columns often are.
func aroundArticle(root *html.Node) map[*html.Node]bool {
	var only *html.Node
	for n := range root.Descendants() {
		if n.DataAtom == atom.Article && only != nil {
			return nil
		}
		if n.DataAtom == atom.Article {
			only = n
		}
	}
	around := map[*html.Node]bool{}
	for n := only; n != nil; n = n.Parent {
		if n.DataAtom == atom.Aside || n.DataAtom == atom.Footer || isHidden(n) {
			return nil
		}
		around[n] = true
	}
	return around
}

// kind is what an element holds, as its names and attributes say.
type kind int

const (
	ownText kind = iota
	hidden       // what a page does not show
	aside        // other texts than that of the page
	frame        // a part of the page around its text
	window       // a notice or a question over the page
)

// kindOf returns what n holds.
func kindOf(n *html.Node) kind {
	if n.Type != html.ElementNode {
		return ownText
	}
	names := namesOf(n)
	switch {
	case n.DataAtom == atom.Dialog, furniture.CoversPage(names):
		return window
	case isHidden(n):
		return hidden
	case isAside(n, names):
		return aside
	case furniture.SurroundsText(names):
		return frame
	}
	return ownText
}

// extent is how much text an element has.
type extent struct {
	text  int // bytes of all text
	prose int // bytes of the pieces of at least minPiece bytes that are not in links
}

// minPiece is the minimum length in bytes of a piece of text that counts as prose.
const minPiece = 60

// extents has the extent of each element of a page.
type extents map[*html.Node]extent

// extentsOf returns the extents of root and what is below it.
func extentsOf(root *html.Node) extents {
	all := extents{}
	measure(root, all)
	return all
}

// holdMost reports whether n holds most of the prose of root.
func (e extents) holdMost(root, n *html.Node) bool {
	return e[n].prose > int(maxProse*float64(e[root].prose))
}

// measure returns the extent of n. It records that of each element in extents.
func measure(n *html.Node, extents extents) extent {
	if n.Type == html.TextNode {
		size := len(strings.TrimSpace(n.Data))
		if size < minPiece {
			return extent{text: size}
		}
		return extent{size, size}
	}
	var whole extent
	if leftOut[n.DataAtom] && n.DataAtom != atom.Form {
		return whole
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		own := measure(c, extents)
		whole.text += own.text
		whole.prose += own.prose
	}
	if n.DataAtom == atom.A {
		whole.prose = 0
	}
	extents[n] = whole
	return whole
}

// mayPrune reports whether n may be left out. It returns false for basic elements of a page
// or a table, and for elements with a heading of the first level.
func mayPrune(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Html, atom.Head, atom.Body, atom.Main, atom.H1, atom.Table, atom.Tbody, atom.Tr:
		return false
	}
	return find(n, atom.H1) == nil
}

// isHidden reports whether a page does not show n.
func isHidden(n *html.Node) bool {
	style := strings.ReplaceAll(strings.ToLower(attr(n, "style")), " ", "")
	return attrSet(n, "hidden") || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// isAside reports whether n holds other texts than that of its page: it is an <aside>, or
// it is named so and has a link or a heading.
func isAside(n *html.Node, names string) bool {
	return n.DataAtom == atom.Aside || furniture.HoldsOtherTexts(names) && hasAny(n, asideParts)
}

var (
	asideParts = atoms(atom.A, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)
	headings   = atoms(atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)
)

// hasAny reports whether one of the elements is below n.
func hasAny(n *html.Node, elements map[atom.Atom]bool) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if elements[c.DataAtom] || hasAny(c, elements) {
			return true
		}
	}
	return false
}

func namesOf(n *html.Node) string {
	class, id, role := attr(n, "class"), attr(n, "id"), attr(n, "role")
	if class == "" && id == "" && role == "" {
		return ""
	}
	return furniture.ElementNames(class, id, role)
}
