package corpus

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/mail"
	"github.com/accord-search/accord/internal/corpus/office"
	"github.com/accord-search/accord/internal/corpus/sniff"
)

// readOffice reads a DOCX or ODT as one document.
func readOffice(s source, format sniff.Format) (File, error) {
	z, err := archive.Zip(s.data)
	if err != nil {
		return File{}, err
	}
	var text office.Text
	if format == sniff.ODT {
		text, err = office.ODT(z)
	} else {
		text, err = office.DOCX(z, readEmbedded)
	}
	if err != nil {
		return File{}, err
	}
	file, err := one(s.name, text.Lines, text.Known)
	for _, name := range slices.Sorted(maps.Keys(text.Unread)) {
		file.Warnings = append(file.Warnings, fmt.Sprintf("lacks the text of its part %s, which %v", name, text.Unread[name]))
	}
	return file, err
}

// readEmbedded returns the lines of a document in a DOCX: a page of HTML, also with its pictures
// as MHTML, or text.
func readEmbedded(name string, content []byte) ([]line.Line, error) {
	format, what := sniff.Of(content)
	ext := strings.ToLower(path.Ext(name))
	switch {
	case format == sniff.Foreign:
		return nil, fmt.Errorf("is %s, which %w", what, ErrFormat)
	case format != sniff.Text && format < sniff.HTML:
		return nil, fmt.Errorf("is no text, HTML or DOCX, and %w", ErrFormat)
	case format == sniff.Mail, ext == ".mht", ext == ".mhtml":
		m, err := mail.Read(content, DefaultMaxBytes)
		if err != nil || len(m.Bodies) == 0 {
			return nil, err
		}
		content = m.Bodies[0].Data // others are heads and feet
	}
	text, err := decode.Text(content)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		return pieceLines(decode.WithDeclaredCharset(content, text), 0)
	}
	if text = decode.Normalize(decode.Mend(text)); line.Count(text) > maxLines {
		return nil, ErrLines
	}
	return line.FromText(text, datetime.StyleOf(text)), nil
}
