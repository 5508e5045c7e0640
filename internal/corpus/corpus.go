// Package corpus reads files of many formats into documents. A file passes through these
// packages:
//
//	sniff    bytes → format; packages pdf, office, epub, mail, table, feed and
//	         archive read those that are not lines of text
//	decode   bytes → text in the right encoding
//	line     text → lines, each with a class (title, stamp, furniture, …)
//	article  lines → documents, with title, date, source and text
//
// The other packages below corpus recognise one kind of thing each, such as a date or a
// caption. None is written for the layout of one publisher. Package corpus does not cut
// documents into passages, which package chunk does, and it does not use the network.
package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/document"
)

// DefaultMaxBytes is the default of Reader.MaxBytes.
const DefaultMaxBytes = 16 << 20

// Reader reads files. The zero value is ready for use, and safe for concurrent use.
type Reader struct {
	// MaxBytes is the maximum size of what is held in memory as a whole: a record, a row, a
	// message, or a whole file if it is not of records, a table, a mailbox or an archive. 0
	// means DefaultMaxBytes.
	MaxBytes int64
	// ColumnsAsText makes the text of a row from all its columns, each as "column: value",
	// except those for another field, such as the title. Otherwise, if a column is the
	// text, the columns without a field become metadata.
	ColumnsAsText bool
}

// File is the content of one file, or of a piece of one.
type File struct {
	// Format is the name of the format that the file was read as, such as "PDF" or "text".
	Format string
	// Documents are in the order in which the file has them. Their Collection is empty.
	Documents []document.Document
	// Dropped has the lines that are not part of any document, in order.
	Dropped []Dropped
	// Decisions say why documents begin where they do, and why they have their title, date
	// and language. There are none for records and rows, whose fields give these.
	Decisions []Decision
	// Skipped are the parts of an archive or a message that are not read, and the keys of
	// records whose values are not kept, with the reason.
	Skipped []*FileError
	// Warnings say what may be wrong, such as the encoding.
	Warnings []string
}

// Dropped is a line of the page around a document.
type Dropped struct {
	Document int    // ordinal of the document in File.Documents, from 1
	Text     string // as it was read
	Reason   string // such as "font size"
}

// Decision is a decision about a document of a file.
type Decision struct {
	Document int // ordinal of the document in File.Documents, from 1
	article.Decision
}

// FileError is the reason why a file, or one line of it, gave no document.
type FileError struct {
	File string // as the caller named it
	Line int    // from 1; 0 for the whole file
	Err  error  // what is wrong and what to do
}

// Error implements error.
func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.File, e.Err)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Limits of one text or page. They keep the time to read it to seconds, and the memory to
// some hundred MiB. A hard-wrapped text of DefaultMaxBytes has about maxLines lines.
const (
	maxLines    = 250_000
	maxTags     = 300_000 // of HTML
	maxMarks    = 500_000 // of Markdown
	maxArticles = 5000    // documents of one text
)

// Errors of files that give no documents. Compare them with errors.Is.
var (
	ErrEmpty    = errors.New("is empty; remove it or fill it")
	ErrBlank    = errors.New("holds white space only; remove it or fill it")
	ErrNoText   = errors.New("holds no text beside headers and page furniture; check that the article was saved with it")
	ErrName     = errors.New("has a name that is not UTF-8; rename it")
	ErrTooLong  = errors.New("is too long; split it or raise the limit")
	ErrLines    = fmt.Errorf("has more than %d lines, %d tags of HTML or %d marks of Markdown; split it", maxLines, maxTags, maxMarks)
	ErrArticles = fmt.Errorf("holds more than %d documents; split it", maxArticles)
	// ErrFormat is the error for a file in a known format that is not read, such as a
	// picture.
	ErrFormat = errors.New("is not read")
	// ErrForeign is the error for a file in a format that mostly holds no documents, such
	// as XML.
	ErrForeign = errors.New("it holds no documents that Accord knows")
)

// Read reads the file at path. name is the path relative to the folder that the caller was
// given, with slashes; it is used in ids, metadata and errors. Every error is a *FileError
// or joins several. A record, a row or a part can fail separately, so File may have
// documents even if there is an error.
func (r Reader) Read(path, name string) (whole File, err error) {
	var errs []error
	for piece, err := range r.Pieces(path, name) {
		whole.add(piece)
		errs = append(errs, err)
	}
	return whole, errors.Join(errs...)
}

// limit returns MaxBytes, or its default.
func (r Reader) limit() int64 {
	if r.MaxBytes <= 0 {
		return DefaultMaxBytes
	}
	return r.MaxBytes
}

// Unreadable returns an error that says why the system cannot read a file. It leaves out
// the path, which FileError has.
func Unreadable(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("cannot be read, check its permissions: %w", err)
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// readText reads plain text in any layout.
func readText(name, text string) (File, error) {
	text = decode.Normalize(decode.Mend(text))
	if line.Count(text) > maxLines {
		return File{}, ErrLines
	}
	if body, k, ok := readBook(text); ok {
		a, ok := article.ReadOne(line.FromText(body, datetime.StyleOf(body)), k)
		if !ok {
			return File{}, ErrNoText
		}
		return assemble(name, []article.Article{a})
	}
	lines := line.FromText(text, datetime.StyleOf(text))
	return assemble(name, article.Read(lines, article.Known{}))
}

// assemble sets the ids and metadata of the documents of a file.
func assemble(name string, articles []article.Article) (file File, err error) {
	if len(articles) > maxArticles {
		return File{}, ErrArticles
	}
	for i, a := range articles {
		d := a.Document(name) // this also adds decisions to a
		if m := dateInName(name); m != nil && len(articles) == 1 && d.PublishTime.IsZero() {
			d.PublishTime, d.PublishPrecision = m.At, m.Precision
			a.Decisions = append(a.Decisions, article.Decision{About: article.AboutDate, Origin: article.Origin{Rule: "name of the file"}})
		}
		d.ID = documentID(name, i+1, len(articles))
		d.Metadata["file"] = name
		d.Metadata["file_ordinal"] = strconv.Itoa(i + 1)
		file.Documents = append(file.Documents, d)
		for _, dropped := range a.Dropped {
			file.Dropped = append(file.Dropped, Dropped{Document: i + 1, Text: dropped.Text, Reason: dropped.Reason})
		}
		for _, decision := range a.Decisions {
			file.Decisions = append(file.Decisions, Decision{i + 1, decision})
		}
	}
	return file, nil
}
