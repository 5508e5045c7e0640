package office

import (
	"archive/zip"
	"cmp"
	"encoding/xml"
	"path"
	"slices"
	"strings"
)

// DOCX reads a document of Office Open XML. read reads the documents in it that are in another
// format.
func DOCX(z *zip.Reader, read ReadEmbedded) (Text, error) {
	in := &embedding{read: read, left: maxEmbedded, unread: map[string]error{}}
	r, err := readDOCX(z, in, nil)
	if err != nil {
		return Text{}, err
	}
	core, err := part(z, "docProps/core.xml", false)
	if err != nil {
		return Text{}, err
	}
	k, err := properties(core)
	if err != nil {
		return Text{}, err
	}
	text, err := r.finish(k)
	text.Unread = in.unread
	return text, err
}

// readDOCX reads the parts of a document. Its notes come after those that are given.
func readDOCX(z *zip.Reader, in *embedding, notes []string) (*docx, error) {
	r := newDOCX(in, notes)
	err := r.readParts(z)
	if err == nil && len(r.fields) > 0 { // a field without an end would hide the text after it
		r = newDOCX(in, notes)
		r.showsFields = true
		err = r.readParts(z)
	}
	return r, err
}

func newDOCX(in *embedding, notes []string) *docx {
	r := &docx{writer: newWriter(), embedding: in, notes: map[string]string{}, marks: map[string]string{}}
	r.writer.notes = slices.Clip(notes)
	return r
}

// readParts reads the parts of the document. Their names are in its relations; most programs
// call them "word/document.xml" and alike.
func (r *docx) readParts(z *zip.Reader) error {
	document := mainPart(z)
	all := related(z, document)
	names := byKind(all)
	r.archive, r.embedded = z, embeddedIn(all)
	text := func(data []byte) error { return visit(data, r.open, r.addText, r.shut) }
	for _, p := range []struct {
		kind string
		read func([]byte) error
	}{{"styles", r.readStyles}, {"numbering", r.readNumbering}, {"footnotes", text}, {"endnotes", text}, {"document", text}} {
		name := cmp.Or(names[p.kind], path.Join(path.Dir(document), p.kind+".xml"))
		if p.kind == "document" {
			name = document
		}
		data, err := r.part(name, p.kind == "document")
		if err == nil && data != nil {
			err = p.read(data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mainPart returns the name of the part of a DOCX with its text. Word calls it
// "word/document.xml", but for example files from SharePoint may have "word/document2.xml".
func mainPart(z *zip.Reader) string {
	const usual = "word/document.xml"
	if name := byKind(related(z, ""))["officeDocument"]; hasPart(z, name) && !hasPart(z, usual) {
		return name
	}
	return usual
}

func hasPart(z *zip.Reader, name string) bool {
	for _, f := range z.File {
		if f.Name == name {
			return true
		}
	}
	return false
}

// relation says which part belongs to another one.
type relation struct{ id, kind, name string }

// byKind returns the names of parts by their kinds, such as "styles".
func byKind(all []relation) map[string]string {
	names := map[string]string{}
	for _, p := range all {
		if names[p.kind] == "" {
			names[p.kind] = p.name
		}
	}
	return names
}

// related returns the relations of a part of a DOCX, or those of the whole document for "".
// Programs that leave relations out use the usual names of parts.
func related(z *zip.Reader, of string) (all []relation) {
	folder := path.Dir(of)
	data, err := part(z, path.Join(folder, "_rels", path.Base("/"+of)+".rels"), false)
	if err != nil || data == nil {
		return nil
	}
	_ = visit(data, func(e xml.StartElement) bool {
		target := attr(e, "Target")
		if e.Name.Local != "Relationship" || target == "" || attr(e, "TargetMode") == "External" || len(all) > maxStyles {
			return true
		}
		if !strings.HasPrefix(target, "/") {
			target = path.Join(folder, target)
		}
		all = append(all, relation{attr(e, "Id"), path.Base(attr(e, "Type")), strings.TrimPrefix(target, "/")})
		return true
	}, func(string) {}, func(xml.Name) {}) // relations after a fault in the XML are missing
	return all
}
