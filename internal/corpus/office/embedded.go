package office

import (
	"archive/zip"
	"fmt"
	"path"
	"strings"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
)

// Bounds of the documents in a DOCX.
const (
	maxEmbedded      = 24 << 20 // bytes of all of them, and of what is unpacked from them
	maxEmbeddedParts = 1000     // times that one is read
	maxEmbeddedDepth = 3        // of documents inside each other
)

// ErrEmbedded is why a document in a DOCX is not read: there are too many.
var ErrEmbedded = fmt.Errorf("is one of more than %d embedded documents, or they have more than %d bytes, or they are more than %d deep: save it again with Word", maxEmbeddedParts, maxEmbedded, maxEmbeddedDepth)

// ReadEmbedded returns the lines of a document in a DOCX that is not DOCX itself, such as a page
// of HTML.
type ReadEmbedded func(name string, content []byte) ([]line.Line, error)

// embedding reads the documents in a DOCX. Programs put documents together in this way. Word
// replaces them by their text when it saves the file.
type embedding struct {
	read   ReadEmbedded
	left   int64 // bytes that may still be read
	parts  int   // number of documents that were read
	depth  int   // number of documents around the text
	unread map[string]error
}

// embeddedIn returns the names of the parts that are documents of their own, by the ids of their
// relations.
func embeddedIn(all []relation) map[string]string {
	names := map[string]string{}
	for _, p := range all {
		if p.kind == "aFChunk" {
			names[p.id] = p.name
		}
	}
	return names
}

// embed adds the text of a part that is a document of its own.
func (r *docx) embed(name string) {
	if in := r.embedding; name != "" && in.unread[name] == nil && !r.inHiddenField() {
		if err := r.readEmbedded(name); err != nil {
			in.unread[name] = err
		}
	}
}

func (r *docx) readEmbedded(name string) error {
	in := r.embedding
	if in.parts++; in.parts > maxEmbeddedParts || in.depth == maxEmbeddedDepth {
		return ErrEmbedded
	}
	content, err := archive.Part(r.archive, name, maxPart)
	if err != nil {
		return err
	}
	if in.left -= int64(len(content)); in.left < 0 {
		return ErrEmbedded
	}
	z, err := archive.Zip(content)
	if err == nil {
		in.left -= sizeOfRelations(z)
	}
	switch {
	case in.left < 0:
		return ErrEmbedded
	case err != nil || !hasPart(z, mainPart(z)):
		lines, err := in.read(name, content)
		r.insert(lines)
		return err
	}
	in.depth++
	inner, err := readDOCX(z, in, r.writer.notes)
	in.depth--
	if err == nil && inner.full() {
		err = ErrText
	}
	if err == nil {
		r.insert(inner.lines)
		r.writer.notes = inner.writer.notes
	}
	return err
}

// sizeOfRelations returns how many bytes the relations in an archive have unpacked.
func sizeOfRelations(z *zip.Reader) (size int64) {
	for _, f := range z.File {
		if strings.EqualFold(path.Ext(f.Name), ".rels") {
			size += int64(min(f.UncompressedSize64, maxPart))
		}
	}
	return size
}

// part returns an XML part of the document, nil if there is none and it is not needed. That of an
// embedded document counts towards maxEmbedded.
func (r *docx) part(name string, needed bool) ([]byte, error) {
	data, err := part(r.archive, name, needed)
	if in := r.embedding; in.depth > 0 {
		if in.left -= int64(len(data)); in.left < 0 {
			return nil, ErrEmbedded
		}
	}
	return data, err
}

// insert adds lines to the text, or to the cell that is being read.
func (w *writer) insert(lines []line.Line) {
	for i, l := range lines {
		if !w.fits(len(l.Text)) {
			return
		}
		if n := len(w.tables); n > 0 {
			w.tables[n-1].cell = append(w.tables[n-1].cell, prose.Squeeze(l.Text))
			continue
		}
		if i == 0 {
			l.Gap = max(l.Gap, 1)
		}
		w.lines = append(w.lines, l)
	}
}
