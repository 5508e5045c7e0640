package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/accord-search/accord/internal/guard"
)

const (
	// pollInterval is how often the code checks whether a process that is not a child
	// has ended, or whether a server is ready.
	pollInterval = 50 * time.Millisecond
	// tailBytes is how much of a log is shown in an error message.
	tailBytes = 2 << 10
)

// process is a child process in a process group of its own, so that a ctrl-C in the
// terminal does not reach it. On Linux it is killed when this process ends.
type process struct {
	pid    int
	exited chan struct{} // closed after err is set
	err    error
}

// startProcess starts cmd, which must be made with exec.CommandContext, and appends
// its output to logFile. If cmd has no environment, it gets that of this process without what
// may be secret. When cmd's context ends, the whole process group is killed.
func startProcess(cmd *exec.Cmd, logFile string) (*process, error) {
	out, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if cmd.Env == nil {
		cmd.Env = childEnv(os.Environ())
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

	p := &process{exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(p.exited)
		p.err = guard.Call(func() error {
			// Linux signals a child when the *thread* that forked it ends
			// (golang.org/issue/27505), so the thread is locked until the child has
			// ended.
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			err := cmd.Start()
			if err == nil {
				p.pid = cmd.Process.Pid
			}
			if started <- err; err != nil {
				return err
			}
			return cmd.Wait()
		})
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// run starts cmd, which must be made with ctx, and waits for it to end. If it ended because
// ctx did, the error is the cause of ctx.
func run(ctx context.Context, cmd *exec.Cmd, logFile string) error {
	p, err := startProcess(cmd, logFile)
	if err != nil {
		return err
	}
	<-p.exited
	if p.err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return p.err
}

// childEnv returns an environment without the variables of accord, of Postgres' clients and of
// exporters of traces. Those hold API keys, passwords and tokens, which a child process must not
// have.
func childEnv(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		return strings.HasPrefix(variable, "ACCORD_") || strings.HasPrefix(variable, "PG") || strings.HasPrefix(variable, "OTEL_")
	})
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// kill kills the process group and waits until the process has ended.
func (p *process) kill() {
	_ = syscall.Kill(-p.pid, syscall.SIGKILL) // it may have ended already
	<-p.exited
}

// terminate sends sig to pid and waits until its command line no longer contains
// marker. If ctx ends first, it sends last and waits another second.
func terminate(ctx context.Context, pid int, marker string, sig, last syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end process %d: %w", pid, err)
	}
	gone := func() bool { return !strings.Contains(commandLine(pid), marker) }
	if waitUntil(ctx, gone) == nil {
		return nil
	}
	_ = syscall.Kill(pid, last)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := waitUntil(grace, gone); err != nil {
		return fmt.Errorf("process %d does not end: %w", pid, err)
	}
	return nil
}

// waitUntil polls done until it returns true or ctx ends.
func waitUntil(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// choosePort returns the first port in wanted that is free on the loopback interface,
// or any free port. It skips zeros in wanted.
func choosePort(ctx context.Context, wanted ...int) (int, error) {
	var listen net.ListenConfig
	for _, port := range wanted {
		if port == 0 {
			continue
		}
		if l, err := listen.Listen(ctx, "tcp", loopback(port)); err == nil {
			return port, l.Close()
		}
	}
	l, err := listen.Listen(ctx, "tcp", loopback(0))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// claimPort sets *port to a free port and calls start, which must listen on it.
// Another process may take the port in between. So it tries again if start fails because the
// port is in use, or while something else answers on it.
func claimPort(ctx context.Context, port *int, preferred int, start func() error) error {
	for attempt := 1; ; attempt++ {
		free, err := choosePort(ctx, *port, preferred)
		if err != nil {
			return err
		}
		*port = free
		if err := start(); err == nil || attempt == 3 || !isPortTaken(err) && !isAnswering(ctx, free) {
			return err
		}
	}
}

// isPortTaken reports whether a server says that its port was in use. What used the port may
// have ended since.
func isPortTaken(err error) bool {
	return strings.Contains(strings.ToLower(err.Error()), syscall.EADDRINUSE.Error())
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// isAnswering reports whether something accepts connections on port. A server that is too
// busy to accept one in time counts as answering.
func isAnswering(ctx context.Context, port int) bool {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", loopback(port))
	if err == nil {
		conn.Close()
		return true
	}
	return os.IsTimeout(err)
}

// withTail adds the end of a log to err.
func withTail(err error, logFile string) error {
	text := tail(logFile)
	if text == "" {
		return err
	}
	return fmt.Errorf("%s ends with:\n%s\n%w", logFile, text, err)
}

// tail returns the last lines of a log, at most tailBytes, or "" if there are none.
func tail(logFile string) string {
	text := readLog(logFile)
	if len(text) > tailBytes {
		text = text[len(text)-tailBytes:]
		text = text[strings.IndexByte(text, '\n')+1:]
	}
	return strings.TrimSpace(text)
}

// readLog returns the text of a log, or "" if there is none.
func readLog(logFile string) string {
	text, err := os.ReadFile(logFile)
	if err != nil {
		return ""
	}
	return string(text)
}
