package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// preferredPostgresPort is below the range of ports that systems assign
// automatically.
const preferredPostgresPort = 25432

// postgres is a PostgreSQL server that pg0 sets up and starts. It is not a child
// process (pg_ctl makes it a daemon), so it is identified by its postmaster.pid.
type postgres struct {
	venv    string
	home    home
	noFsync bool
	logFile string
	state   postgresState
}

// postgresState is saved in the home after the first successful start. If it is
// missing, the home holds an unfinished set-up.
type postgresState struct {
	Port     int    `json:"port"`
	Password string `json:"password"`
}

func newPostgres(dir string, noFsync bool) (*postgres, error) {
	home, err := findHome(dir)
	if err != nil {
		return nil, err
	}
	p := &postgres{
		venv:    filepath.Join(dir, venvName),
		home:    home,
		noFsync: noFsync,
		logFile: filepath.Join(dir, logsName, "postgres.log"),
	}
	return p, load(home.stateFile(), &p.state)
}

func (p *postgres) name() string { return "Postgres" }

func (p *postgres) port() int { return p.state.Port }

func (p *postgres) url() string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword("postgres", p.state.Password),
		Host:     loopback(p.state.Port),
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (p *postgres) open(ctx context.Context) error {
	// A killed run may have left a server with other settings.
	if err := p.stop(ctx); err != nil {
		return err
	}
	pg0, err := findProgram(p.venv)
	if err != nil {
		return err
	}
	var setUp []string
	first := "" // password to replace, or ""
	if p.state.Password == "" {
		if first, setUp, err = p.firstPassword(); err != nil {
			return err
		}
	}
	if err := p.home.prepare(pg0); err != nil {
		return fmt.Errorf("prepare the folder of Postgres: %w", err)
	}
	err = claimPort(ctx, &p.state.Port, preferredPostgresPort, func() error { return p.pg0Start(ctx, setUp...) })
	if err != nil {
		return err
	}
	if first != "" {
		password := rand.Text()
		if err := p.changePassword(ctx, first, password); err != nil {
			return fmt.Errorf("set the password of Postgres: %w", err)
		}
		p.state.Password = password
	}
	return save(p.home.stateFile(), p.state)
}

// findProgram returns the path of pg0 in a virtual environment.
func findProgram(venv string) (string, error) {
	const pattern = "lib/python3*/site-packages/pg0/bin/pg0"
	found, err := fs.Glob(os.DirFS(venv), pattern)
	if err != nil || len(found) == 0 {
		return "", errors.Join(fmt.Errorf("there is no %s in %s; remove that folder to reinstall it", pattern, venv), err)
	}
	return filepath.Join(venv, found[0]), nil
}

func (p *postgres) start(ctx context.Context) error { return p.pg0Start(ctx) }

// pg0Start starts Postgres and returns when it accepts connections.
func (p *postgres) pg0Start(ctx context.Context, more ...string) error {
	if err := p.removeStalePID(); err != nil {
		return err
	}
	fsync := "fsync=on" // pg0 passes -F; later options override it
	if p.noFsync {
		fsync = "fsync=off"
	}
	args := append([]string{
		"start", "--name", "accord", "--port", strconv.Itoa(p.state.Port), "--data-dir", p.home.dataDir(),
		"-c", fsync,
		"-c", "listen_addresses=127.0.0.1",
		"-c", "max_connections=200", // several servers may share Postgres, each with its own connection pool
		"-c", "unix_socket_directories=",
		"-c", "logging_collector=off", // so that start.log, which pg_ctl makes, has everything
	}, more...)
	if err := run(ctx, p.home.command(ctx, args...), p.logFile); err != nil {
		serverLog := filepath.Join(p.home.dataDir(), "start.log")
		return withLibraryHint(withTail(withTail(err, p.logFile), serverLog))
	}
	return os.Remove(p.logFile) // pg0 wrote the first password into it
}

// removeStalePID removes the files that mark Postgres as running if it is dead. Otherwise
// pg0 and Postgres would mistake any process with the same id for it. That can happen after
// a restart of the machine, or if nothing reaps zombies.
func (p *postgres) removeStalePID() error {
	pid := p.postmaster()
	if strings.Contains(commandLine(pid), "postgres") {
		return nil // ours, or another that Postgres itself must tell from ours
	}
	for _, name := range []string{"data/postmaster.pid", ".pg0/instances/accord/instance.json"} {
		if err := os.RemoveAll(filepath.Join(p.home.path, name)); err != nil {
			return err
		}
	}
	return nil
}

// postmaster returns the process id in postmaster.pid, or 0.
func (p *postgres) postmaster() int {
	text, err := os.ReadFile(filepath.Join(p.home.dataDir(), "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	pid, err := strconv.Atoi(string(bytes.TrimSpace(first)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

// commandMark returns a string that is in the command line of this folder's
// postmaster and of no other process.
func (p *postgres) commandMark() string { return "postgres -D " + p.home.dataDir() + " " }

func (p *postgres) running() bool {
	return strings.Contains(commandLine(p.postmaster()), p.commandMark())
}

// stop ends Postgres with a fast shutdown. If ctx ends first, it uses an immediate
// shutdown, after which the next start recovers. It sends the signals itself, since
// pg0 would wait forever for a postmaster that nothing reaps.
func (p *postgres) stop(ctx context.Context) error {
	if !p.running() {
		return nil
	}
	return terminate(ctx, p.postmaster(), p.commandMark(), syscall.SIGINT, syscall.SIGQUIT)
}

// missingLibrary matches messages of pg0 and the dynamic linker.
var missingLibrary = regexp.MustCompile(`(lib\S+\.so\S*?)(?: => not found|: cannot open shared object)`)

// withLibraryHint adds what to install if the system lacks a library that pg0's
// Postgres needs.
func withLibraryHint(err error) error {
	found := missingLibrary.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	return fmt.Errorf("this system lacks %s (Debian, Ubuntu: apt-get install libgssapi-krb5-2 libxml2 liblz4-1 libzstd1): %w", found[1], err)
}
