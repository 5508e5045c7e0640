package corpus

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/sniff"
)

// source is a file, or a part of one, while it is read.
type source struct {
	name  string        // with slashes; that of a part begins with the name of its file
	in    *bufio.Reader // what was not read yet
	at    io.ReaderAt   // the whole content; nil if it can only be read in order
	size  int64         // in bytes, as its file claims; or sizeUnknown
	data  []byte        // the whole content, once it is loaded
	depth int           // number of archives and messages around it
	left  *budget       // how much may still be unpacked from its file
}

const sizeUnknown = -1

// newSource returns a source of size bytes. from is read in order, or at any place if it
// also implements io.ReaderAt.
func newSource(name string, from io.Reader, size int64, left *budget) source {
	at, _ := from.(io.ReaderAt)
	buffer := sniff.Head
	if size >= 0 && size < sniff.Head {
		buffer = int(size) + 1 // so that its end is seen
	}
	return source{name: name, in: bufio.NewReaderSize(from, buffer), at: at, size: size, left: left}
}

// ofData returns a part whose content is in memory.
func (s source) ofData(name string, data []byte) source {
	part := newSource(s.name+"/"+name, bytes.NewReader(data), int64(len(data)), s.left)
	part.data, part.depth = data, s.depth+1
	return part
}

// ext returns the extension of the name of the source, in lower case.
func (s source) ext() string {
	return strings.ToLower(path.Ext(s.name))
}

// head returns the first bytes, which show the format, and whether these are all.
func (s source) head() (head []byte, all bool, err error) {
	head, err = s.in.Peek(s.in.Size())
	if errors.Is(err, io.EOF) {
		return head, true, nil
	}
	return head, false, err
}

// load reads the whole content into memory. It fails if that is more than limit bytes.
func (s *source) load(limit int64) (err error) {
	if s.data != nil {
		return nil
	}
	tooLarge := archive.TooLarge(limit)
	if s.depth == 0 {
		tooLarge = fmt.Errorf("has more than %d bytes: %w", limit, ErrTooLong)
	}
	if s.size > limit {
		return tooLarge
	}
	s.data, err = io.ReadAll(io.LimitReader(s.in, limit+1))
	if err == nil && int64(len(s.data)) > limit {
		err = tooLarge
	}
	return err
}

// zip opens the source as a ZIP archive. It loads a source that can only be read in order.
func (s *source) zip(limit int64) (*zip.Reader, error) {
	if s.at == nil {
		if err := s.load(limit); err != nil {
			return nil, err
		}
		s.at, s.size = bytes.NewReader(s.data), int64(len(s.data))
	}
	return archive.OpenZip(s.at, s.size)
}

const (
	minUnpacked  = 4        // what may be unpacked from any file, as a multiple of the limit of one that is held in memory
	maxRatio     = 20       // what may be unpacked from a large file, as a multiple of its size
	minText      = 16 << 20 // bytes of text that may be unpacked from any file
	maxDense     = 40       // text that may be unpacked from a small file, as a multiple of its size
	xmlPerText   = 8        // bytes of an office document or a book that take as long to read as one of text
	minParts     = 5000     // parts that any file may have
	bytesPerPart = 200      // size of a large file for each of its parts
	maxDepth     = 4        // nested archives and messages
)

// budget is how many bytes and parts may still be unpacked from a file. It grows with the
// size of the file, so that the time to read a file does too.
type budget struct {
	maxBytes, bytes int64 // how many bytes could be unpacked at first, and how many still can
	maxText, text   int64 // the same for text that is held in memory as a whole: it takes longest to read
	maxParts, parts int64 // the same for parts
}

func newBudget(limit, size int64) *budget {
	bytes, parts := max(minUnpacked*limit, maxRatio*size), max(minParts, size/bytesPerPart)
	text := max(minText, limit, min(bytes, maxDense*size), maxRatio*size)
	return &budget{bytes, bytes, text, text, parts, parts}
}

// read counts bytes of text that are to be read. It fails if there are too many.
func (b *budget) read(bytes int64) error {
	b.text -= bytes
	return b.spent()
}

// ErrParts is the fault of archives, mailboxes and messages with too many parts.
var ErrParts = errors.New("of which only the first are read; unpack it and name the folder")

// ErrDepth is the fault of archives and messages that hold each other too deep.
var ErrDepth = fmt.Errorf("is in more than %d archives or messages inside each other; unpack them", maxDepth)

// part counts a part. It fails with ErrParts if there are too many.
func (b *budget) part() error {
	if b.parts <= 0 {
		return fmt.Errorf("has more than %d parts, %w", b.maxParts, ErrParts)
	}
	b.parts--
	return nil
}

// spent returns an error if more was unpacked than may be.
func (b *budget) spent() error {
	if b.bytes < 0 {
		return fmt.Errorf("has more than %d bytes unpacked: %w", b.maxBytes, archive.ErrTooLarge)
	}
	if b.text < 0 {
		return fmt.Errorf("has more than %d bytes of text unpacked: %w", b.maxText, archive.ErrTooLarge)
	}
	return nil
}

// unpacking is a reader of what is unpacked. It fails once the budget is spent.
type unpacking struct {
	from io.Reader
	left *budget
}

// Read implements io.Reader.
func (u unpacking) Read(p []byte) (int, error) {
	if err := u.left.spent(); err != nil {
		return 0, err
	}
	n, err := u.from.Read(p[:min(int64(len(p)), u.left.bytes+1)])
	u.left.bytes -= int64(n)
	return n, err
}
