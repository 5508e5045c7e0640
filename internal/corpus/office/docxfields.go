package office

import (
	"slices"
	"strings"
)

const maxCode = 100 // bytes of a field's code that are kept

// field is a field of DOCX, such as a cross reference. It has a code and then a result, which
// is shown.
type field struct {
	code   string
	shown  bool // the code has ended
	inside bool // is in a field that leaves its text out
}

// addCode adds a piece of the field's code.
func (f *field) addCode(s string) {
	if len(f.code) < maxCode {
		f.code += s[:min(len(s), maxCode)]
	}
}

// hides reports whether the text in the field is left out: its code, which may have fields with
// results of its own, or the result of a field that lists headings, tables or words.
func (f *field) hides() bool {
	kind, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(f.code))+" ", " ")
	return !f.shown || kind == "TOC" || kind == "INDEX"
}

// turnField handles the beginning of a field, the end of its code, or its end.
func (r *docx) turnField(kind string) {
	n := len(r.fields)
	switch {
	case r.showsFields:
	case kind == "begin":
		r.fields = append(r.fields, &field{inside: r.inHiddenField()})
	case kind == "separate" && n > 0:
		r.fields[n-1].shown = true
	case kind == "end" && n > 0:
		r.fields = r.fields[:n-1]
	}
}

// inHiddenField reports whether the text is in a field that leaves it out.
func (r *docx) inHiddenField() bool {
	n := len(r.fields)
	return n > 0 && (r.fields[n-1].inside || r.fields[n-1].hides())
}

// prompts reports whether the text is in a content control that has no text yet.
func (r *docx) prompts() bool {
	return slices.ContainsFunc(r.controls, func(c control) bool { return c.prompts })
}
