package corpus

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/sniff"
)

// extensions are those of the files that are read from a folder or an archive. Other files
// are skipped.
var extensions = []string{
	".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".pdf", ".docx", ".odt", ".epub",
	".eml", ".mbox", ".rss", ".atom", ".xml", ".zip", ".tar", ".gz", ".tgz",
}

// ReadsName reports whether a file of a folder or an archive is read: its name has the
// extension of a format.
func ReadsName(name string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

// source is a file, or a part of one, while it is read.
type source struct {
	name  string // with slashes; that of a part begins with the name of its file
	data  []byte
	depth int     // number of archives and messages around it
	left  *budget // how much may still be unpacked from its file
}

// budget is how many bytes and parts may still be unpacked from a file.
type budget struct {
	bytes int64
	parts int
}

// ext returns the extension of the name of the source, in lower case.
func (s source) ext() string {
	return strings.ToLower(path.Ext(s.name))
}

// byName maps extensions to formats that the content must confirm. Text in a file with such
// an extension is an error.
var byName = map[string]string{".pdf": "PDF", ".docx": "DOCX", ".odt": "ODT", ".epub": "EPUB", ".zip": "ZIP", ".tar": "TAR", ".gz": "gzip", ".tgz": "gzip"}

// formatNames has the names of the formats that package sniff detects.
var formatNames = map[sniff.Format]string{
	sniff.PDF: "PDF", sniff.DOCX: "DOCX", sniff.ODT: "ODT", sniff.EPUB: "EPUB", sniff.ZIP: "ZIP", sniff.TAR: "TAR", sniff.Gzip: "gzip",
	sniff.HTML: "HTML", sniff.Feed: "feed", sniff.Mail: "mail", sniff.Mbox: "mail",
}

// extensionNames has the names of the text formats that an extension shows.
var extensionNames = map[string]string{
	".jsonl": "JSON", ".ndjson": "JSON", ".json": "JSON", ".csv": "table", ".tsv": "table", ".md": "Markdown", ".markdown": "Markdown",
	".html": "HTML", ".htm": "HTML", ".xhtml": "HTML",
}

// formatName returns the name of the format that a source is read as.
func (s source) formatName() string {
	format, _ := sniff.Of(s.data)
	byExtension := extensionNames[s.ext()]
	if format >= sniff.HTML { // for text, the extension decides first
		return cmp.Or(byExtension, formatNames[format], "text")
	}
	return cmp.Or(formatNames[format], byExtension, "text")
}

// readSource reads a source in the format that its content shows, or else its name.
func (r Reader) readSource(s source) (File, error) {
	if len(s.data) == 0 {
		return File{}, ErrEmpty
	}
	format, what := sniff.Of(s.data)
	switch format {
	case sniff.PDF:
		return r.readPDF(s)
	case sniff.DOCX, sniff.ODT:
		return readOffice(s, format)
	case sniff.EPUB:
		return readEPUB(s)
	case sniff.ZIP:
		return r.readZIP(s)
	case sniff.TAR:
		return r.readTAR(s)
	case sniff.Gzip:
		return r.readGzip(s)
	case sniff.Foreign:
		return File{}, fmt.Errorf("is %s, which %w", what, ErrFormat)
	}
	text, doubt, err := decode.TextInDoubt(s.data)
	switch name := byName[s.ext()]; {
	case err != nil && name != "", err == nil && name != "" && format == sniff.Text:
		return File{}, fmt.Errorf("has the name of a file of %s, but holds none; copy or download it again", name)
	case err != nil:
		return File{}, fmt.Errorf("%w; convert it to text", err)
	case strings.TrimSpace(text) == "":
		return File{}, ErrBlank
	}
	file, err := r.readWritten(s, format, text)
	if err == nil && len(doubt) > 1 && decode.WithDeclaredCharset(s.data, "") == "" {
		file.Warnings = append(file.Warnings, fmt.Sprintf("was read as %s, but %s fits almost as well; convert it to UTF-8 if letters are wrong", doubt[0], doubt[1]))
	}
	return file, err
}

// readWritten reads a source that is text.
func (r Reader) readWritten(s source, format sniff.Format, text string) (file File, err error) {
	ext := s.ext()
	switch {
	case ext == ".jsonl", ext == ".ndjson":
		return readJSONL(s.name, text)
	case ext == ".json":
		return readJSON(s.name, text)
	case ext == ".csv", ext == ".tsv":
		return r.readTable(s.name, text)
	case ext == ".md", ext == ".markdown":
		file, err = readMarkdown(s.name, text)
	case format == sniff.Mail:
		return r.readMail(s)
	case format == sniff.Mbox:
		return r.readMbox(s)
	case format == sniff.Feed:
		file, err = readFeed(s.name, s.data)
	case format == sniff.HTML, ext == ".html", ext == ".htm", ext == ".xhtml":
		file, err = readHTML(s.name, s.data, text)
	case ext == ".xml", ext == ".rss", ext == ".atom":
		return File{}, fmt.Errorf("is XML, but neither RSS nor Atom: %w", ErrForeign)
	default:
		file, err = readText(s.name, text)
	}
	if err == nil && len(file.Documents) == 0 {
		err = ErrNoText
	}
	return file, err
}
