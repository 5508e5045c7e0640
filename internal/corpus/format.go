package corpus

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/sniff"
)

// extensions are those of the files that are read from a folder or an archive. Other files
// are skipped.
var extensions = []string{
	".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".pdf", ".docx", ".docm", ".dotx", ".dotm", ".odt", ".ott", ".epub",
	".eml", ".mbox", ".rss", ".atom", ".xml", ".zip", ".tar", ".gz", ".tgz",
}

// ReadsName reports whether a file of a folder or an archive is read: its name has the
// extension of a format.
func ReadsName(name string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

// inPieces are the extensions of the files that are read piece by piece.
var inPieces = []string{".jsonl", ".ndjson", ".csv", ".tsv", ".mbox", ".zip", ".tar", ".gz", ".tgz"}

// InPieces reports whether a file with such a name is read piece by piece, so that it may
// be of any size.
func InPieces(name string) bool {
	return slices.Contains(inPieces, strings.ToLower(path.Ext(name)))
}

// binaryFormats maps extensions to formats that the content must confirm. Text in a file with
// such an extension is an error.
var binaryFormats = map[string]string{".pdf": "PDF", ".docx": "DOCX", ".docm": "DOCX", ".dotx": "DOCX", ".dotm": "DOCX", ".odt": "ODT", ".ott": "ODT", ".epub": "EPUB", ".zip": "ZIP", ".tar": "TAR", ".gz": "gzip", ".tgz": "gzip"}

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
func (s source) formatName(format sniff.Format) string {
	byExtension := extensionNames[s.ext()]
	if format >= sniff.HTML { // for text, the extension decides first
		return cmp.Or(byExtension, formatNames[format], "text")
	}
	return cmp.Or(formatNames[format], byExtension, "text")
}

// pieces reads a source in the format that its content shows, or else its name.
func (r Reader) pieces(s source) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		format, err := r.sniff(&s)
		if err != nil {
			yield(File{}, err)
			return
		}
		of := r.readerOf(&s, format)
		named := func(piece File, err error) bool {
			var part *FileError
			if err == nil || errors.As(err, &part) || len(piece.Documents) > 0 {
				piece.Format = s.formatName(format)
			}
			return yield(piece, err)
		}
		if of != nil {
			of(s, named)
			return
		}
		err = s.load(r.limit())
		var whole File
		if err == nil {
			whole, err = r.readWhole(s, format)
		}
		named(whole, err)
	}
}

// sniff detects the format of a source by its content. It fails if the source is empty or
// in a format that is not read.
func (r Reader) sniff(s *source) (sniff.Format, error) {
	head, all, err := s.head()
	switch {
	case err != nil:
		return 0, err
	case len(head) == 0:
		return 0, ErrEmpty
	}
	format, what := sniff.Of(head)
	if format == sniff.ZIP {
		z, err := s.zip(r.limit())
		if err != nil && (s.at == nil || errors.Is(err, archive.ErrEntries)) {
			return 0, err
		}
		format, what = sniff.Zipped(head, z) // the reader of the format says what is wrong
	}
	switch {
	case format == sniff.Foreign:
		return 0, fmt.Errorf("is %s, which %w", what, ErrFormat)
	case all && len(bytes.TrimSpace(head)) == 0:
		return 0, ErrBlank
	}
	return format, nil
}

// readerOf returns the function that reads a format piece by piece, or nil if it is read as
// a whole.
func (r Reader) readerOf(s *source, format sniff.Format) func(source, func(File, error) bool) {
	switch ext := s.ext(); {
	case format == sniff.ZIP:
		return r.readZIP
	case format == sniff.TAR:
		return r.readTAR
	case format == sniff.Gzip:
		return r.readGzip
	case format != sniff.Text && format < sniff.HTML:
		return nil
	case ext == ".jsonl", ext == ".ndjson":
		return r.readJSONL
	case ext == ".json":
		return r.readJSON
	case ext == ".csv", ext == ".tsv":
		return r.readTable
	case format == sniff.Mbox && ext != ".md" && ext != ".markdown":
		return r.readMbox
	}
	return nil
}

// readWhole reads a source that is loaded.
func (r Reader) readWhole(s source, format sniff.Format) (File, error) {
	if err := s.countZipped(format); err != nil {
		return File{}, err
	}
	switch format {
	case sniff.PDF:
		return r.readPDF(s)
	case sniff.DOCX, sniff.ODT:
		return readOffice(s, format)
	case sniff.EPUB:
		return readEPUB(s)
	}
	text, warnings, err := s.text(format)
	if err == nil && s.depth > 0 {
		err = s.left.read(int64(len(s.data)))
	}
	if err != nil {
		return File{}, err
	}
	file, err := r.readTextFormat(s, format, text)
	if err == nil {
		file.Warnings = append(file.Warnings, warnings...)
	}
	return file, err
}

// countZipped counts what an office document or a book in an archive has unpacked.
func (s source) countZipped(format sniff.Format) error {
	if s.depth == 0 || format != sniff.DOCX && format != sniff.ODT && format != sniff.EPUB {
		return nil
	}
	z, err := archive.Zip(s.data)
	if err != nil {
		return nil // its reader says what is wrong
	}
	const most = 1 << 30 // of an entry, so that the sum fits
	var size int64
	for _, f := range z.File {
		size += int64(min(f.UncompressedSize64, most))
	}
	return s.left.read(size / xmlPerText)
}

// text returns the text of a source that is loaded, and warnings about its encoding.
func (s source) text(format sniff.Format) (text string, warnings []string, err error) {
	text, doubt, err := decode.TextInDoubt(s.data)
	switch name := binaryFormats[s.ext()]; {
	case err != nil && name != "", err == nil && name != "" && format == sniff.Text:
		return "", nil, fmt.Errorf("has the name of a file of %s, but holds none; copy or download it again", name)
	case err != nil:
		return "", nil, toConvert(err)
	case strings.TrimSpace(text) == "":
		return "", nil, ErrBlank
	}
	if decode.WithDeclaredCharset(s.data, "") == "" {
		warnings = doubtful(doubt)
	}
	return text, warnings, nil
}

// readTextFormat reads a source in a format that is text, such as HTML.
func (r Reader) readTextFormat(s source, format sniff.Format, text string) (file File, err error) {
	ext := s.ext()
	switch {
	case ext == ".md", ext == ".markdown":
		file, err = readMarkdown(s.name, text)
	case format == sniff.Mail:
		return r.readMail(s)
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
