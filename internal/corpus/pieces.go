package corpus

import (
	"cmp"
	"errors"
	"io"
	"iter"
	"os"
	"strconv"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
)

// Bounds of a piece of a file. A piece ends with the document that reaches one of them.
const (
	maxPieceBytes     = 1 << 20
	maxPieceDocuments = 1000
)

// Pieces reads the file at path like Read, piece by piece, so that memory does not grow with
// the size of a file of records, a table, a mailbox or an archive. Other files are one
// piece. An error is about a part of a file; what comes before and after it is still read.
func (r Reader) Pieces(path, name string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		if !utf8.ValidString(name) { // ids and metadata are UTF-8
			yield(File{}, &FileError{File: strconv.Quote(name), Err: ErrName})
			return
		}
		file, size, err := open(path)
		if err != nil {
			yield(File{}, &FileError{File: name, Err: err})
			return
		}
		defer file.Close()
		joined := joiner{name: name, yield: yield}
		for piece, err := range r.pieces(newSource(name, file, size, newBudget(r.limit(), size))) {
			if !joined.add(piece, err) {
				return
			}
		}
		joined.flush()
	}
}

// open opens a regular file, and returns its size.
func open(path string) (systemFile, int64, error) {
	info, err := os.Stat(path) // before os.Open, since opening a FIFO would wait for a writer
	switch {
	case err != nil:
		return systemFile{}, 0, Unreadable(err)
	case !info.Mode().IsRegular():
		return systemFile{}, 0, errors.New("is not a regular file; name a file or a folder of files")
	}
	file, err := os.Open(path)
	if err != nil {
		return systemFile{}, 0, Unreadable(err)
	}
	return systemFile{file}, info.Size(), nil
}

// systemFile is a file whose errors say what to do and leave out the path.
type systemFile struct{ *os.File }

// Read implements io.Reader.
func (f systemFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = Unreadable(err)
	}
	return n, err
}

// joiner joins small pieces of a file, such as the files of an archive.
type joiner struct {
	name  string
	yield func(File, error) bool

	joined File
	errs   []error
	size   int // of joined and errs, in bytes
	before int // number of documents that were yielded
}

// add adds a piece, and yields those so far if they are large enough. It returns false if
// no more pieces are wanted.
func (j *joiner) add(piece File, err error) bool {
	for i, d := range piece.Documents {
		d.Metadata["file"] = j.name
		if d.Metadata["path"] != "" { // ordinals in a part say nothing about the file
			d.Metadata["file_ordinal"] = strconv.Itoa(j.before + len(j.joined.Documents) + i + 1)
		}
	}
	j.joined.add(piece)
	j.size += piece.size()
	if err != nil {
		var known *FileError
		if !errors.As(err, &known) { // it is about the whole file
			err = &FileError{File: j.name, Err: err}
		}
		j.errs = append(j.errs, err)
		j.size += sizeOfLine
	}
	return j.size < maxPieceBytes && len(j.joined.Documents) < maxPieceDocuments || j.flush()
}

// flush yields the pieces so far.
func (j *joiner) flush() bool {
	piece, err := j.joined, errors.Join(j.errs...)
	j.before += len(piece.Documents)
	j.joined, j.errs, j.size = File{}, nil, 0
	return piece.size() == 0 && err == nil && piece.Format == "" || j.yield(piece, err)
}

// add adds the content of a piece.
func (f *File) add(piece File) {
	before := len(f.Documents)
	f.Format = cmp.Or(piece.Format, f.Format)
	f.Documents = append(f.Documents, piece.Documents...)
	for _, dropped := range piece.Dropped {
		dropped.Document += before
		f.Dropped = append(f.Dropped, dropped)
	}
	for _, decision := range piece.Decisions {
		decision.Document += before
		f.Decisions = append(f.Decisions, decision)
	}
	f.Skipped = append(f.Skipped, piece.Skipped...)
	f.Warnings = append(f.Warnings, piece.Warnings...)
}

// sizeOfLine is about how many bytes of memory an entry of a list takes.
const sizeOfLine = 100

// size returns about how many bytes the content takes.
func (f *File) size() int {
	size := sizeOfLine * (len(f.Dropped) + len(f.Decisions) + len(f.Skipped) + len(f.Warnings))
	for _, d := range f.Documents {
		size += sizeOf(d)
	}
	for _, dropped := range f.Dropped {
		size += len(dropped.Text)
	}
	return size
}

// sizeOf returns about how many bytes a document takes.
func sizeOf(d document.Document) int {
	return len(d.Text) + len(d.Title) + sizeOfLine*(3+len(d.Metadata)+len(d.Blocks))
}
