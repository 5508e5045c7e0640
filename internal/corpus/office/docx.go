package office

import (
	"archive/zip"
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// DOCX reads a document of Office Open XML.
func DOCX(z *zip.Reader) (Text, error) {
	r := docx{writer: newWriter(), notes: map[string]*strings.Builder{}, marks: map[string]string{}}
	for name, read := range map[string]func([]byte) error{"word/styles.xml": r.readStyles, "word/numbering.xml": r.numbers.readDOCX} {
		data, err := part(z, name, false)
		if err == nil && data != nil {
			err = read(data)
		}
		if err != nil {
			return Text{}, err
		}
	}
	for _, kind := range []string{"footnote", "endnote"} {
		data, err := part(z, "word/"+kind+"s.xml", false)
		if err == nil && data != nil {
			err = r.readNotes(kind, data)
		}
		if err != nil {
			return Text{}, err
		}
	}
	body, err := part(z, "word/document.xml", true)
	if err != nil {
		return Text{}, err
	}
	if err := visit(body, r.open, r.addText, r.shut); err != nil {
		return Text{}, err
	}
	core, err := part(z, "docProps/core.xml", false)
	if err != nil {
		return Text{}, err
	}
	k, err := properties(core)
	return r.finish(k), err
}

// docx is a document of Office Open XML while it is read.
type docx struct {
	writer
	styles     styles
	numbers    numbering
	notes      map[string]*strings.Builder // texts by kind and id, of the notes that the text has not referred to yet
	marks      map[string]string           // marks by kind and id, of the other notes
	paragraphs []*paragraph                // the one being read, inside those around its text box
	verbatim   bool                        // inside an element of text
	inMark     bool                        // inside the properties of the mark that ends a paragraph
	inRow      bool                        // inside the properties of a row
	hidden     bool                        // inside a run that is not shown
	prefix     strings.Builder             // text that the next paragraph continues: that of paragraphs whose ends were deleted
}

// leftOut has the elements that are left out of the text: what tracked changes delete, earlier
// properties, field codes, the readings of ruby, and the Fallback version of content that has
// two versions.
var leftOut = map[string]bool{
	"del": true, "moveFrom": true, "pPrChange": true, "rPrChange": true, "tblPrChange": true, "trPrChange": true, "tcPrChange": true, "sectPrChange": true, "numberingChange": true,
	"sectPr": true, "instrText": true, "delText": true, "delInstrText": true, "rt": true, "Fallback": true, "tblPr": true, "tblGrid": true, "docPr": true, "cNvPr": true,
}

func (r *docx) open(e xml.StartElement) bool {
	name := e.Name.Local
	switch {
	case name == "del" && r.inMark:
		r.top().joined = true
		return false
	case name == "del" && r.inRow && len(r.tables) > 0:
		r.tables[len(r.tables)-1].deleted = true
		return false
	case leftOut[name]:
		return false
	}
	switch name {
	case "p":
		r.paragraphs = append(r.paragraphs, &paragraph{})
	case "tbl":
		r.beginTable()
	case "t":
		r.verbatim = true
	case "trPr":
		r.inRow = true
	}
	if len(r.paragraphs) > 0 {
		return r.openInParagraph(name, e)
	}
	return true
}

// openInParagraph handles an element inside the paragraph that is being read, such as a
// property, a tab or a reference to a note.
func (r *docx) openInParagraph(name string, e xml.StartElement) bool {
	p := r.top()
	switch name {
	case "rPr":
		r.inMark = p.properties
	case "pPr":
		p.properties = true
	case "pStyle":
		p.style = attr(e, "val")
	case "outlineLvl":
		p.outline = number(attr(e, "val")) + 1
	case "numId":
		p.listID = attr(e, "val")
	case "ilvl":
		p.listLevel = number(attr(e, "val"))
	case "vanish", "webHidden":
		r.hidden = r.hidden || !r.inMark && attr(e, "val") != "0" && attr(e, "val") != "false"
	case "tab", "ptab":
		if !p.properties {
			p.text.WriteByte(' ')
		}
	case "br", "cr":
		if attr(e, "type") == "" || attr(e, "type") == "textWrapping" {
			p.text.WriteByte('\n')
		}
	case "noBreakHyphen":
		p.text.WriteByte('-')
	case "footnoteReference", "endnoteReference":
		p.text.WriteString(r.noteOf(strings.TrimSuffix(name, "Reference") + attr(e, "id")))
	}
	return true
}

// noteOf returns the mark of a note, and adds the note to those of the text, once.
func (r *docx) noteOf(key string) string {
	if note := r.notes[key]; note != nil {
		r.marks[key] = r.note(note.String())
		delete(r.notes, key)
	}
	return r.marks[key]
}

func (r *docx) top() *paragraph { return r.paragraphs[len(r.paragraphs)-1] }

func (r *docx) addText(s string) {
	if r.verbatim && !r.hidden && len(r.paragraphs) > 0 {
		r.top().text.WriteString(s)
	}
}

func (r *docx) shut(name xml.Name) {
	switch name.Local {
	case "t":
		r.verbatim = false
	case "r":
		r.hidden = false
	case "rPr":
		r.inMark = false
	case "pPr":
		if len(r.paragraphs) > 0 {
			r.top().properties = false
		}
	case "p":
		if n := len(r.paragraphs); n > 0 {
			p := r.paragraphs[n-1]
			r.paragraphs = r.paragraphs[:n-1]
			r.endParagraph(p)
		}
	case "trPr":
		r.inRow = false
	case "tc":
		r.endCell()
	case "tr":
		r.endRow()
	case "tbl":
		r.endTable()
	}
}

// endParagraph gives a paragraph its number and its kind by its style, and adds it. If its
// end was deleted, its text is kept for the next paragraph instead.
func (r *docx) endParagraph(p *paragraph) {
	if p.joined {
		r.prefix.WriteString(p.text.String())
		return
	}
	if r.prefix.Len() > 0 {
		text := p.text.String()
		p.text.Reset()
		p.text.WriteString(r.prefix.String() + text)
		r.prefix.Reset()
	}
	r.styles.apply(p)
	if p.listID != "" && p.listID != "0" && strings.TrimSpace(p.text.String()) != "" {
		p.mark, p.list = r.numbers.next(p.listID, p.listLevel), p.level == 0
	}
	r.add(p)
}

// readNotes reads the footnotes or endnotes by their id.
func (r *docx) readNotes(kind string, data []byte) error {
	var note *strings.Builder
	inText := false
	return visit(data, func(e xml.StartElement) bool {
		switch e.Name.Local {
		case kind:
			if attr(e, "type") != "" {
				return false // a rule between text and notes
			}
			note = &strings.Builder{}
			r.notes[kind+attr(e, "id")] = note
		case "t":
			inText = note != nil
		case "tab", "br", "p":
			if note != nil {
				note.WriteByte(' ')
			}
		}
		return !leftOut[e.Name.Local]
	}, func(s string) {
		if inText {
			note.WriteString(s)
		}
	}, func(name xml.Name) { inText = inText && name.Local != "t" })
}

// number returns the value of s, or 0 if it is negative or not a number.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}

// style is what a style of DOCX says of its paragraphs.
type style struct {
	name, basedOn string
	outline       int // level of a heading, from 1
	list          string
	level         int
}

type styles map[string]style

func (r *docx) readStyles(data []byte) error {
	r.styles = styles{}
	id := ""
	var s style
	return visit(data, func(e xml.StartElement) bool {
		switch e.Name.Local {
		case "style":
			id, s = attr(e, "styleId"), style{}
		case "name":
			s.name = strings.ToLower(attr(e, "val"))
		case "basedOn":
			s.basedOn = attr(e, "val")
		case "outlineLvl":
			s.outline = number(attr(e, "val")) + 1
		case "numId":
			s.list = attr(e, "val")
		case "ilvl":
			s.level = number(attr(e, "val"))
		}
		return true
	}, func(string) {}, func(name xml.Name) {
		if name.Local == "style" {
			r.styles[id] = s
		}
	})
}

// apply sets properties that p does not have itself. It takes them from the style of p, and
// from the styles on which that is based.
func (s styles) apply(p *paragraph) {
	id := p.style
	for range 20 { // a limit, since a style may be based on itself
		own, ok := s[id]
		if !ok {
			break
		}
		p.byName(own.name)
		if p.outline == 0 {
			p.outline = own.outline
		}
		if p.listID == "" && own.list != "" {
			p.listID, p.listLevel = own.list, max(p.listLevel, own.level)
		}
		id = own.basedOn
	}
	if p.outline > 0 && p.outline < 10 && p.kind == document.KindUnknown && !p.title {
		p.kind, p.level = document.KindHeading, p.outline
	}
}
