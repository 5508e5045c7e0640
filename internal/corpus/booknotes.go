package corpus

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// keepNotes makes the notes of a book, which are asides, a part of its text. It puts brackets
// around the marks that stand for them, and the marks before the notes. Links back from the notes
// are left out.
func keepNotes(root *html.Node) {
	marks := map[string]string{} // by the id of the note
	var links []*html.Node
	for n := range root.Descendants() {
		if n.DataAtom == atom.A && strings.Contains(attr(n, "href"), "#") {
			links = append(links, n)
		}
	}
	raised := map[*html.Node]string{} // the texts of elements in superscript
	for _, n := range links {
		if !isNoteMark(n, raised) {
			dropArrow(n)
			continue
		}
		mark := "[" + strings.Trim(strings.TrimSpace(textOf(n)), "[]()") + "]"
		setText(n, mark)
		_, id, _ := strings.Cut(attr(n, "href"), "#")
		marks[id] = mark
	}
	for n := range root.Descendants() {
		if kind := semanticsOf(n); n.DataAtom != atom.Aside || !strings.Contains(kind, "note") {
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

// semanticsOf returns what a book says of an element.
func semanticsOf(n *html.Node) string { return attr(n, "epub:type") + " " + attr(n, "role") }

var (
	noteClassRE = regexp.MustCompile(`(?i)noteref|note-ref|notelink`)
	noteMarkRE  = regexp.MustCompile(`^[\[(]?(?:\d{1,4}|[a-z]|[ivxlc]{1,6}|[*†‡§¶]{1,3})[\])]?$`)
)

// isNoteMark reports whether a link stands for a note: the book says so, or it is a number or a sign
// in superscript. Such a link is taken out of the superscript. raised caches the texts of superscripts,
// since one may hold many links.
func isNoteMark(n *html.Node, raised map[*html.Node]string) bool {
	if strings.Contains(semanticsOf(n), "noteref") {
		return true
	}
	text := strings.TrimSpace(textOf(n))
	if !noteMarkRE.MatchString(text) {
		return false
	}
	above := n.Parent
	if above.DataAtom == atom.Sup && isAll(text, above, raised) {
		for above.FirstChild != nil {
			above.RemoveChild(above.FirstChild)
		}
		above.AppendChild(n)
		above.Data, above.DataAtom = "span", atom.Span
		return true
	}
	return noteClassRE.MatchString(attr(n, "class")) || find(n, atom.Sup) != nil
}

// isAll reports whether text is the whole text of an element in superscript.
func isAll(text string, above *html.Node, raised map[*html.Node]string) bool {
	if _, met := raised[above]; !met {
		raised[above] = strings.Trim(strings.TrimSpace(textOf(above)), "[]()")
	}
	return raised[above] == strings.Trim(text, "[]()")
}

// dropArrow removes an arrow that links back to the text, alone or beside a number: "↩︎", "←1".
func dropArrow(n *html.Node) {
	const arrows, maxLink = "↩↑←⏎⬆⇧↖⤴^\ufe0e\ufe0f \n\t\u00a0", 20 // bytes
	text := textOf(n)
	if len(text) > maxLink || strings.TrimSpace(text) == "" {
		return
	}
	if rest := strings.Trim(text, arrows); rest == "" || rest != strings.TrimSpace(text) && noteMarkRE.MatchString(rest) {
		setText(n, rest)
	}
}

// setText replaces what is in an element with text.
func setText(n *html.Node, text string) {
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
}
