// Package archive unpacks ZIP, TAR and gzip within bounds, so that a small file cannot
// fill the memory.
package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// maxDirectory is the maximum size in bytes of a ZIP archive's directory, the list of
// entries at its end. It is held in memory, where it takes up to ten times as much.
const maxDirectory = 24 << 20

// Errors of archives and their parts. Compare them with errors.Is.
var (
	ErrMissing   = errors.New("lacks a part that it must have")
	ErrTooLarge  = errors.New("is too large unpacked; unpack it and name the folder")
	ErrEncrypted = errors.New("is encrypted; save it without a password")
	ErrBroken    = errors.New("is broken or cut off; copy or download it again")
	ErrSparse    = errors.New("is stored without its empty parts, which may be larger than any disk; unpack it and name the folder")
	ErrEntries   = fmt.Errorf("has so many entries that their list has more than %d bytes; unpack it and name the folder", maxDirectory)
)

// Zip opens a ZIP archive that is in memory.
func Zip(data []byte) (*zip.Reader, error) { return OpenZip(bytes.NewReader(data), int64(len(data))) }

// OpenZip opens a ZIP archive of size bytes. It holds the archive's list of entries in
// memory.
func OpenZip(from io.ReaderAt, size int64) (*zip.Reader, error) {
	list := &directory{from: from, left: maxDirectory}
	z, err := zip.NewReader(list, size)
	switch {
	case errors.Is(err, ErrEntries):
		return nil, ErrEntries
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	list.left = math.MaxInt64 // the entries have bounds of their own
	return z, nil
}

// directory reads the list of entries of an archive. It fails after left more bytes.
type directory struct {
	from io.ReaderAt
	left int64
}

// ReadAt implements io.ReaderAt. It fails with ErrEntries if too few bytes are left.
func (d *directory) ReadAt(p []byte, offset int64) (int, error) {
	if d.left -= int64(len(p)); d.left < 0 {
		return 0, ErrEntries
	}
	return d.from.ReadAt(p, offset)
}

func find(z *zip.Reader, name string) *zip.File {
	for _, f := range z.File {
		if strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), name) {
			return f
		}
	}
	return nil
}

// Part returns the content of the entry called name. It fails with ErrMissing if there is
// none, and with ErrTooLarge if it has more than limit bytes.
func Part(z *zip.Reader, name string, limit int64) ([]byte, error) {
	f := find(z, name)
	if f == nil {
		return nil, fmt.Errorf("%w: %s; save it again with the program that made it", ErrMissing, name)
	}
	data, err := unpack(f, limit)
	if err != nil {
		return nil, fmt.Errorf("its part %s %w", name, err)
	}
	return data, nil
}

// encrypted is the flag of an encrypted entry.
const encrypted = 1

// unpack returns the content of an entry. It fails with ErrTooLarge if there are more than
// limit bytes, whatever size the header of the entry claims.
func unpack(f *zip.File, limit int64) ([]byte, error) {
	if f.UncompressedSize64 > uint64(limit) {
		return nil, TooLarge(limit)
	}
	r, err := open(f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadAll(r, limit)
}

// open opens an entry. Reading it fails with ErrBroken if it is broken.
func open(f *zip.File) (io.ReadCloser, error) {
	if f.Flags&encrypted != 0 {
		return nil, ErrEncrypted
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	return part{unpacked{r}, r}, nil
}

// part is the content of an entry of a ZIP archive.
type part struct {
	io.Reader
	io.Closer
}

// unpacked is what is read from an archive. Reading it fails with ErrBroken.
type unpacked struct{ from io.Reader }

// Read implements io.Reader.
func (u unpacked) Read(p []byte) (int, error) {
	n, err := u.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrBroken) {
		err = fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	return n, err
}

// TooLarge returns the error for content of more than limit bytes.
func TooLarge(limit int64) error { return fmt.Errorf("has more than %d bytes: %w", limit, ErrTooLarge) }

// ReadAll returns all bytes of a part, at most limit of them. With an error, it returns what
// was unpacked until then.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(data)) > limit {
		err = TooLarge(limit)
	}
	return data, err
}

// Entry is a file in an archive.
type Entry struct {
	Name string // with slashes, without "..", "/" or a drive at its start
	Size int64  // in bytes, as the archive claims
	// Open returns its content, which may be read until the next entry is visited. Reading
	// it fails with ErrBroken if it is broken.
	Open func() (io.ReadCloser, error)
}

// Each visits the files of an archive in order, without folders, links and hidden files.
type Each func(visit func(Entry) error) error

// ZipFiles returns the files of a ZIP archive.
func ZipFiles(z *zip.Reader) Each {
	return func(visit func(Entry) error) error {
		for _, f := range z.File {
			name, ok := cleanName(f.Name)
			if !ok || !f.Mode().IsRegular() {
				continue
			}
			if err := visit(Entry{name, int64(min(f.UncompressedSize64, math.MaxInt64)), func() (io.ReadCloser, error) { return open(f) }}); err != nil {
				return err
			}
		}
		return nil
	}
}

// TarFiles returns the files of a TAR archive. After the last one, it fails with ErrBroken if
// no block of zeros ends the archive: it may be cut off between two files.
func TarFiles(r io.Reader) Each {
	return func(visit func(Entry) error) error {
		from := &ending{from: r}
		t := tar.NewReader(from)
		for {
			h, err := t.Next()
			switch {
			case errors.Is(err, io.EOF) && from.zeros < tarBlock:
				return fmt.Errorf("%w (it has no block of zeros at its end)", ErrBroken)
			case errors.Is(err, io.EOF):
				return nil
			case errors.Is(err, ErrTooLarge), errors.Is(err, ErrBroken):
				return err
			case err != nil && !errors.Is(err, tar.ErrInsecurePath):
				return fmt.Errorf("%w (%w)", ErrBroken, err)
			}
			name, ok := cleanName(h.Name)
			if !ok || h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse {
				continue
			}
			open := func() (io.ReadCloser, error) { return io.NopCloser(unpacked{t}), nil }
			if isSparse(h) {
				open = func() (io.ReadCloser, error) { return nil, ErrSparse }
			}
			if err := visit(Entry{name, h.Size, open}); err != nil {
				return err
			}
		}
	}
}

// tarBlock is the size of a block of a TAR archive. A block of zeros ends the archive.
const tarBlock = 512

// ending counts the zeros at the end of what was read so far.
type ending struct {
	from  io.Reader
	zeros int
}

// Read implements io.Reader.
func (e *ending) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	others := len(bytes.TrimRight(p[:n], "\x00"))
	if others > 0 {
		e.zeros = 0
	}
	e.zeros = min(e.zeros+n-others, tarBlock)
	return n, err
}

// isSparse reports whether a file is stored as sparse: the archive leaves out runs of zeros.
// Such a file can be far larger than its archive.
func isSparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

// Gunzip returns a reader of the content of a gzip file. Reading it fails with ErrBroken if
// the file is broken.
func Gunzip(from io.Reader) (io.Reader, error) {
	r, err := gzip.NewReader(from)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	return unpacked{r}, nil
}

// cleanName returns the name of an entry as a relative path in UTF-8 without "..". It
// returns false for folders and hidden files.
func cleanName(name string) (string, bool) {
	if !utf8.ValidString(name) { // the name is in the code page of the machine that packed it
		if decoded, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil && !strings.ContainsRune(decoded, utf8.RuneError) {
			name = decoded
		} else if name, err = charmap.CodePage437.NewDecoder().String(name); err != nil {
			return "", false
		}
	}
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") {
		return "", false
	}
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") {
			return "", false
		}
	}
	return name, true
}
