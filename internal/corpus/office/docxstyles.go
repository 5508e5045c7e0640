package office

import (
	"encoding/xml"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// style is what a style of DOCX says of its paragraphs.
type style struct {
	name, basedOn string
	outline       int // level of a heading, from 1
	list          string
	level         int
	hidden        bool // the style hides its text
	shown         bool // the style shows its text, even if the style that it is based on hides it
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
			s.name = strings.ToLower(short(attr(e, "val")))
		case "basedOn":
			s.basedOn = short(attr(e, "val"))
		case "outlineLvl":
			s.outline = number(attr(e, "val")) + 1
		case "numId":
			s.list = short(attr(e, "val"))
		case "ilvl":
			s.level = number(attr(e, "val"))
		case "vanish":
			s.hidden, s.shown = isOn(e), !isOn(e)
		case "tblStylePr":
			return false // holds for some cells of a table only
		}
		return true
	}, func(string) {}, func(name xml.Name) {
		if name.Local == "style" && len(r.styles) < maxStyles {
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
	p.omitted = p.omitted || s.hides(p.style)
	if p.outline > 0 && p.outline < 10 && p.kind == document.KindUnknown && !p.title {
		p.kind, p.level = document.KindHeading, p.outline
	}
}

// hides reports whether text of a style is not shown.
func (s styles) hides(id string) bool {
	for range 20 { // a limit, since a style may be based on itself
		own, ok := s[id]
		if !ok || own.hidden || own.shown {
			return own.hidden
		}
		id = own.basedOn
	}
	return false
}
