package corpus

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"

	"github.com/accord-search/accord/internal/corpus/prose"
)

// inline returns the text of a block without marks and pictures.
func (w *markdownWriter) inline(parent ast.Node) string {
	var out inlineText
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			out.write(string(util.UnescapePunctuations(n.Value(w.source))))
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.write("\n")
			}
		case *ast.String:
			out.write(string(n.Value))
		case *ast.AutoLink:
			out.write(string(n.Label(w.source)))
		case *ast.RawHTML:
			out.tag(string(n.Segments.Value(w.source)))
		case *extast.FootnoteLink:
			out.write("[" + strconv.Itoa(n.Index) + "]")
		case *ast.Image, *extast.FootnoteBacklink:
		default:
			out.write(w.inline(n))
		}
	}
	return out.String()
}

// inlineText is the text of a block while it is read. It obeys the HTML tags of superscripts and
// of ruby, whose base text is kept, and leaves out other tags.
type inlineText struct {
	done   strings.Builder
	held   strings.Builder // the text of the open element
	inside string          // the name of the open element, or ""
}

var inlineTagRE = regexp.MustCompile(`^<(/?)([a-zA-Z]+)[\s/>]`)

func (t *inlineText) write(s string) {
	if t.inside != "" {
		t.held.WriteString(s)
		return
	}
	t.done.WriteString(s)
}

// tag takes a tag of HTML.
func (t *inlineText) tag(tag string) {
	m := inlineTagRE.FindStringSubmatch(tag)
	if m == nil {
		return
	}
	name, ends := strings.ToLower(m[2]), m[1] != ""
	switch {
	case ends && (name == t.inside || name == "ruby" && t.inside != "sup"):
		t.end()
	case ends:
	case name == "br":
		t.write("\n")
	case name == "sup" && t.inside == "":
		t.inside = name
	case (name == "rt" || name == "rp" || name == "rtc") && t.inside != "sup":
		t.end() // </rt> may be left out
		t.inside = name
	}
}

// end ends the open element.
func (t *inlineText) end() {
	if t.inside == "sup" {
		t.done.WriteString(prose.Superscript(strings.TrimSpace(t.held.String())))
	}
	t.inside = ""
	t.held.Reset()
}

// String returns the text. An element that is not closed is none.
func (t *inlineText) String() string { return t.done.String() + t.held.String() }
