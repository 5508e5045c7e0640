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

// partEnding is added to the name of a file until the file is complete.
const partEnding = ".part"

// ErrOtherExport means that an interrupted file is of another export than the one that
// would continue it.
var ErrOtherExport = errors.New("holds the beginning of another export")

// Writer writes a file. Until Finish, the file has another name, with the ending .part.
type Writer struct {
	path, part string
	file       *os.File
	out        compressor
	sum        hash.Hash
	documents  int
	last       string
}

// Create starts a file, or continues one whose writing was interrupted. It continues a
// file only if same reports that its header is of the same export; the header stays the
// old one. It compresses as the ending of path says.
func Create(path string, header Header, same func(Header) bool) (*Writer, error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s exists already; remove it, or choose another name", path)
	}
	w := &Writer{path: path, part: path + partEnding, sum: sha256.New()}
	begun, err := open(w.part, path, true)
	var cut *LineError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &cut) { // not even a first line
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

// resume copies the complete lines of an interrupted file, and then replaces it. Copying
// works for every kind of compression.
func (w *Writer) resume(begun *Reader) error {
	next := w.part + ".new"
	if err := w.begin(next, begun.Header()); err != nil {
		return err
	}
	for {
		entry, err := begun.Next()
		if err != nil { // the line at which the writing was interrupted
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

// Documents returns the number of documents so far.
func (w *Writer) Documents() int { return w.documents }

// Last returns the name of the last document that the file had when it was continued.
func (w *Writer) Last() string { return w.last }

// Add adds a document.
func (w *Writer) Add(entry Entry) error {
	w.documents++
	return w.writeLine(entry)
}

// Flush makes sure that the documents so far are in the file even if the process is
// killed.
func (w *Writer) Flush() error { return w.out.Flush() }

// Finish writes the last line and gives the file its name.
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

// Interrupt closes an incomplete file, which Create can continue.
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

// Compact returns JSON in one line and without space between its parts, so that equal
// messages give equal lines.
func Compact(data []byte) (json.RawMessage, error) {
	var buf bytes.Buffer
	err := json.Compact(&buf, data)
	return buf.Bytes(), err
}
