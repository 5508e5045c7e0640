package office

import (
	"archive/zip"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/symbol"
)

// docx is a document of Office Open XML while it is read.
type docx struct {
	writer
	archive    *zip.Reader
	embedding  *embedding
	embedded   map[string]string // the names of the parts that are documents of their own, by the id of their relation
	styles     styles
	numbers    numbering
	notes      map[string]string // notes that the text has not referred to yet, by kind and id
	marks      map[string]string // marks of the notes that it has referred to, by kind and id
	paragraphs []*paragraph      // the one being read, after those around its text box
	verbatim   bool              // inside an element of text
	inMark     bool              // inside the properties of the mark that ends a paragraph
	inRow      bool              // inside the properties of a row
	hidden     bool              // inside a run that is not shown
	raised     bool              // inside a run in superscript
	exponent   bool              // inside the exponent of a formula
	font       string            // of the run, if it has one of its own
	controls   []control         // the content controls around the text
	inControl  bool              // inside the properties of a content control
	fields     []*field          // the fields around the text
	inCode     bool              // inside a piece of a field's code
	operators  []*operator       // the operators of formulas around the text
	prefix     strings.Builder   // text that the next paragraph continues: that of paragraphs whose ends are deleted or hidden
	// showsFields is set if the codes of fields, and lists of headings, are read like other text,
	// because a field has no end.
	showsFields bool
}

// control is a content control.
type control struct {
	contents bool // holds a table of contents
	prompts  bool // holds a prompt, such as "Click here to enter text", instead of text
}

// leftOut has the elements that are left out of the text: what tracked changes delete, earlier
// properties, field codes, the readings of ruby, and the Fallback version of content that has
// two versions.
var leftOut = map[string]bool{
	"del": true, "moveFrom": true, "pPrChange": true, "rPrChange": true, "tblPrChange": true, "trPrChange": true, "tcPrChange": true, "sectPrChange": true, "numberingChange": true,
	"sectPr": true, "sdtEndPr": true, "ctrlPr": true, "delText": true, "delInstrText": true, "rt": true, "Fallback": true, "tblPr": true, "tblGrid": true, "docPr": true, "cNvPr": true,
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
	case leftOut[name], name == "rPr" && r.inControl:
		return false
	}
	switch name {
	case "p":
		r.paragraphs = append(r.paragraphs, &paragraph{})
	case "tbl":
		r.beginTable()
	case "altChunk":
		r.embed(r.embedded[attr(e, "id")])
	case "t":
		r.verbatim = true
	case "trPr":
		r.inRow = true
	case "sdt":
		r.controls = append(r.controls, control{})
	case "sdtPr":
		r.inControl = true
	case "docPartGallery", "showingPlcHdr":
		if n := len(r.controls); n > 0 {
			c := &r.controls[n-1]
			c.contents = c.contents || attr(e, "val") == "Table of Contents"
			c.prompts = c.prompts || name == "showingPlcHdr" && isOn(e)
		}
	case "footnote", "endnote":
		if kind := attr(e, "type"); kind != "" && kind != "normal" {
			return false // a rule between text and notes
		}
		r.paragraphs = append(r.paragraphs, &paragraph{note: true, style: name + attr(e, "id")})
	}
	if len(r.paragraphs) > 0 {
		return r.openInParagraph(name, e)
	}
	return true
}

// openInParagraph handles an element inside the paragraph that is being read, such as a property
// or a tab.
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
		if isOn(e) && r.inMark {
			p.runsIn = name == "vanish"
		} else {
			r.hidden = r.hidden || isOn(e)
		}
	case "rStyle":
		id := attr(e, "val")
		r.hidden = r.hidden || !r.inMark && (r.styles.hides(id) || r.styles[id].name == "placeholder text" && r.prompts())
	case "rFonts":
		if !r.inMark {
			r.font = attr(e, "ascii")
		}
	case "instrText":
		r.inCode = true
	case "fldChar":
		r.turnField(attr(e, "fldCharType"))
	case "sup":
		r.exponent = true
	case "vertAlign":
		r.raised = !r.inMark && attr(e, "val") == "superscript"
	default:
		r.openContent(name, e)
	}
	return true
}

// openContent handles an element that stands for text.
func (r *docx) openContent(name string, e xml.StartElement) {
	p := r.top()
	switch name {
	case "tab", "ptab":
		if !p.properties {
			p.text.WriteByte(' ')
		}
	case "br", "cr":
		p.text.WriteByte('\n')
	case "sym", "symEx":
		if !r.hidden && !r.inHiddenField() {
			p.text.WriteString(symbol.Of(attr(e, "font"), attr(e, "char")))
		}
	case "noBreakHyphen":
		p.text.WriteByte('-')
	case "footnoteReference", "endnoteReference":
		p.text.WriteString(r.noteOf(strings.TrimSuffix(name, "Reference") + attr(e, "id")))
		if follows := attr(e, "customMarkFollows"); follows == "1" || follows == "true" || follows == "on" {
			r.hidden = true // the author's own mark, in the rest of the run
		}
	default:
		r.openInFormula(name, e)
	}
}

// noteOf returns the mark of a note, and adds the note to those of the text, once.
func (r *docx) noteOf(key string) string {
	if note, ok := r.notes[key]; ok {
		r.marks[key] = r.note(note)
		delete(r.notes, key)
	}
	return r.marks[key]
}

func (r *docx) top() *paragraph { return r.paragraphs[len(r.paragraphs)-1] }

func (r *docx) addText(s string) {
	if n := len(r.fields); r.inCode && n > 0 {
		r.fields[n-1].addCode(s)
	}
	if !r.verbatim || r.hidden || len(r.paragraphs) == 0 || r.inHiddenField() {
		return
	}
	s = symbol.Text(s, r.font)
	if r.raised || r.exponent {
		s = prose.Superscript(s)
	}
	r.top().text.WriteString(s)
}

func (r *docx) shut(name xml.Name) {
	switch name.Local {
	case "t":
		r.verbatim = false
	case "r":
		r.hidden, r.raised, r.font = false, false, ""
	case "instrText":
		r.inCode = false
	case "sup":
		r.exponent = false
	case "sdtPr":
		r.inControl = false
	case "sdt":
		r.controls = r.controls[:max(len(r.controls)-1, 0)]
	case "rPr":
		r.inMark = false
	case "pPr":
		if len(r.paragraphs) > 0 {
			r.top().properties = false
		}
	case "p", "footnote", "endnote":
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
	default:
		r.shutInFormula(name.Local)
	}
}

// endParagraph gives a paragraph its number and its kind by its style, and adds it to the text
// or to the note that it is in. If its end is deleted or hidden, its text is kept for the next
// paragraph instead.
func (r *docx) endParagraph(p *paragraph) {
	if p.note {
		if len(r.notes) < maxStyles {
			r.notes[p.style] = p.text.String()
		}
		return
	}
	if len(r.paragraphs) > 0 && r.top().note {
		r.top().text.WriteString(p.text.String() + " ")
		return
	}
	r.styles.apply(p)
	if !p.joined && p.listID != "" && p.listID != "0" && strings.TrimSpace(p.text.String()) != "" {
		p.mark, p.list = r.numbers.next(p.listID, p.listLevel), p.level == 0
	}
	if p.joined || p.runsIn {
		r.prefix.WriteString(p.mark + p.text.String())
		return
	}
	if r.prefix.Len() > 0 {
		text := p.text.String()
		p.text.Reset()
		p.text.WriteString(r.prefix.String() + text)
		r.prefix.Reset()
	}
	p.omitted = p.omitted || slices.ContainsFunc(r.controls, func(c control) bool { return c.contents })
	r.add(p)
}

// isOn returns the value of a property that can be on or off.
func isOn(e xml.StartElement) bool {
	value := attr(e, "val")
	return value != "0" && value != "false" && value != "off"
}

// number returns the value of s, or 0 if it is negative or not a number.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}
