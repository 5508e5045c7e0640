package corpus

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Input is a file to read.
type Input struct {
	Path string // path to open it
	Name string // relative to Root, with slashes
	Root string // the folder that was given, or the folder of the file that was given
}

// Reasons why Walk skips an entry of a folder, for errors.Is.
var (
	ErrExtension = errors.New("not the name of a format that is read; name the file itself to have it read by what it holds")
	ErrLink      = errors.New("a link to a folder, which is not followed; name it itself to have its files read")
)

// Walk lists the files under paths, each file once: in the order of the paths, and by name
// within a folder. It leaves out hidden files and folders. Files of other kinds, and links
// to folders, are returned as skipped with the reason. A path in paths that is a file or a
// link is listed whatever its name. If a path cannot be listed, err joins a *FileError for
// it, and the other paths are listed.
func Walk(paths []string) (files []Input, skipped []*FileError, err error) {
	seen := map[string]bool{}
	for _, root := range paths {
		info, statErr := os.Stat(root)
		if statErr != nil {
			err = errors.Join(err, &FileError{File: root, Err: unreadable(statErr)})
			continue
		}
		if !info.IsDir() {
			files = appendOnce(files, seen, Input{Path: root, Name: filepath.Base(root), Root: filepath.Dir(root)})
			continue
		}
		below, others, walkErr := walkFolder(root + string(filepath.Separator)) // with a separator at the end, so that a link is followed
		for _, input := range below {
			input.Root = root
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

// linksFolder reports whether entry is a link to a folder.
func linksFolder(path string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
