package corpus

import (
	"errors"
	"fmt"

	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/document"
)

// maxRecords is the maximum number of records of a JSON list, which is held in memory.
const maxRecords = 100_000

// ErrRecords is the error for a JSON list with too many records.
var ErrRecords = fmt.Errorf("has more than %d documents; split it, or write a record on each line", maxRecords)

// batch collects the documents of records or rows until they are a piece of a file.
type batch struct {
	name      string
	yield     func(File, error) bool
	file      File
	errs      []error // about single documents
	failed    error   // why the file was not read to its end
	languages languages
	size      int  // of the documents, in bytes
	count     int  // number of documents of the file so far
	faulty    int  // number of faulty lines
	ended     bool // whether no more documents are wanted
}

const maxErrors = 100 // maximum number of faulty lines that are reported one by one

// errText is the fault of a record or a row with too much text.
var errText = fmt.Errorf("has more than %d bytes of text: %w", maxText, ErrTooLong)

// add adds a document. It returns false if no more are wanted.
func (b *batch) add(d document.Document) bool {
	b.file.Documents = append(b.file.Documents, d)
	b.count++
	b.size += sizeOf(d)
	return b.size < maxPieceBytes && len(b.file.Documents) < maxPieceDocuments || b.flush()
}

// fault adds the error of a line. It returns false if there are too many.
func (b *batch) fault(line int, err error) bool {
	if b.faulty++; b.faulty > maxErrors {
		b.errs = append(b.errs, &FileError{File: b.name, Err: fmt.Errorf("has more than %d faulty lines; mend these first", maxErrors)})
		return false
	}
	b.errs = append(b.errs, &FileError{File: b.name, Line: line, Err: err})
	return true
}

// endText adds what was found out when a text was read: why it could not be read to its
// end, and whether its encoding is in doubt.
func (b *batch) endText(text *decode.Reader, err error) {
	if errors.Is(err, decode.ErrBinary) {
		err = toConvert(err)
	}
	if err != nil && !errors.Is(err, errStop) {
		b.failed = err
	}
	b.file.Warnings = doubtful(text.Doubt)
}

// flush yields the collected documents. It returns false if no more are wanted.
func (b *batch) flush() bool {
	if b.ended {
		return false
	}
	b.languages.set(b.file.Documents)
	file, err := b.file, errors.Join(b.errs...)
	b.file, b.errs, b.size = File{}, nil, 0
	b.ended = !b.yield(file, err)
	return !b.ended
}

// end passes on what is left, and after it why the file was not read to its end.
func (b *batch) end() {
	if b.failed != nil && len(b.file.Documents) == 0 && len(b.errs) == 0 {
		b.ended = b.ended || !b.yield(b.file, b.failed)
		return
	}
	if b.flush() && b.failed != nil {
		b.yield(File{}, b.failed)
	}
}

// toConvert returns the error for a file that should be text and is not.
func toConvert(err error) error { return fmt.Errorf("%w; convert it to text", err) }

// doubtful returns the warning about a text whose encoding is in doubt.
func doubtful(encodings []string) []string {
	if len(encodings) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("was read as %s, but %s fits almost as well; convert it to UTF-8 if letters are wrong", encodings[0], encodings[1])}
}
