//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// unprivilegedChild is like child. But if the test runs as root, who may open all files,
// the process belongs to a user without privileges, who becomes the owner of the folders.
func unprivilegedChild(t *testing.T, folders []string, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	if os.Geteuid() != 0 {
		return child(t, args...)
	}
	const nobody = 65534
	for _, folder := range folders {
		if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil { // the test's own temporary folder
			t.Fatal(err)
		}
		own(t, folder, nobody)
	}
	var report output
	command := exec.Command("/proc/self/exe", args...) // the path of the binary may be in a folder that only root may enter
	command.Args[0] = os.Args[0]
	command.Dir = "/"
	command.Env = append(os.Environ(), asCommand+"=1")
	command.Stdout, command.Stderr = &report, &report
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := command.Start(); err != nil {
		lacks(t, everything, "no process of another user here:", err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	return command, &report
}

// own makes a user the owner of a folder and of everything in it, if the test runs as
// root.
func own(t *testing.T, folder string, user int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil || os.Geteuid() != 0 {
			return err
		}
		return os.Chown(path, user, user)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWatchForbidden: if a folder cannot be read, its documents stay. Documents are
// removed if their file became a folder, or the folder of their file became a file. None
// of this ends the watch.
func TestWatchForbidden(t *testing.T) {
	t.Parallel()
	addr, folder, state, other := serveInstant(t), t.TempDir(), t.TempDir(), t.TempDir()
	for _, name := range []string{"closed/a.txt", "file.txt", "folder/b.txt", "gone.txt"} {
		note(t, folder, name, "Text of "+name+".")
	}
	note(t, other, "new/c.txt", "Text of c.")
	closed, moved := filepath.Join(folder, "closed"), filepath.Join(folder, "new")
	t.Cleanup(func() { _, _ = os.Chmod(closed, 0o700), os.Chmod(moved, 0o700) })
	watch, report := unprivilegedChild(t, []string{folder, state}, "ingest", "--watch", "--prune", "--addr", addr, "--state", state, folder)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	holds := func(ids string) { t.Helper(); waitForIDs(t, addr, ids, report) }
	holds("closed-a file folder-b gone")
	must(os.Chmod(closed, 0))
	must(os.Remove(filepath.Join(folder, "gone.txt")))
	holds("closed-a file folder-b")

	must(os.Remove(filepath.Join(folder, "file.txt")))
	note(t, folder, "file.txt/d.txt", "Text of d.")
	own(t, filepath.Join(folder, "file.txt"), 65534)
	holds("closed-a file-txt-d folder-b")
	must(os.RemoveAll(filepath.Join(folder, "folder")))
	must(os.WriteFile(filepath.Join(folder, "folder"), nil, 0o600))
	holds("closed-a file-txt-d")

	must(os.Chmod(filepath.Join(other, "new"), 0))
	must(os.Rename(filepath.Join(other, "new"), moved))
	eventually(t, func() bool {
		return strings.Contains(report.String(), "new: cannot be read, check its permissions") || canRead(moved)
	})
	own(t, moved, 65534)
	must(os.Chmod(moved, 0o700))
	holds("closed-a file-txt-d new-c")
	must(os.Chmod(closed, 0o700))
	note(t, folder, "closed/e.txt", "Text of e.")
	own(t, closed, 65534)
	holds("closed-a closed-e file-txt-d new-c")
	must(watch.Process.Signal(os.Interrupt))
	if err := watch.Wait(); err != nil || !strings.HasSuffix(report.String(), "watching has ended\n") {
		t.Errorf("%v\n%s", err, report.String())
	}
}

// canRead reports whether the test may read a folder in spite of its mode.
func canRead(folder string) bool {
	_, err := os.ReadDir(folder)
	return err == nil && os.Geteuid() != 0
}
