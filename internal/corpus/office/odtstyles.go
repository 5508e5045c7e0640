package office

import (
	"encoding/xml"
	"strings"
)

// readStyles reads the styles of paragraphs, which may be based on others, and those of
// lists. The outline, which numbers headings, is the list "".
func (r *odt) readStyles(data []byte) error {
	name := ""
	var own *list
	return visit(data, func(e xml.StartElement) bool {
		switch e.Name.Local {
		case "style":
			if name = short(attr(e, "name")); len(r.parents) >= maxStyles {
				return false
			}
			r.parents[name] = short(attr(e, "parent-style-name"))
			if display := short(attr(e, "display-name")); display != "" && r.parents[name] == "" {
				r.parents[name] = strings.ToLower(display)
			}
		case "text-properties":
			r.hides[name] = r.hides[name] || attr(e, "display") == "none"
			position := attr(e, "text-position")
			r.raises[name] = strings.HasPrefix(position, "super") || position != "" && position[0] >= '1' && position[0] <= '9'
		case "list-style", "outline-style":
			if len(r.lists) >= maxStyles {
				return false
			}
			own = &list{}
			if name = attr(e, "name"); e.Name.Local == "outline-style" {
				name = ""
			}
			r.lists[name] = own
		case "list-level-style-number", "list-level-style-bullet", "list-level-style-image", "outline-level-style":
			if at := number(attr(e, "level")); own != nil && at >= 1 && at <= maxLevels {
				own.levels[at-1] = levelODT(e, at)
			}
		case "body":
			return false
		}
		return true
	}, func(string) {}, func(xml.Name) {})
}

// levelODT returns a level of a list, as the forms of DOCX describe it.
func levelODT(e xml.StartElement, at int) level {
	l := level{start: max(number(attr(e, "start-value")), 1)}
	forms := map[string]string{"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "一, 二, 三, ...": "chineseCounting", "①, ②, ③, ...": "decimalEnclosedCircle"}
	format := attr(e, "num-format")
	switch {
	case strings.HasSuffix(e.Name.Local, "-bullet"), strings.HasSuffix(e.Name.Local, "-image"):
		l.form = "bullet"
		return l
	case format == "":
		l.form = "none"
		return l
	}
	if l.form = forms[format]; l.form == "" {
		l.form = "decimal"
	}
	l.listed = true
	shown := min(max(number(attr(e, "display-levels")), 1), at)
	var parts []string
	for i := at - shown + 1; i <= at; i++ {
		parts = append(parts, "%"+string(rune('0'+i)))
	}
	l.text = short(attr(e, "num-prefix")) + strings.Join(parts, ".") + short(attr(e, "num-suffix"))
	return l
}

// applyStyle sets properties of p by the name of its style, and by the names of the styles
// on which that is based: "Title", "Heading_20_2", "Contents_20_1".
func (r *odt) applyStyle(p *paragraph) {
	name := p.style
	for range 20 { // a limit, since a style may be based on itself
		if name == "" {
			return
		}
		p.byName(name)
		name = r.parents[name]
	}
}
