package corpus

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// htmlLines returns the blocks of an element as lines of plain text.
func htmlLines(root *html.Node) []line.Line {
	w := htmlWriter{}
	w.visit(root, "")
	w.flush()
	return w.lines
}

type htmlWriter struct {
	lines []line.Line
	text  strings.Builder
	kind  document.Kind
	level int
	mark  string // number of a list item, written before its text
	// verbatim is set inside <pre>, where line ends are kept.
	verbatim bool
}

// spaceRE matches white space that HTML shows as one space. Ideographic and no-break spaces
// are kept.
var spaceRE = regexp.MustCompile(`[ \t\r\n\f]+`)

var headingLevels = map[atom.Atom]int{atom.H1: 1, atom.H2: 2, atom.H3: 3, atom.H4: 4, atom.H5: 5, atom.H6: 6}

// visit writes n. mark is its number if n is a list item.
func (w *htmlWriter) visit(n *html.Node, mark string) {
	switch n.Type {
	case html.TextNode:
		if w.verbatim {
			w.text.WriteString(n.Data)
		} else {
			w.text.WriteString(spaceRE.ReplaceAllString(n.Data, " "))
		}
		return
	case html.CommentNode, html.DoctypeNode:
		return
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Nav, atom.Aside, atom.Footer, atom.Form, atom.Button, atom.Iframe, atom.Svg, atom.Head, atom.Template, atom.Select, atom.Textarea:
		return
	case atom.Br:
		w.text.WriteByte('\n')
		return
	}
	if inlineElements[n.DataAtom] {
		w.children(n)
		return
	}
	w.flush()
	outer, level, verbatim := w.kind, w.level, w.verbatim
	w.verbatim = verbatim || n.DataAtom == atom.Pre
	switch {
	case headingLevels[n.DataAtom] > 0:
		w.kind, w.level = document.KindHeading, headingLevels[n.DataAtom]
	case n.DataAtom == atom.Figcaption || strings.Contains(strings.ToLower(attr(n, "class")), "caption"):
		w.kind = document.KindCaption
	}
	if mark != "" {
		w.mark = mark
	}
	w.children(n)
	w.flush()
	w.kind, w.level, w.verbatim = outer, level, verbatim
}

var inlineElements = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Bdi: true, atom.Bdo: true, atom.Cite: true, atom.Code: true, atom.Data: true, atom.Dfn: true, atom.Em: true, atom.Font: true, atom.I: true, atom.Img: true, atom.Kbd: true, atom.Label: true,
	atom.Mark: true, atom.Q: true, atom.S: true, atom.Samp: true, atom.Small: true, atom.Span: true, atom.Strong: true, atom.Sub: true, atom.Sup: true, atom.Time: true, atom.U: true, atom.Var: true, atom.Wbr: true, atom.Big: true,
}

// children writes the children of n. The items of ordered lists get their numbers.
func (w *htmlWriter) children(n *html.Node) {
	number := 1
	if start, err := strconv.Atoi(attr(n, "start")); err == nil {
		number = start
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		mark := ""
		if n.DataAtom == atom.Ol && c.DataAtom == atom.Li {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		w.visit(c, mark)
	}
}

// flush ends a block. A <br> inside it starts a new line.
func (w *htmlWriter) flush() {
	text := decode.Normalize(w.text.String())
	w.text.Reset()
	for _, l := range line.Scan(strings.Trim(text, "\n")) {
		l.Gap = max(l.Gap, 1)
		l.Indent = false
		l.Kind, l.Level = w.kind, w.level
		if !prose.Numbered(l.Text) {
			l.Text = w.mark + l.Text
		}
		w.mark = ""
		w.lines = append(w.lines, l)
	}
}
