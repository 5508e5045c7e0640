package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/store"
)

// Cluster is a separate primary with the schema, and a streaming replica of it. Both
// are stopped at the end of the test.
type Cluster struct{ Primary, Replica *Server }

// Server is one server of a cluster. It uses the programs of the server that
// ACCORD_TEST_DATABASE_URL names, and runs as the same user.
type Server struct {
	URL      string
	programs string
	dir      string
	port     int
	owner    *syscall.Credential
}

// startLimit bounds the start of a server, which may have to recover.
const startLimit = time.Minute

// NewCluster starts a cluster. It skips the test in the same cases as Empty.
func NewCluster(t testing.TB) Cluster {
	t.Helper()
	template := templateServer(t)
	// The folder is beside that server's data, because the server's user may not have
	// access to t.TempDir().
	folder := filepath.Join(filepath.Dir(template.dir), "cluster-"+rand.Text())
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chown(folder, int(template.owner.Uid), int(template.owner.Gid)); err != nil {
		t.Fatal(err)
	}
	primary := template.at(t, filepath.Join(folder, "primary"))
	primary.run(t, "initdb", "-D", primary.dir, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
	primary.Start(t)
	t.Cleanup(func() { primary.Stop(t) })
	if _, err := store.Migrate(t.Context(), primary.URL); err != nil {
		t.Fatal(err)
	}
	replica := template.at(t, filepath.Join(folder, "replica"))
	replica.run(t, "pg_basebackup", "-D", replica.dir, "-R", "-c", "fast", "--no-sync", "-d",
		fmt.Sprintf("host=127.0.0.1 port=%d user=postgres", primary.port))
	replica.Start(t)
	t.Cleanup(func() { replica.Stop(t) })
	return Cluster{primary, replica}
}

// templateServer finds the programs and the data of the test server.
func templateServer(t testing.TB) *Server {
	t.Helper()
	conn := connect(t, serverURL(t))
	defer conn.Close(context.Background())
	s := &Server{}
	err := conn.QueryRow(t.Context(), "SELECT (SELECT setting FROM pg_config WHERE name = 'BINDIR'), current_setting('data_directory')").Scan(&s.programs, &s.dir)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.dir)
	if err != nil {
		t.Skipf("the test server runs on another machine: %v", err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	s.owner = &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}
	return s
}

func (s *Server) at(t testing.TB, dir string) *Server {
	t.Helper()
	var any net.ListenConfig
	listener, err := any.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	url := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	return &Server{URL: url, programs: s.programs, dir: dir, port: port, owner: s.owner}
}

// Start starts the server and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.run(t, "pg_ctl", "-D", s.dir, "-l", s.dir+".log", "-w", "-t", strconv.Itoa(int(startLimit.Seconds())), "-o",
		fmt.Sprintf("-F -p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200", s.port), "start")
}

// Stop kills the server, as in a crash. It is not an error if the server has ended already.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(s.dir, "postmaster.pid")); err == nil {
		s.run(t, "pg_ctl", "-D", s.dir, "-m", "immediate", "-w", "stop")
	}
}

// Exec runs a statement.
func (s *Server) Exec(t testing.TB, sql string) {
	t.Helper()
	conn := connect(t, s.URL)
	defer conn.Close(context.Background())
	execute(t, conn, sql)
}

// Position returns the server's position in the write-ahead log.
func (s *Server) Position(t testing.TB) store.Position {
	t.Helper()
	conn := connect(t, s.URL)
	defer conn.Close(context.Background())
	var text string
	err := conn.QueryRow(context.Background(),
		"SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END)::text").Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	at, err := store.ParsePosition(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// run runs a program of Postgres. The output goes to a file, because processes that the
// program starts keep the output open.
func (s *Server) run(t testing.TB, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*startLimit)
	defer cancel()
	out, err := os.CreateTemp(t.TempDir(), program)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, filepath.Join(s.programs, program), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", out, out
	libraries := filepath.Join(filepath.Dir(s.programs), "lib")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "LD_LIBRARY_PATH=" + libraries}
	if os.Geteuid() == 0 && s.owner != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	}
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(out.Name())
		log, _ := os.ReadFile(s.dir + ".log")
		t.Fatalf("%s: %v\n%s\n%s", program, err, text, log[max(0, len(log)-2000):])
	}
}

// Program runs a program of Postgres, such as pg_dump, as the user of the tests, with the
// programs of the server that ACCORD_TEST_DATABASE_URL names. It skips the test in the same
// cases as Empty.
func Program(t testing.TB, program string, args ...string) {
	t.Helper()
	s := templateServer(t)
	s.owner = nil
	s.run(t, program, args...)
}

// Freeze stops all processes of the server, as if the machine hung, until the returned
// function is called. It needs Linux.
func (s *Server) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	children, err := os.ReadFile(filepath.Join("/proc", first, "task", first, "children"))
	if err != nil {
		t.Skipf("processes of a server are not told: %v", err)
	}
	signal := func(sig syscall.Signal) {
		for _, field := range append([]string{first}, strings.Fields(string(children))...) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 1 {
				_ = syscall.Kill(pid, sig) // the process may have ended already
			}
		}
	}
	signal(syscall.SIGSTOP)
	return func() { signal(syscall.SIGCONT) }
}
