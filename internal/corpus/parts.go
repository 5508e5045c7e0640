package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/sniff"
)

const (
	maxUnpacked = 4    // size of all that is unpacked from a file, as a multiple of the maximum size of a file
	maxParts    = 5000 // parts of a file
	maxDepth    = 4    // nested archives and messages
)

// errPart is why a part of a file is skipped.
var errPart = errors.New("does not have the name of a format that is read")

// ErrParts is the fault of archives, mailboxes and messages with too many parts.
var ErrParts = fmt.Errorf("has more than %d parts, of which only the first are read; unpack it and name the folder", maxParts)

// ErrDepth is the fault of archives and messages that hold each other too deep.
var ErrDepth = fmt.Errorf("is in more than %d archives or messages inside each other; unpack them", maxDepth)

// readZIP reads the files of a ZIP archive.
func (r Reader) readZIP(s source) (File, error) {
	z, err := archive.Zip(s.data)
	if err != nil {
		return File{}, err
	}
	return r.readArchive(s, archive.ZipFiles(z))
}

// readTAR reads the files of a TAR archive.
func (r Reader) readTAR(s source) (File, error) {
	return r.readArchive(s, archive.TarFiles(bytes.NewReader(s.data)))
}

// readGzip reads the content of a gzip file, under its name without the extension. If that
// is a TAR archive, it is unpacked file by file.
func (r Reader) readGzip(s source) (File, error) {
	if s.depth >= maxDepth {
		return File{}, ErrDepth
	}
	inner := source{name: strings.TrimSuffix(s.name, path.Ext(s.name)), depth: s.depth + 1, left: s.left}
	if strings.EqualFold(path.Ext(s.name), ".tgz") {
		inner.name += ".tar"
	}
	unpacked, head, err := archive.Gunzip(s.data, s.left.bytes)
	if err != nil {
		return File{}, err
	}
	if format, _ := sniff.Of(head); format == sniff.TAR {
		return r.readArchive(inner, archive.TarFiles(unpacked))
	}
	inner.data, err = archive.ReadAll(unpacked, min(r.limit(), s.left.bytes))
	if s.left.bytes -= int64(len(inner.data)); err != nil {
		return File{}, err
	}
	return r.readSource(inner)
}

// readArchive reads the files of an archive whose names have the extension of a format.
func (r Reader) readArchive(s source, each archive.Each) (file File, err error) {
	if s.depth >= maxDepth {
		return File{}, ErrDepth
	}
	var errs []error
	err = each(func(e archive.Entry) error {
		if s.left.parts <= 0 {
			return ErrParts
		}
		if !ReadsName(e.Name) {
			file.Skipped = append(file.Skipped, &FileError{File: s.name + "/" + e.Name, Err: errPart})
			return nil
		}
		data, err := e.Read(min(r.limit(), s.left.bytes))
		if s.left.bytes -= int64(len(data)); errors.Is(err, archive.ErrTooLarge) && s.left.bytes < r.limit() {
			return fmt.Errorf("has more than %d bytes unpacked: %w", maxUnpacked*r.limit(), archive.ErrTooLarge)
		}
		errs = append(errs, r.readPart(&file, s, e.Name, data, err))
		return nil
	})
	if err != nil {
		errs = append(errs, &FileError{File: s.name, Err: err})
	}
	if err = errors.Join(errs...); err == nil && len(file.Documents) == 0 {
		err = errors.New("holds no file that is read; see accord ingest --help for the formats")
	}
	return file, err
}

// readPart reads a part of a source and adds its documents to file. failed is the error of
// loading the part, or nil. An error that readPart returns names the part.
func (r Reader) readPart(file *File, s source, name string, data []byte, failed error) error {
	part := source{name: s.name + "/" + name, data: data, depth: s.depth + 1, left: s.left}
	if s.left.parts--; s.left.parts < 0 {
		return &FileError{File: part.name, Err: ErrParts}
	}
	if failed != nil {
		return &FileError{File: part.name, Err: failed}
	}
	found, err := r.readSource(part)
	for _, d := range found.Documents {
		d.Metadata["path"] = strings.TrimSuffix(name+"/"+d.Metadata["path"], "/")
		d.Metadata["file_ordinal"] = strconv.Itoa(len(file.Documents) + 1)
		file.Documents = append(file.Documents, d)
	}
	for _, dropped := range found.Dropped {
		dropped.Document += len(file.Documents) - len(found.Documents)
		file.Dropped = append(file.Dropped, dropped)
	}
	for _, decision := range found.Decisions {
		decision.Document += len(file.Documents) - len(found.Documents)
		file.Decisions = append(file.Decisions, decision)
	}
	file.Skipped = append(file.Skipped, found.Skipped...)
	var inner *FileError
	switch {
	case err == nil, errors.As(err, &inner):
		return err
	case errors.Is(err, ErrForeign):
		file.Skipped = append(file.Skipped, &FileError{File: part.name, Err: err})
		return nil
	}
	return &FileError{File: part.name, Err: err}
}
