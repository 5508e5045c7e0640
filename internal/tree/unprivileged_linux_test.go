package tree_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// unprivileged gives folders to a user without privileges. Until the test ends, it opens
// files as that user. unprivileged does nothing unless the test runs as root, who may
// open all files.
func unprivileged(t *testing.T, folders ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	for _, folder := range folders {
		err := os.Chmod(filepath.Dir(folder), 0o755) // the parent is the folder of the test
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
	runtime.LockOSThread() // each thread has its own user for access to files
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
