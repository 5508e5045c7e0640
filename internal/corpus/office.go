package corpus

import (
	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/office"
	"github.com/accord-search/accord/internal/corpus/sniff"
)

// readOffice reads a DOCX or ODT as one document.
func readOffice(s source, format sniff.Format) (File, error) {
	z, err := archive.Zip(s.data)
	if err != nil {
		return File{}, err
	}
	read := office.DOCX
	if format == sniff.ODT {
		read = office.ODT
	}
	text, err := read(z)
	if err != nil {
		return File{}, err
	}
	return one(s.name, text.Lines, text.Known)
}
