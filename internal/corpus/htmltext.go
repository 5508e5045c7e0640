package corpus

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/office"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// htmlLines returns the blocks of an element as lines of plain text.
func htmlLines(root *html.Node) []line.Line {
	w := htmlWriter{linked: map[int]bool{}}
	w.visit(root, "")
	w.flush()
	markLinks(w.lines, w.linked)
	return w.lines
}

// markLinks marks lists of links as furniture: adjacent lines that hold nothing but links.
// linked has the indexes of lines that do.
func markLinks(lines []line.Line, linked map[int]bool) {
	for i := range lines {
		lines[i].Linked = linked[i]
		if linked[i] && (linked[i-1] || linked[i+1]) {
			lines[i].Kind, lines[i].Class, lines[i].Reason = document.KindUnknown, line.Furniture, "list of links"
		}
	}
}

type htmlWriter struct {
	lines []line.Line
	text  strings.Builder
	kind  document.Kind
	level int
	mark  string // number of a list item, written before its text
	// verbatim is set inside <pre>, where line ends are kept.
	verbatim bool
	part     bool // inside an element that is named as a part of the text
	item     bool // inside an item of a list
	links    int  // number of open <a> elements
	// plain is set if the current block has letters outside of links.
	plain bool
	// linked has the indexes of lines whose letters are all inside links.
	linked map[int]bool
}

// spaceRE matches white space that HTML shows as one space. Ideographic and no-break spaces
// are kept.
var spaceRE = regexp.MustCompile(`[ \t\r\n\f]+`)

var headingLevels = map[atom.Atom]int{atom.H1: 1, atom.H2: 2, atom.H3: 3, atom.H4: 4, atom.H5: 5, atom.H6: 6}

// leftOut holds the elements whose content is not part of a page's text. The base text of
// ruby is kept.
var leftOut = atoms(
	atom.Script, atom.Style, atom.Noscript, atom.Nav, atom.Aside, atom.Footer, atom.Form, atom.Button, atom.Iframe, atom.Svg, atom.Head,
	atom.Template, atom.Select, atom.Textarea, atom.Dialog, atom.Audio, atom.Video, atom.Canvas, atom.Object, atom.Rt, atom.Rp, atom.Rtc,
)

var inlineElements = atoms(
	atom.A, atom.Abbr, atom.Acronym, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Cite, atom.Code, atom.Data, atom.Del, atom.Dfn, atom.Em, atom.Font,
	atom.I, atom.Img, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Q, atom.Rb, atom.Ruby, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike,
	atom.Strong, atom.Sub, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr,
)

func atoms(all ...atom.Atom) map[atom.Atom]bool {
	set := map[atom.Atom]bool{}
	for _, a := range all {
		set[a] = true
	}
	return set
}

// visit writes n. mark is its number if n is a list item.
func (w *htmlWriter) visit(n *html.Node, mark string) {
	if n.Type == html.TextNode && w.links == 0 && strings.ContainsFunc(n.Data, unicode.IsLetter) {
		w.plain = true
	}
	if n.DataAtom == atom.A && attr(n, "href") != "" {
		w.links++
		defer func() { w.links-- }()
	}
	switch {
	case n.Type == html.TextNode && w.verbatim:
		w.text.WriteString(n.Data)
	case n.Type == html.TextNode:
		w.text.WriteString(spaceRE.ReplaceAllString(n.Data, " "))
	case n.Type == html.CommentNode, n.Type == html.DoctypeNode, leftOut[n.DataAtom]:
	case n.DataAtom == atom.Br:
		w.text.WriteByte('\n')
	case n.DataAtom == atom.Sup:
		w.text.WriteString(prose.Superscript(strings.TrimSpace(textOf(n))))
	case n.DataAtom == atom.Math:
		w.text.WriteString(mathText(n))
	case inlineElements[n.DataAtom]:
		w.children(n)
	default:
		w.flush()
		w.block(n, mark)
		w.flush()
	}
}

// block writes an element that begins and ends a line.
func (w *htmlWriter) block(n *html.Node, mark string) {
	if !w.part && n.DataAtom != atom.Body && n.DataAtom != atom.Article && furniture.IsPart(attr(n, "class")) {
		w.part = true
		defer func() { w.part = false }()
	}
	if n.DataAtom == atom.Table {
		if rows := dataOf(n); rows != nil {
			w.table(n, rows)
			return
		}
	}
	if n.DataAtom == atom.Pre && isCode(n) {
		w.add(line.Line{Text: strings.Trim(decode.Normalize(textOf(n)), "\n"), Gap: 1, Kind: document.KindParagraph})
		return
	}
	outer, level, verbatim, item := w.kind, w.level, w.verbatim, w.item
	w.item = w.item || n.DataAtom == atom.Li
	w.verbatim = verbatim || n.DataAtom == atom.Pre
	switch {
	case headingLevels[n.DataAtom] > 0:
		w.kind, w.level = document.KindHeading, headingLevels[n.DataAtom]
	case isCaption(n):
		w.kind = document.KindCaption
	}
	if mark != "" {
		w.mark = mark
	}
	w.children(n)
	w.flush()
	w.kind, w.level, w.verbatim, w.item = outer, level, verbatim, item
}

const (
	longestCaption = 2_000 // bytes of a caption that is not in a <figcaption>
	longestCredit  = 150   // bytes of a paragraph that only says who made a picture
)

// isCaption reports whether an element is the caption of a picture. The classes of a whole page
// or of its main part may only say how its captions look: "wp-featherlight-captions". Paragraphs that
// only say who made a picture are captions, too.
func isCaption(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Figcaption:
		return true
	case atom.Html, atom.Body, atom.Main, atom.Article:
		return false
	case atom.P, atom.Div:
		if text := textUpTo(n, longestCredit+utf8.UTFMax); len(text) <= longestCredit && furniture.IsPictureCredit(prose.Squeeze(text)) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(attr(n, "class")), "caption") && len(textUpTo(n, longestCaption+utf8.UTFMax)) <= longestCaption
}

// children writes the children of n. The items of ordered lists get their numbers.
func (w *htmlWriter) children(n *html.Node) {
	number, form := 1, ""
	if n.DataAtom == atom.Ol {
		form = listForm(n)
	}
	if start, err := strconv.Atoi(attr(n, "start")); err == nil {
		number = start
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		mark := ""
		if n.DataAtom == atom.Ol && c.DataAtom == atom.Li {
			if own, err := strconv.Atoi(attr(c, "value")); err == nil {
				number = own
			}
			mark = office.FormatNumber(number, form) + ". "
			number++
		}
		w.visit(c, mark)
	}
}

// listForms maps what <ol> says of its numbers to the forms of package office. Other lists have
// decimal numbers.
var listForms = map[string]string{
	"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
	"lower-alpha": "lowerLetter", "lower-latin": "lowerLetter", "upper-alpha": "upperLetter", "upper-latin": "upperLetter",
	"lower-roman": "lowerRoman", "upper-roman": "upperRoman", "cjk-ideographic": "chineseCounting", "simp-chinese-informal": "chineseCounting",
}

var listStyleRE = regexp.MustCompile(`(?i)list-style(?:-type)?\s*:\s*([a-z-]+)`)

// listForm returns the form of the numbers of a list.
func listForm(ol *html.Node) string {
	if m := listStyleRE.FindStringSubmatch(attr(ol, "style")); m != nil {
		return listForms[strings.ToLower(m[1])]
	}
	return listForms[attr(ol, "type")]
}

// flush ends a block. A <br> inside it starts a new line.
func (w *htmlWriter) flush() {
	text := decode.Normalize(w.text.String())
	w.text.Reset()
	for _, l := range line.Scan(strings.Trim(text, "\n")) {
		l.Gap = max(l.Gap, 1)
		l.Indent = false
		if w.kind == document.KindUnknown || !datetime.IsDate(l.Text) { // a date is neither a heading nor a caption
			l.Kind, l.Level = w.kind, w.level
		}
		l.Part, l.Item = w.part, w.item
		if w.part && l.Kind == document.KindUnknown {
			l.Kind = document.KindParagraph
		}
		if !prose.Numbered(l.Text) {
			l.Text = w.mark + l.Text
		}
		w.mark = ""
		if !w.plain && !w.part && w.level != 1 && !prose.EndsSentence(l.Text) {
			w.linked[len(w.lines)] = true
		}
		w.lines = append(w.lines, l)
	}
	w.plain = false
}

func (w *htmlWriter) add(l line.Line) {
	if l.Part = w.part; l.Text != "" {
		w.lines = append(w.lines, l)
	}
}

// wideLine is the width in columns of a line of prose inside <pre>.
const wideLine = 50

// isCode reports whether <pre> holds lines of code, not a text with hard line ends.
func isCode(pre *html.Node) bool {
	if find(pre, atom.Code) != nil {
		return true
	}
	wide, ended := 0, 0
	for row := range strings.Lines(textOf(pre)) {
		if prose.Width(row) >= wideLine {
			wide++
		}
		if prose.EndsSentence(row) {
			ended++
		}
	}
	return wide < 3 && ended == 0
}

// find returns the first element with a name below n, or nil.
func find(n *html.Node, name atom.Atom) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == name {
			return c
		}
		if found := find(c, name); found != nil {
			return found
		}
	}
	return nil
}
