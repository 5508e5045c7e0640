package corpus

import (
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// mainLines returns the lines of the text of a page. whole has all lines of the page.
func mainLines(root *html.Node, whole []line.Line) []line.Line {
	main, err := readability.FromDocument(clone(root), nil)
	if err != nil || main.Node == nil {
		return whole
	}
	found := prepare(htmlLines(main.Node))
	declared := declaredLines(root)
	width, own := proseWidth(found), proseWidth(declared)
	other := sharedProse(declared, found)*2 < own // readability has taken another element
	if other && own >= minDeclared && own*2 >= width || !other && own >= minArticle && width*2 <= proseWidth(whole) {
		return trimEnd(fillGaps(declared, whole))
	}
	if width*2 <= proseWidth(whole) {
		return whole
	}
	return trimEnd(fillGaps(found, whole))
}

// minDeclared is the minimum width in columns of the prose of an element whose name says that it
// holds the text of its page. An element with less does not replace the one that readability found.
const minDeclared = 100

// declaredLines returns the lines of the element of a page whose name says that it holds the text. It
// returns nil if there is none.
func declaredLines(root *html.Node) []line.Line {
	if own := declaredText(root); own != nil {
		return prepare(htmlLines(own))
	}
	return nil
}

// declaredText returns the element of a page whose name says that it holds the text, or nil if there is
// none, or several beside each other.
func declaredText(root *html.Node) (found *html.Node) {
	several := false
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.ElementNode && (attr(n, "itemprop") == "articleBody" || furniture.HoldsText(attr(n, "class"))) {
			several = several || found != nil
			found = n
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	if several {
		return nil
	}
	return found
}

// sharedProse returns the width of the prose in those lines that others have, too.
func sharedProse(lines, others []line.Line) int {
	known := map[string]bool{}
	for _, l := range others {
		known[l.Text] = true
	}
	n := 0
	for i, l := range lines {
		if known[l.Text] {
			n += proseWidth(lines[i : i+1])
		}
	}
	return n
}

// trimEnd makes the headings and links at the end of lines furniture, since the texts that
// they lead to are left out.
func trimEnd(lines []line.Line) []line.Line {
	for i := len(lines) - 1; i > 0; i-- {
		switch l := &lines[i]; {
		case l.Class == line.Furniture:
		case leadsOn(*l):
			l.Kind, l.Class, l.Reason = document.KindUnknown, line.Furniture, "leads to what is left out"
		default:
			return lines
		}
	}
	return lines
}

// fuller returns lines, unless one of others has more than twice as much prose. Then it returns that.
func fuller(lines []line.Line, others [][]line.Line) []line.Line {
	for _, other := range others {
		if width := proseWidth(other); width >= minArticle && width > 2*proseWidth(lines) {
			lines = other
		}
	}
	return lines
}

// textElsewhere returns the texts that a page gives outside of the elements that it shows:
// in its linked data, and for readers without scripts.
func textElsewhere(root *html.Node, facts *pageFacts) [][]line.Line {
	var texts [][]line.Line
	for _, text := range []string{facts.work().body, withoutScripts(root)} {
		if len(text) < minArticle {
			continue
		}
		if lines, err := pieceLines(text, minParagraph); err == nil {
			texts = append(texts, prepare(lines))
		}
	}
	return texts
}

// withoutScripts returns the content of the <noscript> elements of a page, as HTML.
func withoutScripts(root *html.Node) string {
	var out strings.Builder
	for n := range root.Descendants() {
		if n.DataAtom == atom.Noscript && n.Parent.DataAtom != atom.Head {
			out.WriteString(textOf(n))
		}
	}
	return out.String()
}

// leadsOn reports whether l is only about what follows it, or about another page.
func leadsOn(l line.Line) bool {
	label := strings.HasSuffix(l.Text, ":") && prose.Width(l.Text) < minGap
	heading := l.Kind == document.KindHeading && (prose.Width(l.Text) < minGap || !prose.EndsSentence(l.Text))
	return heading || l.Linked || label
}

// maxLead is the number of lines between the title of a page and its text that are
// searched for the first paragraph.
const maxLead = 40

// fillGaps returns lines of whole, from the title or the first found line to the last found
// one. It returns the found lines. Of the lines between them it returns sentences and other
// parts of the text, such as a list of ingredients outside the element with the text.
func fillGaps(found, whole []line.Line) []line.Line {
	places := map[string][]int{} // indexes of each text in whole, ascending
	for i, l := range whole {
		places[l.Text] = append(places[l.Text], i)
	}
	chosen := make([]bool, len(whole))
	first, last := len(whole), -1
	for _, l := range found {
		at := places[l.Text]
		for len(at) > 0 && at[0] <= last {
			at = at[1:]
		}
		places[l.Text] = at
		if len(at) > 0 {
			last = at[0]
			first = min(first, last)
			chosen[last] = true
		}
	}
	if last < 0 {
		return found
	}
	top := first
	for i := first - 1; i >= max(0, first-maxLead); i-- {
		if whole[i].Level == 1 {
			top = i
		}
	}
	for last+1 < len(whole) && whole[last].Part && whole[last+1].Part {
		last++
	}
	var lines []line.Line
	for i := top; i <= last; i++ {
		l := whole[i]
		isGap := (l.Class == line.Prose || i < first && l.Class == line.Title) && prose.Width(l.Text) >= minGap && (prose.EndsSentence(l.Text) || i == top+1 && i < first && !l.Linked)
		if chosen[i] || isGap || l.Part && l.Class != line.Furniture {
			lines = append(lines, l)
		}
	}
	return lines
}

// minGap is the minimum width in columns of a paragraph that fillGaps adds.
const minGap = 60

func proseWidth(lines []line.Line) int {
	n := 0
	for _, l := range lines {
		if l.Class == line.Prose || l.Class == line.Dateline || l.Kind == document.KindParagraph {
			n += prose.Width(l.Text)
		}
	}
	return n
}
