package corpus

import (
	"errors"
	"io"
	"path"
	"strings"

	"github.com/accord-search/accord/internal/corpus/archive"
)

// errPart is why a part of a file is skipped.
var errPart = errors.New("does not have the name of a format that is read")

// errStop ends the reading of a file if the caller wants no more of it.
var errStop = errors.New("no more is wanted")

// stopUnless returns errStop if more is false.
func stopUnless(more bool) error {
	if !more {
		return errStop
	}
	return nil
}

// readZIP reads the files of a ZIP archive.
func (r Reader) readZIP(s source, yield func(File, error) bool) {
	z, err := s.zip(r.limit())
	if err != nil {
		yield(File{}, err)
		return
	}
	r.readArchive(s, archive.ZipFiles(z), func(content io.Reader) io.Reader { return unpacking{content, s.left} }, yield)
}

// readTAR reads the files of a TAR archive. Their size does not count as unpacked.
func (r Reader) readTAR(s source, yield func(File, error) bool) {
	r.readArchive(s, archive.TarFiles(s.in), func(content io.Reader) io.Reader { return content }, yield)
}

// readGzip reads the content of a gzip file, under its name without the extension.
func (r Reader) readGzip(s source, yield func(File, error) bool) {
	if s.depth >= maxDepth {
		yield(File{}, ErrDepth)
		return
	}
	content, err := archive.Gunzip(s.in)
	if err != nil {
		yield(File{}, err)
		return
	}
	name := strings.TrimSuffix(s.name, path.Ext(s.name))
	if strings.EqualFold(path.Ext(s.name), ".tgz") {
		name += ".tar"
	}
	inner := newSource(name, unpacking{content, s.left}, sizeUnknown, s.left)
	inner.depth = s.depth + 1
	r.pieces(inner)(yield)
}

// readArchive reads the files of an archive whose names have the extension of a format.
// through returns a reader of the content of a file.
func (r Reader) readArchive(s source, each archive.Each, through func(io.Reader) io.Reader, yield func(File, error) bool) {
	if s.depth >= maxDepth {
		yield(File{}, ErrDepth)
		return
	}
	found := false
	give := func(piece File, err error) bool {
		found = found || err != nil || len(piece.Documents) > 0
		return yield(piece, err)
	}
	err := each(func(e archive.Entry) error {
		name := s.name + "/" + e.Name
		if !ReadsName(e.Name) {
			return stopUnless(yield(File{Skipped: []*FileError{{File: name, Err: errPart}}}, nil))
		}
		if err := s.left.part(); err != nil {
			return err
		}
		content, err := e.Open()
		if err != nil {
			return stopUnless(give(File{}, &FileError{File: name, Err: err}))
		}
		defer content.Close()
		part := newSource(name, through(content), e.Size, s.left)
		part.depth = s.depth + 1
		if !r.readPart(part, e.Name, give) {
			return errStop
		}
		return s.left.spent()
	})
	switch {
	case errors.Is(err, errStop):
	case err != nil:
		yield(File{}, &FileError{File: s.name, Err: err})
	case !found:
		yield(File{}, errors.New("holds no file that is read; see accord ingest --help for the formats"))
	}
}

// readPart reads a part of a file. An error that it passes to yield names the part. It
// returns false if no more is wanted.
func (r Reader) readPart(part source, name string, yield func(File, error) bool) bool {
	for piece, err := range r.pieces(part) {
		for _, d := range piece.Documents {
			d.Metadata["path"] = strings.TrimSuffix(name+"/"+d.Metadata["path"], "/")
		}
		var inner *FileError
		switch {
		case err == nil, errors.As(err, &inner):
		case errors.Is(err, ErrForeign):
			piece.Skipped = append(piece.Skipped, &FileError{File: part.name, Err: err})
			err = nil
		default:
			err = &FileError{File: part.name, Err: err}
		}
		if part.left.spent() != nil { // the error of the whole archive says so
			err = nil
		}
		if !yield(piece, err) {
			return false
		}
	}
	return true
}
