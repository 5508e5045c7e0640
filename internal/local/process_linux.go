package local

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// dieWithParent has the system kill the child when we die, even by kill -9.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// commandLine returns what pid was started with, joined by spaces, and "" if
// there is no such process or only its zombie: where nothing reaps orphans, as
// in many containers, a dead Postgres stays one, and looks alive to kill(2).
func commandLine(pid int) string {
	args, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return string(bytes.ReplaceAll(args, []byte{0}, []byte{' '}))
}
