package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
)

// partEnding is the suffix of the name of a file that is not complete yet.
const partEnding = ".part"

// ErrOtherExport means that an interrupted file belongs to another export.
var ErrOtherExport = errors.New("holds the beginning of another export")

// Writer writes a file. Until Finish is called, the name of the file ends in .part.
type Writer struct {
	path, part string
	file       *os.File
	out        compressor
	sum        hash.Hash
	documents  int
	last       string
}

// Create starts a file, or continues one whose writing was interrupted. It continues a file
// only if same reports that the file's header belongs to the same export; the file keeps
// its header. The extension of path decides how the file is compressed.
func Create(path string, header Header, same func(Header) bool) (*Writer, error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s exists already; remove it, or choose another name", path)
	}
	w := &Writer{path: path, part: path + partEnding, sum: sha256.New()}
	begun, err := open(w.part, path, true)
	var cut *LineError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &cut) { // the file is missing or has not even a complete first line
		return w, w.begin(w.part, header)
	}
	if err != nil {
		return nil, err
	}
	defer begun.Close()
	if !same(begun.Header()) {
		return nil, fmt.Errorf("%s %w; remove it, or choose another name", w.part, ErrOtherExport)
	}
	return w, w.resume(begun)
}

// begin creates a file with a header.
func (w *Writer) begin(name string, header Header) (err error) {
	if w.file, err = os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	if w.out, err = compress(w.file, w.path); err != nil {
		return err
	}
	return w.writeLine(header)
}

// resume copies the complete lines of an interrupted file into a new one, which then
// replaces it. Copying works with every kind of compression.
func (w *Writer) resume(begun *Reader) error {
	next := w.part + ".new"
	if err := w.begin(next, begun.Header()); err != nil {
		return err
	}
	for {
		entry, err := begun.Next()
		if err != nil { // this line is incomplete
			break
		}
		var document struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(entry.Document, &document); err != nil {
			break
		}
		if err := w.Add(entry); err != nil {
			return errors.Join(err, w.Interrupt())
		}
		w.last = document.Name
	}
	if err := w.out.Flush(); err != nil {
		return errors.Join(err, w.Interrupt())
	}
	return os.Rename(next, w.part)
}

// Documents returns the number of documents written so far.
func (w *Writer) Documents() int { return w.documents }

// Last returns the name of the last document that an interrupted file already had, or "".
func (w *Writer) Last() string { return w.last }

// Add adds a document.
func (w *Writer) Add(entry Entry) error {
	w.documents++
	return w.writeLine(entry)
}

// Flush writes the documents so far to the file, so that they are kept if the process is
// killed.
func (w *Writer) Flush() error { return w.out.Flush() }

// Finish writes the last line and gives the file its final name.
func (w *Writer) Finish() error {
	var end last
	end.End.Documents, end.End.Digest = w.documents, sumOf(w.sum)
	if err := w.writeLine(end); err != nil {
		return errors.Join(err, w.Interrupt())
	}
	own, err := w.file.Stat()
	if err := errors.Join(err, w.out.Close(), w.file.Sync(), w.file.Close()); err != nil {
		return err
	}
	if named, err := os.Stat(w.part); err != nil || !os.SameFile(own, named) {
		return fmt.Errorf("%s was replaced by another process: two exports must not write the same file", w.part)
	}
	return os.Rename(w.part, w.path)
}

// Interrupt closes an incomplete file. Create can continue it.
func (w *Writer) Interrupt() error { return errors.Join(w.out.Close(), w.file.Close()) }

func (w *Writer) writeLine(value any) error {
	line, err := seal(value)
	if err != nil {
		return err
	}
	w.sum.Write(line)
	if _, err := w.out.Write(line); err != nil {
		return fmt.Errorf("write %s: %w", w.part, err)
	}
	return nil
}

// Compact returns JSON on one line without optional white space, so that equal messages
// give equal lines.
func Compact(data []byte) (json.RawMessage, error) {
	var buf bytes.Buffer
	err := json.Compact(&buf, data)
	return buf.Bytes(), err
}
