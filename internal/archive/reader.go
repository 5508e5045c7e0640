package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// LineError says which line of a file is refused, and why.
type LineError struct {
	Line int // from 1, in the uncompressed file
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// ErrIncomplete means that a file ends before its last line.
var ErrIncomplete = errors.New("the file ends before its last line: its writing was interrupted, or it was cut off; " +
	"run the export again, which continues the file, or copy it again")

// ErrNoArchive means that a file is not an exported collection.
var ErrNoArchive = errors.New("is not an exported collection: its first line does not have \"accord_export\" first")

// Reader reads a file line by line. It keeps one line in memory.
type Reader struct {
	file      *os.File
	unpacked  io.ReadCloser
	lines     *bufio.Reader
	header    Header
	lenient   bool
	line      int
	documents int // number of lines that are or may be documents
	bad       int
	sum       hash.Hash // digest of all lines so far
	ended     bool
}

// Open opens a file and reads its first line. If lenient is set, unknown fields are
// ignored; otherwise lines that have some are refused.
func Open(path string, lenient bool) (*Reader, error) { return open(path, path, lenient) }

// open opens a file. The extension in name decides how it is decompressed.
func open(path, name string, lenient bool) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	unpacked, err := decompress(file, name)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = &LineError{1, ErrIncomplete}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r := &Reader{file: file, unpacked: unpacked, lines: bufio.NewReader(unpacked), lenient: lenient, sum: sha256.New()}
	if err := r.readHeader(); err != nil {
		r.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Close closes the file.
func (r *Reader) Close() {
	r.unpacked.Close()
	r.file.Close()
}

// Header returns the first line.
func (r *Reader) Header() Header { return r.header }

// Line returns the number of the line that Next returned.
func (r *Reader) Line() int { return r.line }

func (r *Reader) readHeader() error {
	line, err := r.readLine()
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte(headerPrefix)) {
		return r.refuse(ErrNoArchive)
	}
	object, err := unseal(line)
	if err != nil {
		return r.refuse(err)
	}
	var version struct {
		Version int `json:"accord_export"`
	}
	if err := json.Unmarshal(object, &version); err != nil {
		return r.refuse(err)
	}
	if version.Version < 1 || version.Version > Version {
		return r.refuse(fmt.Errorf("the file has version %d of the format, and this Accord reads versions up to %d; import it with a newer Accord, or export it with this one",
			version.Version, Version))
	}
	if err := decode(object, &r.header, r.lenient); err != nil {
		return r.refuse(err)
	}
	return nil
}

// Next returns the next document. After a complete file it returns io.EOF. For a line that
// is refused it returns a *LineError, after which the next line can be read.
func (r *Reader) Next() (entry Entry, err error) {
	if r.ended {
		return Entry{}, io.EOF
	}
	before := sumOf(r.sum)
	line, err := r.readLine()
	if err != nil {
		return Entry{}, err
	}
	if bytes.HasPrefix(line, []byte(lastPrefix)) {
		return Entry{}, r.readLast(line, before)
	}
	r.documents++
	object, err := unseal(line)
	if err == nil {
		err = decode(object, &entry, r.lenient)
	}
	if err == nil && len(entry.Document) == 0 {
		err = errors.New(`has no "document"`)
	}
	if err != nil {
		return Entry{}, r.refuse(err)
	}
	return entry, nil
}

func (r *Reader) refuse(err error) error {
	r.bad++
	return &LineError{r.line, err}
}

// readLast checks the last line. It does not check the digest of the file if a line was
// refused, since it cannot match then.
func (r *Reader) readLast(line []byte, digest string) error {
	object, err := unseal(line)
	if err != nil {
		return r.refuse(err)
	}
	r.ended = true
	var end last
	if err := decode(object, &end, r.lenient); err != nil {
		return r.refuse(err)
	}
	if r.bad == 0 && (end.End.Digest != digest || end.End.Documents != r.documents) {
		return r.refuse(fmt.Errorf("the file has %d documents with another digest than the %d that were written: lines were added, removed or moved; copy or export it again",
			r.documents, end.End.Documents))
	}
	if _, err := r.lines.ReadByte(); !errors.Is(err, io.EOF) {
		r.line++
		return r.refuse(errors.New("comes after the last line of the export; remove it"))
	}
	return io.EOF
}

// readLine returns the next line without its newline.
func (r *Reader) readLine() ([]byte, error) {
	var line []byte
	r.line++
	length := 0
	for {
		part, err := r.lines.ReadSlice('\n')
		r.sum.Write(part)
		if length += len(part); length <= maxLine {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			r.ended = true
			return nil, r.refuse(ErrIncomplete)
		case err != nil:
			r.ended = true
			return nil, r.refuse(fmt.Errorf("cannot be read, and nothing after it: %w; copy or export the file again", err))
		case length > maxLine:
			r.documents++
			return nil, r.refuse(fmt.Errorf("has %d bytes, more than the limit of %d", length, maxLine))
		}
		return bytes.TrimSuffix(line, []byte("\n")), nil
	}
}
