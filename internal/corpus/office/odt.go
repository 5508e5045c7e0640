package office

import (
	"archive/zip"
	"encoding/xml"
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/symbol"
	"github.com/accord-search/accord/internal/document"
)

// ODT reads a text document of OpenDocument.
func ODT(z *zip.Reader) (Text, error) {
	r := odt{writer: newWriter(), parents: map[string]string{}, lists: map[string]*list{}, hides: map[string]bool{}, raises: map[string]bool{}}
	r.formulas = formulas{archive: z}
	for _, name := range []string{"styles.xml", "content.xml"} { // styles of content.xml may be based on those of styles.xml
		data, err := part(z, name, name == "content.xml")
		if err == nil && data != nil {
			err = r.readStyles(data)
		}
		if err != nil {
			return Text{}, err
		}
	}
	body, err := part(z, "content.xml", true)
	if err != nil {
		return Text{}, err
	}
	if err := visit(body, r.open, r.addText, r.shut); err != nil {
		return Text{}, err
	}
	meta, err := part(z, "meta.xml", false)
	if err != nil {
		return Text{}, err
	}
	k, err := properties(meta)
	if err != nil {
		return Text{}, err
	}
	r.endCode()
	return r.finish(k)
}

// odt is a text document of OpenDocument while it is read.
type odt struct {
	writer
	parents    map[string]string // the parent of each style
	hides      map[string]bool   // styles whose text is not shown
	raises     map[string]bool   // styles whose text is superscript
	raised     []bool            // for each span around the text, whether it is superscript
	formulas   formulas
	lists      map[string]*list // by the name of their style
	inBody     bool
	paragraphs []*paragraph
	inside     []*list  // the lists around the paragraph
	fresh      bool     // no paragraph of the item has been read
	repeat     int      // how often the cell is repeated
	codeEnd    int      // the number of lines up to the end of the last block of code
	code       []string // the other lines of that block
}

// leftOutODT has the elements that are left out of the text: what tracked changes delete,
// comments, generated lists, and the readings of ruby.
var leftOutODT = map[string]bool{
	"tracked-changes": true, "annotation": true, "annotation-end": true, "table-of-content": true, "alphabetical-index": true, "illustration-index": true, "table-index": true, "ruby-text": true,
	"note-citation": true, "sequence-decls": true, "variable-decls": true, "forms": true, "hidden-text": true, "desc": true, "title": true, "event-listeners": true,
}

func (r *odt) open(e xml.StartElement) bool {
	name := e.Name.Local
	if !r.inBody {
		r.inBody = name == "text" && strings.HasSuffix(e.Name.Space, ":office:1.0")
		return !strings.HasSuffix(name, "-styles") && name != "scripts" && name != "font-face-decls"
	}
	if isField := strings.HasSuffix(e.Name.Space, ":text:1.0") && name == "title"; leftOutODT[name] && !isField {
		return false
	}
	switch name {
	case "section", "span":
		if attr(e, "display") == "none" || r.hides[attr(e, "style-name")] {
			return false
		}
		if name == "span" {
			r.raised = append(r.raised, r.raises[attr(e, "style-name")])
		}
	case "p", "h":
		r.openParagraph(e)
	case "list":
		r.openList(attr(e, "style-name"), attr(e, "continue-numbering") == "true" || attr(e, "continue-list") != "")
	case "list-item":
		r.fresh = true
		if n := len(r.inside); n > 0 && attr(e, "start-value") != "" {
			own := r.inside[n-1]
			own.begun[n-1] = false
			own.levels[n-1].start = number(attr(e, "start-value"))
		}
	case "list-header":
		r.fresh = false
	case "table":
		r.beginTable()
	case "table-cell", "covered-table-cell":
		r.repeat = min(max(number(attr(e, "number-columns-repeated")), 1), 100)
	case "object":
		if len(r.paragraphs) > 0 {
			r.top().text.WriteString(r.formulas.read(attr(e, "href")))
		}
	default:
		r.openInParagraph(name)
	}
	return true
}

// openInParagraph handles an element inside the paragraph that is being read, such as a tab
// or a line break.
func (r *odt) openInParagraph(name string) {
	switch name {
	case "s":
		r.addText(" ")
	case "tab":
		r.addText(" ")
	case "line-break":
		if len(r.paragraphs) > 0 {
			r.top().text.WriteByte('\n')
		}
	case "note-body":
		r.paragraphs = append(r.paragraphs, &paragraph{note: true})
	}
}

func (r *odt) openParagraph(e xml.StartElement) {
	p := &paragraph{style: attr(e, "style-name")}
	p.omitted = r.hides[p.style]
	r.applyStyle(p)
	if e.Name.Local == "h" {
		p.kind, p.level = document.KindHeading, max(number(attr(e, "outline-level")), 1)
	}
	if r.fresh && len(r.inside) > 0 {
		p.mark, p.list, r.fresh = r.inside[len(r.inside)-1].next(len(r.inside)-1), p.kind != document.KindHeading, false
	} else if outline := r.lists[""]; p.kind == document.KindHeading && outline != nil && outline.levels[min(p.level, maxLevels)-1].listed {
		p.mark = outline.next(p.level - 1)
	}
	r.paragraphs = append(r.paragraphs, p)
}

// openList begins a list inside those around it. A list without a style has that of the
// list around it.
func (r *odt) openList(name string, continues bool) {
	own := r.lists[name]
	switch {
	case name == "" && len(r.inside) > 0:
		own = r.inside[len(r.inside)-1]
	case own == nil:
		own = &list{}
		for i := range own.levels {
			own.levels[i].form = "bullet"
		}
	}
	if len(r.inside) == 0 && !continues && name != "" {
		own.begun = [maxLevels]bool{}
	}
	r.inside = append(r.inside, own)
}

func (r *odt) top() *paragraph { return r.paragraphs[len(r.paragraphs)-1] }

// addText adds text as OpenDocument has it: a run of white space is one space.
func (r *odt) addText(s string) {
	if len(r.paragraphs) == 0 {
		return
	}
	p := r.top()
	s = symbol.Text(s, "")
	if n := len(r.raised); n > 0 && r.raised[n-1] {
		s = prose.Superscript(s)
	}
	if p.code && s == " " {
		p.text.WriteByte(' ')
		return
	}
	p.text.WriteString(strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || c == '\r' {
			return ' '
		}
		return c
	}, s))
}

func (r *odt) shut(name xml.Name) {
	switch name.Local {
	case "p", "h":
		r.endParagraph()
	case "note-body":
		if n := len(r.paragraphs); n > 1 {
			text := r.top().text.String()
			r.paragraphs = r.paragraphs[:n-1]
			r.top().text.WriteString(r.note(text))
		}
	case "span":
		r.raised = r.raised[:max(len(r.raised)-1, 0)]
	case "list":
		if n := len(r.inside); n > 0 {
			r.inside, r.fresh = r.inside[:n-1], false
		}
	case "table-cell", "covered-table-cell":
		for range r.repeat {
			if n := len(r.tables); n > 0 && len(r.tables[n-1].row) < 200 {
				text := r.tables[n-1].cell
				r.endCell()
				r.tables[n-1].cell = text
			}
		}
		if n := len(r.tables); n > 0 {
			r.tables[n-1].cell = nil
		}
		r.repeat = 1
	case "table-row":
		r.endRow()
	case "table":
		r.endTable()
	}
}

// endParagraph adds a paragraph to the text, or to the note that it is in.
func (r *odt) endParagraph() {
	n := len(r.paragraphs)
	if n == 0 {
		return
	}
	p := r.top()
	r.paragraphs = r.paragraphs[:n-1]
	if n > 1 && r.top().note { // p is in a note
		r.top().text.WriteString(p.text.String() + " ")
		return
	}
	r.joinCode(p)
	r.add(p)
}

// joinCode adds a line of code to the block of code above it. In ODT, each line of code is a
// paragraph of its own.
func (r *odt) joinCode(p *paragraph) {
	text := strings.TrimRight(p.text.String(), " ")
	isCode := p.code && len(r.tables) == 0 && text != ""
	if n := len(r.lines); isCode && n > 0 && r.codeEnd == n {
		if r.fits(len(text) + 1) {
			r.code = append(r.code, text)
		}
		p.text.Reset()
		return
	}
	if text != "" || len(r.tables) > 0 {
		r.endCode()
	}
	if isCode {
		r.codeEnd = len(r.lines) + 1
	}
}

// endCode adds the other lines of a block of code to its first one.
func (r *odt) endCode() {
	if len(r.code) > 0 {
		block := &r.lines[r.codeEnd-1]
		block.Text += "\n" + strings.Join(r.code, "\n")
		r.code = nil
	}
}
