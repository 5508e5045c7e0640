package corpus

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are the files of a folder that are read; others are skipped.
var extensions = []string{".txt", ".md", ".markdown", ".html", ".htm", ".jsonl"}

// Input is a file to read.
type Input struct {
	Path string // to open it
	Name string // relative to the path given, with slashes; a file's base name
}

// Why Walk skips what it finds in a folder, compared with errors.Is.
var (
	ErrExtension = errors.New("not .txt, .md, .html or .jsonl; name the file itself to have it read as text")
	ErrLink      = errors.New("a link to a folder, which is not followed; name it itself to have its files read")
)

// Walk lists the files under paths, in the order of the paths and sorted by
// name below each, each file once. Hidden files and folders are left out, and a
// folder's files of other kinds and links to folders are returned as skipped,
// each with its reason; a file or link named itself is read whatever it is
// called. A path that cannot be listed gives a *FileError joined into err,
// beside what the other paths hold.
func Walk(paths []string) (files []Input, skipped []*FileError, err error) {
	seen := map[string]bool{}
	for _, root := range paths {
		info, statErr := os.Stat(root)
		if statErr != nil {
			err = errors.Join(err, &FileError{File: root, Err: unreadable(statErr)})
			continue
		}
		if !info.IsDir() {
			files = appendOnce(files, seen, Input{Path: root, Name: filepath.Base(root)})
			continue
		}
		below, others, walkErr := walkFolder(root + string(filepath.Separator)) // so that a link is followed
		for _, input := range below {
			files = appendOnce(files, seen, input)
		}
		skipped = append(skipped, others...)
		err = errors.Join(err, walkErr)
	}
	return files, skipped, err
}

func appendOnce(files []Input, seen map[string]bool, input Input) []Input {
	path, err := filepath.Abs(input.Path)
	if err != nil {
		path = input.Path
	}
	if seen[path] {
		return files
	}
	seen[path] = true
	return append(files, input)
}

func walkFolder(root string) (files []Input, skipped []*FileError, err error) {
	walkErr := filepath.WalkDir(root, func(path string, entry fs.DirEntry, entryErr error) error {
		hidden := path != root && strings.HasPrefix(entry.Name(), ".")
		switch {
		case entryErr != nil:
			err = errors.Join(err, &FileError{File: path, Err: unreadable(entryErr)})
			return nil
		case hidden && entry.IsDir():
			return filepath.SkipDir
		case hidden || entry.IsDir():
			return nil
		case linksFolder(path, entry):
			skipped = append(skipped, &FileError{File: path, Err: ErrLink})
			return nil
		case !slices.Contains(extensions, strings.ToLower(filepath.Ext(path))):
			skipped = append(skipped, &FileError{File: path, Err: ErrExtension})
			return nil
		}
		name, relErr := filepath.Rel(root, path)
		files = append(files, Input{Path: path, Name: filepath.ToSlash(name)})
		return relErr
	})
	return files, skipped, errors.Join(err, walkErr)
}

// linksFolder reports whether an entry is a link to a folder.
func linksFolder(path string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
