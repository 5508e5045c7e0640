package tree_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// unprivileged gives folders to a user without privileges, and makes the files that the
// test opens from now on be opened as that user, until the test ends. It does nothing
// unless the test runs as root, to whom all files are open.
func unprivileged(t *testing.T, folders ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	for _, folder := range folders {
		err := os.Chmod(filepath.Dir(folder), 0o755) // that of the test
		if err == nil {
			err = filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
				if err != nil {
					return err
				}
				return os.Chown(path, nobody, nobody)
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread() // the user for files is that of a thread
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Error(err)
		}
		runtime.UnlockOSThread()
	})
}
