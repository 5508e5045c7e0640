package office

import (
	"archive/zip"
	"cmp"
	"encoding/xml"
	"path"
	"strings"
)

// readParts reads the parts of the document. Their names are in its relations; most programs
// call them "word/document.xml" and alike.
func (r *docx) readParts(z *zip.Reader) error {
	document := mainPart(z)
	names := relations(z, document)
	text := func(data []byte) error { return visit(data, r.open, r.addText, r.shut) }
	for _, p := range []struct {
		kind string
		read func([]byte) error
	}{{"styles", r.readStyles}, {"numbering", r.readNumbering}, {"footnotes", text}, {"endnotes", text}, {"document", text}} {
		name := cmp.Or(names[p.kind], path.Join(path.Dir(document), p.kind+".xml"))
		if p.kind == "document" {
			name = document
		}
		data, err := part(z, name, p.kind == "document")
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
	if name := relations(z, "")["officeDocument"]; hasPart(z, name) && !hasPart(z, usual) {
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

// relations returns the names of the parts that belong to a part of a DOCX, or to the whole
// document for "", by their kinds, such as "styles". Programs that leave relations out use the
// usual names.
func relations(z *zip.Reader, of string) map[string]string {
	folder := path.Dir(of)
	data, err := part(z, path.Join(folder, "_rels", path.Base("/"+of)+".rels"), false)
	if err != nil || data == nil {
		return nil
	}
	names := map[string]string{}
	_ = visit(data, func(e xml.StartElement) bool {
		target := attr(e, "Target")
		if e.Name.Local != "Relationship" || target == "" || attr(e, "TargetMode") == "External" {
			return true
		}
		if !strings.HasPrefix(target, "/") {
			target = path.Join(folder, target)
		}
		if kind := path.Base(attr(e, "Type")); names[kind] == "" {
			names[kind] = strings.TrimPrefix(target, "/")
		}
		return true
	}, func(string) {}, func(xml.Name) {}) // relations after a fault in the XML are missing
	return names
}
