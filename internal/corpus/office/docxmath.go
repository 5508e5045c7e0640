package office

import (
	"encoding/xml"
	"strings"
	"unicode"
)

// operator is a part of a formula of DOCX with signs: one before its text, and one at the end.
type operator struct {
	name      string // of its element
	sign, end string
	begun     bool // sign is written
}

// openInFormula handles an element of a formula. The text of a fraction's numerator and
// denominator is collected as that of paragraphs.
func (r *docx) openInFormula(name string, e xml.StartElement) {
	switch name {
	case "num", "den":
		r.paragraphs = append(r.paragraphs, &paragraph{})
	case "d":
		r.operators = append(r.operators, &operator{name: name, sign: "(", end: ")"})
	case "nary":
		r.operators = append(r.operators, &operator{name: name, sign: "∫"})
	}
	n := len(r.operators)
	if n == 0 {
		return
	}
	top := r.operators[n-1]
	switch {
	case name == "begChr" && top.name == "d", name == "chr" && top.name == "nary":
		top.sign = attr(e, "val")
	case name == "endChr" && top.name == "d":
		top.end = attr(e, "val")
	case (name == "e" || name == "sub" || name == "sup") && !top.begun:
		r.top().text.WriteString(top.sign)
		top.begun = true
	}
}

func (r *docx) shutInFormula(name string) {
	n := len(r.paragraphs)
	switch {
	case n > 1 && (name == "num" || name == "den"):
		text := InBrackets(r.top().text.String())
		r.paragraphs = r.paragraphs[:n-1]
		if name == "den" {
			text = "/" + text
		}
		r.top().text.WriteString(text)
	case n > 0 && name == "deg": // the degree of a root; empty for a square root
		r.top().text.WriteString("√")
	case n > 0 && (name == "d" || name == "nary") && len(r.operators) > 0:
		top := r.operators[len(r.operators)-1]
		r.operators = r.operators[:len(r.operators)-1]
		r.top().text.WriteString(top.end)
	}
}

// InBrackets puts text between brackets if it has more than a number or a name.
func InBrackets(text string) string {
	text = strings.TrimSpace(text)
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '.' && r != ',' }) < 0 {
		return text
	}
	return "(" + text + ")"
}
