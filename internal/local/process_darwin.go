package local

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing: macOS has no such service. The next run ends the
// child that is left.
func dieWithParent(*syscall.SysProcAttr) {}

// commandLine returns what pid was started with, joined by spaces, and "" if
// there is no such process or only its zombie.
func commandLine(pid int) string {
	out, err := exec.Command("ps", "-ww", "-o", "stat=,command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || strings.HasPrefix(string(out), "Z") {
		return ""
	}
	return strings.TrimSpace(string(out)) + " "
}
