package office

import (
	"archive/zip"
	"encoding/xml"
	"strings"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	maxFormula  = 64 << 10 // bytes
	maxFormulas = 2000
)

// formulas reads the formulas of an ODT, which are parts of their own in MathML.
type formulas struct {
	archive *zip.Reader
	count   int
}

// read returns the text of the formula in a folder of the archive: "x²+y1". It returns "" if
// there is no formula, or if it is broken.
func (f *formulas) read(folder string) string {
	if f.count++; f.count > maxFormulas {
		return ""
	}
	data, err := archive.Part(f.archive, strings.Trim(strings.TrimPrefix(folder, "./"), "/")+"/content.xml", maxFormula)
	if err != nil {
		return ""
	}
	w := formulaWriter{inside: []mathElement{{}}}
	err = visit(data, w.begin, w.text, w.end)
	if err != nil || !w.isFormula {
		return ""
	}
	return w.out.String()
}

// mathElement is an element of MathML.
type mathElement struct {
	name     string
	children int
	exponent bool
	// bracketed is set for a part of a fraction or root with more than one number or name.
	bracketed bool
}

// formulaWriter writes the text of a formula while its XML is read.
type formulaWriter struct {
	out       strings.Builder
	isFormula bool          // whether the element "math" was read
	inside    []mathElement // the elements that are open, after one for the whole part
}

// begin reads the start of an element. It reports whether its content belongs to the formula.
func (w *formulaWriter) begin(e xml.StartElement) bool {
	name := e.Name.Local
	w.isFormula = w.isFormula || name == "math"
	above := &w.inside[len(w.inside)-1]
	above.children++
	if !w.isFormula || name == "annotation" {
		return false
	}
	opened := mathElement{
		name:      name,
		exponent:  above.exponent || above.name == "msup" && above.children == 2,
		bracketed: name == "mrow" && (above.name == "mfrac" || above.name == "msqrt"),
	}
	switch {
	case above.name == "mfrac" && above.children == 2:
		w.out.WriteString("/")
	case name == "msqrt":
		w.out.WriteString("√")
	}
	if opened.bracketed {
		w.out.WriteString("(")
	}
	w.inside = append(w.inside, opened)
	return true
}

func (w *formulaWriter) text(s string) {
	if s = strings.TrimSpace(s); w.inside[len(w.inside)-1].exponent {
		s = prose.Superscript(s)
	}
	w.out.WriteString(s)
}

func (w *formulaWriter) end(xml.Name) {
	if w.inside[len(w.inside)-1].bracketed {
		w.out.WriteString(")")
	}
	w.inside = w.inside[:len(w.inside)-1]
}
