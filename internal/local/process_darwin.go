package local

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing, since macOS cannot do it. The next run ends a child that was
// left behind.
func dieWithParent(*syscall.SysProcAttr) {}

// commandLine returns the arguments of pid, joined by spaces. It returns "" if there
// is no such process or it is a zombie.
func commandLine(pid int) string {
	out, err := exec.Command("ps", "-ww", "-o", "stat=,command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || strings.HasPrefix(string(out), "Z") {
		return ""
	}
	return strings.TrimSpace(string(out)) + " "
}
