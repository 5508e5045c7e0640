package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Files and folders in the folder of a runtime.
const (
	lockName     = "lock"
	logsName     = "logs"
	modelName    = "model.json"
	postgresName = "postgres"
	venvName     = "venv"
)

// ErrRunning means that another process is using or starting the runtime of the same
// folder.
var ErrRunning = errors.New("local runtime is already in use")

// lock makes this process the only one that runs the runtime of dir, until the returned
// file is closed or the process ends. The file holds the process id.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the local runtime: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		pid, _ := io.ReadAll(f)
		return nil, fmt.Errorf("%s is already in use by pid %s; stop that process first, or use another folder: %w",
			dir, strings.TrimSpace(string(pid)), ErrRunning)
	}
	if err := errors.Join(f.Truncate(0), writePID(f)); err != nil {
		f.Close()
		return nil, fmt.Errorf("write %s: %w", f.Name(), err)
	}
	return f, nil
}

func writePID(f *os.File) error {
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}

// load reads into v what save wrote to path. If the file is missing, it leaves v
// unchanged and returns nil.
func load(path string, v any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// save atomically replaces the file at path by v. Only its owner may read it.
func save(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(path, strings.NewReader(string(text)+"\n"), 0o600)
}

// replaceFile atomically writes content to path, so that readers and later runs never find
// an incomplete file.
func replaceFile(path string, content io.Reader, mode os.FileMode) error {
	// If a process is forked meanwhile, it inherits the open file, and a program that is
	// open for writing cannot be run.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, copyErr := io.Copy(f, content)
	if err := errors.Join(copyErr, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

// removeAll removes the files and folders in dir that match the patterns.
func removeAll(dir string, patterns ...string) error {
	for _, pattern := range patterns {
		names, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("remove what an earlier run left: %w", err)
			}
		}
	}
	return nil
}
