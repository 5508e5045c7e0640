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
	type element struct {
		name     string
		children int
		exponent bool
		// bracketed is set for a part of a fraction or root with more than one number or name.
		bracketed bool
	}
	inside := []element{{}}
	var out strings.Builder
	isFormula := false
	err = visit(data, func(e xml.StartElement) bool {
		name := e.Name.Local
		isFormula = isFormula || name == "math"
		above := &inside[len(inside)-1]
		above.children++
		if !isFormula || name == "annotation" {
			return false
		}
		inside = append(inside, element{name: name, exponent: above.exponent || above.name == "msup" && above.children == 2, bracketed: name == "mrow" && (above.name == "mfrac" || above.name == "msqrt")})
		switch {
		case above.name == "mfrac" && above.children == 2:
			out.WriteString("/")
		case name == "msqrt":
			out.WriteString("√")
		}
		if inside[len(inside)-1].bracketed {
			out.WriteString("(")
		}
		return true
	}, func(s string) {
		if s = strings.TrimSpace(s); inside[len(inside)-1].exponent {
			s = prose.Superscript(s)
		}
		out.WriteString(s)
	}, func(xml.Name) {
		if inside[len(inside)-1].bracketed {
			out.WriteString(")")
		}
		inside = inside[:len(inside)-1]
	})
	if err != nil || !isFormula {
		return ""
	}
	return out.String()
}
