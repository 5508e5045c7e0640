package tree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quiet is how long nothing must change before changes are reported, since programs write
	// a file in several steps.
	quiet = 300 * time.Millisecond
	// maxQuiet is the maximum time that changes are held back while more follow.
	maxQuiet = 5 * time.Second
	// maxChanged is the maximum number of changed paths in memory. If there are more, any
	// file counts as changed (Changes.All).
	maxChanged = 10_000
)

// Changes are what has changed under the watched paths.
type Changes struct {
	Files []File // that appeared or changed, by path
	Gone  bool   // something was removed or renamed
	All   bool   // events were lost: any file may have changed
}

// Watcher watches paths for changes. Links are not followed.
type Watcher struct {
	notify    *fsnotify.Watcher
	globs     Globs
	folders   []string        // the given folders
	single    map[string]bool // the given files
	forbidden bool            // whether add found a folder that may not be read
}

// Watch starts to watch what Walk would yield for the same arguments. A folder that may not
// be read is watched once it may be read, unless it is one of paths. An error names the path,
// and says what to do if the system's limit of watched folders is reached.
func Watch(paths []string, globs Globs) (*Watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	w := &Watcher{notify: notify, globs: globs, single: map[string]bool{}}
	for _, path := range paths {
		path = filepath.Clean(path)
		info, err := os.Stat(path)
		switch {
		case err == nil && info.IsDir():
			w.folders = append(w.folders, path)
			if _, err = os.ReadDir(path); err == nil {
				_, err = w.add(path, path)
			}
		case err == nil:
			w.single[path] = true
			err = w.watch(filepath.Dir(path))
		}
		if err != nil {
			w.Close()
			return nil, fmt.Errorf("watch %s: %w", path, err)
		}
	}
	return w, nil
}

// Close ends watching.
func (w *Watcher) Close() { _ = w.notify.Close() } // an error no longer matters

// add watches a folder below root and all folders in it, and returns its files.
func (w *Watcher) add(root, folder string) (files []File, err error) {
	err = filepath.WalkDir(folder+string(filepath.Separator), func(path string, entry fs.DirEntry, err error) error {
		path = filepath.Clean(path)
		switch name, kind := classify(w.globs, root, path, entry); {
		case errors.Is(err, fs.ErrPermission): // Walk reports it
			w.forbidden = true
			return nil
		case err != nil && path == folder && !isGone(err):
			return err
		case err != nil: // Walk reports it
			return nil
		case kind == leftOut && entry.IsDir():
			return filepath.SkipDir
		case entry.IsDir():
			return w.watch(path)
		case kind == wanted:
			files = append(files, newFile(root, path, name))
		}
		return nil
	})
	return files, err
}

// watch watches the entries of a folder.
func (w *Watcher) watch(folder string) error {
	err := w.notify.Add(folder)
	if isGone(err) || errors.Is(err, fs.ErrPermission) { // it is gone again, or listing it fails too
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w; if there are too many folders, raise the limit of the system (fs.inotify.max_user_watches on Linux)", err)
	}
	return nil
}

// Next waits for changes, and returns them once no more follow. It returns the error of ctx
// if ctx ends first, or an error if a new folder cannot be watched.
func (w *Watcher) Next(ctx context.Context) (Changes, error) {
	var (
		out     Changes
		changed = map[string]File{}
		still   = time.NewTimer(time.Hour)
		since   time.Time // time of the first change
	)
	defer still.Stop()
	for {
		select {
		case <-ctx.Done():
			return Changes{}, ctx.Err()
		case event := <-w.notify.Events:
			if err := w.take(event, changed, &out); err != nil {
				return Changes{}, err
			}
		case _, out.All = <-w.notify.Errors: // events were lost, perhaps also those of new folders
			if err := w.addAll(); err != nil {
				return Changes{}, err
			}
		case <-still.C:
			out.Files = asTheyAre(changed)
			return out, nil
		}
		if len(changed) > maxChanged {
			out.All = true
			clear(changed)
		}
		if len(changed) == 0 && !out.Gone && !out.All {
			continue
		}
		if since.IsZero() {
			since = time.Now()
		}
		still.Reset(min(quiet, max(0, maxQuiet-time.Since(since))))
	}
}

// addAll watches all folders that are there now.
func (w *Watcher) addAll() error {
	for _, root := range w.folders {
		if _, err := w.add(root, root); err != nil {
			return fmt.Errorf("watch %s: %w", root, err)
		}
	}
	return nil
}

// asTheyAre returns files with their present size and time, without those that are gone
// with a folder.
func asTheyAre(changed map[string]File) (files []File) {
	for _, f := range changed {
		if !Absent(f.Path) {
			files = append(files, newFile(f.Root, f.Path, f.Name))
		}
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

// take records what an event says.
func (w *Watcher) take(event fsnotify.Event, changed map[string]File, out *Changes) error {
	path := filepath.Clean(event.Name)
	if event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename) {
		delete(changed, path)
		out.Gone = true
		return nil
	}
	if !event.Has(fsnotify.Create) && !event.Has(fsnotify.Write) && !event.Has(fsnotify.Chmod) {
		return nil
	}
	info, err := os.Lstat(path)
	if err != nil { // it is gone again
		return nil
	}
	if w.single[path] {
		changed[path] = File{Path: path, Name: filepath.Base(path), Root: filepath.Dir(path)}
	}
	for _, root := range w.folders {
		name, kind := classify(w.globs, root, path, fs.FileInfoToDirEntry(info))
		switch {
		case !filepath.IsLocal(name):
		case kind == folderInside:
			files, err := w.add(root, path)
			if err != nil {
				return err
			}
			for _, f := range files {
				changed[f.Path] = f
			}
			out.All, w.forbidden = out.All || w.forbidden, false // so that a walk reports what may not be read
		case kind == wanted && w.entered(name):
			changed[path] = File{Path: path, Name: name, Root: root}
		}
	}
	return nil
}

// entered reports whether Walk enters all folders that a file is in. A single file may be
// watched in a folder that another path excludes.
func (w *Watcher) entered(name string) bool {
	for folder := filepath.ToSlash(filepath.Dir(name)); folder != "."; folder = filepath.ToSlash(filepath.Dir(folder)) {
		if filepath.Base(folder)[0] == '.' || w.globs.skipsFolder(folder) {
			return false
		}
	}
	return true
}
