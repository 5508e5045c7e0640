package local

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// dieWithParent makes the system kill the child when this process dies, even by kill
// -9.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// commandLine returns the arguments of pid, joined by spaces. It returns "" if there
// is no such process or it is a zombie. In many containers nothing reaps orphans, so
// a dead Postgres stays a zombie and looks alive to kill(2).
func commandLine(pid int) string {
	args, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return string(bytes.ReplaceAll(args, []byte{0}, []byte{' '}))
}
