// Package tree decides which files of folders are read: it walks folders, selects files by
// patterns, watches them for changes, and remembers which of them a server has stored.
package tree

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/accord-search/accord/internal/corpus"
)

// File is a file to read.
type File struct {
	Path string // path to open it
	Name string // relative to Root, with slashes
	Root string // the folder that was given, or the folder of the file that was given

	Size    int64 // in bytes
	ModTime time.Time
}

// Reasons why an entry of a folder is skipped, for errors.Is.
var (
	ErrExtension = errors.New("not the name of a format that is read; name the file itself to have it read by what it holds")
	ErrLink      = errors.New("a link to a folder, which is not followed; name it itself to have its files read")
)

// Walk yields the files under paths, each file once: in the order of the paths, and by name
// within a folder. It leaves out hidden files and folders, and what the globs exclude. It
// yields a *corpus.FileError for each other entry that it skips: with ErrExtension for a
// file of another kind, with ErrLink for a link to a folder, and with the system's error for
// what cannot be listed. If one of paths is a file, it is yielded whatever its name. If one
// is a link, the link is followed. Walk holds the names of one folder at a time, and some
// bytes for each file if there are several paths.
func Walk(paths []string, globs Globs) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		w := walker{globs: globs, yield: yield}
		if len(paths) > 1 {
			w.seen = map[mark]bool{}
		}
		for _, path := range paths {
			if !w.path(path) {
				return
			}
		}
	}
}

// walker yields the files under paths.
type walker struct {
	globs Globs
	seen  map[mark]bool // marks of absolute paths; nil if no file can occur twice
	yield func(File, error) bool
}

// path yields the files under one of the given paths, and reports whether to continue.
func (w *walker) path(root string) bool {
	info, err := os.Stat(root)
	switch {
	case err != nil:
		return w.yield(File{}, failed(root, err))
	case !info.IsDir():
		return w.file(newFile(filepath.Dir(root), root, filepath.Base(root)))
	}
	return w.folder(root, root+string(filepath.Separator)) // with a separator at the end, so that a link is followed
}

// folder yields the files under a folder, which is root or below it, and reports whether to
// continue.
func (w *walker) folder(root, folder string) bool {
	more := true
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error { // the function returns only SkipDir and SkipAll
		switch name, kind := classify(w.globs, root, path, entry); {
		case err != nil:
			more = w.yield(File{}, failed(path, err))
		case path == folder, kind == folderInside:
		case kind == leftOut && entry.IsDir():
			return filepath.SkipDir
		case kind == wanted:
			more = w.file(newFile(root, path, name))
		case kind == otherFormat:
			more = w.yield(File{}, &corpus.FileError{File: path, Err: ErrExtension})
		case kind == linkToFolder:
			more = w.yield(File{}, &corpus.FileError{File: path, Err: ErrLink})
		}
		if !more {
			return filepath.SkipAll
		}
		return nil
	})
	return more
}

// file yields a file, unless it was yielded before, and reports whether to continue.
func (w *walker) file(f File) bool {
	if w.seen != nil {
		path, err := filepath.Abs(f.Path)
		if err != nil {
			path = f.Path
		}
		key := markOf(path)
		if w.seen[key] {
			return true
		}
		w.seen[key] = true
	}
	return w.yield(f, nil)
}

// Stat returns the file at a path. Its Root is the folder that contains it.
func Stat(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	return File{Path: path, Name: filepath.Base(path), Root: filepath.Dir(path), Size: info.Size(), ModTime: info.ModTime()}, nil
}

// Absent reports whether no file is at a path. That is the case if nothing or a folder is
// there, or if a file is in place of a folder above it. Absent returns false if the system
// does not say, such as for a path in a folder that may not be entered.
func Absent(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir() || isGone(err)
}

// isGone reports whether an error says that nothing is at a path.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// newFile returns a file with its size and time. They are 0 if the system cannot read them;
// reading the file then fails with the reason.
func newFile(root, path, name string) File {
	f := File{Path: path, Name: name, Root: root}
	if info, err := os.Stat(path); err == nil {
		f.Size, f.ModTime = info.Size(), info.ModTime()
	}
	return f
}

// kind is how an entry of a folder is handled.
type kind int

const (
	leftOut      kind = iota // left out without an error
	folderInside             // a folder to look into
	wanted                   // a file to read
	otherFormat              // a file whose name has no extension of a format that is read
	linkToFolder
)

// classify returns how an entry below root is handled, and its name relative to root.
func classify(globs Globs, root, path string, entry fs.DirEntry) (name string, k kind) {
	name, err := filepath.Rel(root, path)
	if err != nil || entry == nil {
		return path, leftOut
	}
	name = filepath.ToSlash(name)
	switch {
	case strings.HasPrefix(entry.Name(), ".") && name != ".":
		return name, leftOut
	case entry.IsDir() && globs.skipsFolder(name):
		return name, leftOut
	case entry.IsDir():
		return name, folderInside
	case !globs.wants(name):
		return name, leftOut
	case linksFolder(path, entry):
		return name, linkToFolder
	case !corpus.ReadsName(path):
		return name, otherFormat
	}
	return name, wanted
}

// linksFolder reports whether entry is a link to a folder.
func linksFolder(path string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func failed(path string, err error) error {
	return &corpus.FileError{File: path, Err: corpus.Unreadable(err)}
}

// List returns the files under paths without the skipped ones. It returns the first error
// that is not about a skipped entry.
func List(paths ...string) (files []File, err error) {
	for f, err := range Walk(paths, Globs{}) {
		switch {
		case err == nil:
			files = append(files, f)
		case !Skips(err):
			return nil, err
		}
	}
	return files, nil
}

// Skips reports whether an error of Walk only says why an entry is skipped.
func Skips(err error) bool { return errors.Is(err, ErrExtension) || errors.Is(err, ErrLink) }
