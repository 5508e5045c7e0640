// Package archive unpacks ZIP, TAR and gzip within bounds, so that a small file cannot
// fill the memory.
package archive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// maxEntries is the maximum number of entries of an archive. A larger one fails with
// ErrEntries.
const maxEntries = 20_000

// Errors of archives and their parts. Compare them with errors.Is.
var (
	ErrMissing   = errors.New("lacks a part that it must have")
	ErrTooLarge  = errors.New("is too large unpacked; unpack it and name the folder")
	ErrEncrypted = errors.New("is encrypted; save it without a password")
	ErrBroken    = errors.New("is broken or cut off; copy or download it again")
	ErrEntries   = fmt.Errorf("has more than %d entries; unpack it and name the folder", maxEntries)
)

// Zip opens a ZIP archive.
func Zip(data []byte) (*zip.Reader, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	switch {
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, fmt.Errorf("%w (%w)", ErrBroken, err)
	case len(z.File) > maxEntries:
		return nil, ErrEntries
	}
	return z, nil
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
	if f.Flags&encrypted != 0 {
		return nil, ErrEncrypted
	}
	if f.UncompressedSize64 > uint64(limit) {
		return nil, tooLarge(limit)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	defer r.Close()
	return ReadAll(r, limit)
}

func tooLarge(limit int64) error { return fmt.Errorf("has more than %d bytes: %w", limit, ErrTooLarge) }

// ReadAll returns all bytes of a part, at most limit of them. With an error, it returns what
// was unpacked until then.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case int64(len(data)) > limit:
		return data, tooLarge(limit)
	case errors.Is(err, ErrTooLarge):
		return data, err
	case err != nil:
		return data, fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	return data, nil
}

// Entry is a file in an archive.
type Entry struct {
	Name string // with slashes, without "..", "/" or a drive at its start
	// Read returns its bytes, at most limit of them, also those before an error. It may be
	// called until the next entry is visited.
	Read func(limit int64) ([]byte, error)
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
			if err := visit(Entry{name, func(limit int64) ([]byte, error) { return unpack(f, limit) }}); err != nil {
				return err
			}
		}
		return nil
	}
}

// TarFiles returns the files of a TAR archive.
func TarFiles(r io.Reader) Each {
	return func(visit func(Entry) error) error {
		t := tar.NewReader(r)
		for n := 0; ; n++ {
			h, err := t.Next()
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case errors.Is(err, ErrTooLarge):
				return err
			case err != nil && !errors.Is(err, tar.ErrInsecurePath):
				return fmt.Errorf("%w (%w)", ErrBroken, err)
			case n >= maxEntries:
				return ErrEntries
			}
			name, ok := cleanName(h.Name)
			if !ok || h.Typeflag != tar.TypeReg {
				continue
			}
			if err := visit(Entry{name, func(limit int64) ([]byte, error) { return ReadAll(t, limit) }}); err != nil {
				return err
			}
		}
	}
}

// Gunzip returns a reader of the content of a gzip file, and the first headSize bytes of
// that content, which show its format. Reading more than limit bytes fails with
// ErrTooLarge.
func Gunzip(data []byte, limit int64) (unpacked io.Reader, head []byte, err error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, nil, fmt.Errorf("%w (%w)", ErrBroken, err)
	}
	buffered := bufio.NewReader(&bounded{r, limit})
	head, _ = buffered.Peek(headSize) // an error occurs again when the content is read
	return buffered, head, nil
}

// headSize is the number of bytes by which a TAR archive is recognised: its first block.
const headSize = 512

// bounded is a reader that fails with ErrTooLarge if from has more than left bytes.
type bounded struct {
	from io.Reader
	left int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left+1)])
	b.left -= int64(n)
	return n, err
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
