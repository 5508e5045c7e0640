package corpus

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// keepNotes makes the notes of a book, which are asides, a part of its text. It puts brackets
// around the marks that stand for them, and the marks before the notes.
func keepNotes(root *html.Node) {
	marks := map[string]string{} // by the id of the note
	for n := range root.Descendants() {
		if kind := attr(n, "epub:type") + " " + attr(n, "role"); n.DataAtom != atom.A || !strings.Contains(kind, "noteref") {
			continue
		}
		mark := "[" + strings.Trim(strings.TrimSpace(textOf(n)), "[]()") + "]"
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
		n.AppendChild(&html.Node{Type: html.TextNode, Data: mark})
		if _, id, ok := strings.Cut(attr(n, "href"), "#"); ok {
			marks[id] = mark
		}
	}
	for n := range root.Descendants() {
		if kind := attr(n, "epub:type") + " " + attr(n, "role"); n.DataAtom != atom.Aside || !strings.Contains(kind, "note") {
			continue
		}
		n.Data, n.DataAtom = "div", atom.Div
		if mark := marks[attr(n, "id")]; mark != "" && !strings.HasPrefix(strings.TrimLeft(firstText(n), "[("), strings.Trim(mark, "[]")) {
			first := n
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				if c.DataAtom == atom.P || c.DataAtom == atom.Div {
					first = c
					break
				}
			}
			first.InsertBefore(&html.Node{Type: html.TextNode, Data: mark + " "}, first.FirstChild)
		}
	}
}
