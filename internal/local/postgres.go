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

// preferredPostgresPort lies below the ports that systems hand out by themselves.
const preferredPostgresPort = 25432

// postgres is a PostgreSQL that pg0 sets up and starts. It is no child of ours
// (pg_ctl makes it a daemon), so it is known by its postmaster.pid.
type postgres struct {
	venv    string
	home    home
	noFsync bool
	logFile string
	state   postgresState
}

// postgresState is kept in the home from the first start that succeeded: where
// it is missing, what lies there is an unfinished set-up.
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
	// One that a killed run left behind may have other settings.
	if err := p.stop(ctx); err != nil {
		return err
	}
	var setUp []string
	if p.state.Password == "" {
		if err := os.RemoveAll(p.home.path); err != nil {
			return fmt.Errorf("remove an unfinished set-up: %w", err)
		}
		p.state.Password = rand.Text()
		// Other users can see arguments, so pg0 gets it this once only.
		setUp = []string{"--password", p.state.Password}
	}
	pg0, err := findProgram(p.venv)
	if err != nil {
		return err
	}
	if err := p.home.prepare(pg0); err != nil {
		return fmt.Errorf("prepare the folder of Postgres: %w", err)
	}
	err = claimPort(ctx, &p.state.Port, preferredPostgresPort, func() error { return p.pg0Start(ctx, setUp...) })
	if err != nil {
		return err
	}
	return save(p.home.stateFile(), p.state)
}

// findProgram returns the path of pg0 in a virtual environment.
func findProgram(venv string) (string, error) {
	const pattern = "lib/python3*/site-packages/pg0/bin/pg0"
	found, err := fs.Glob(os.DirFS(venv), pattern)
	if err != nil || len(found) == 0 {
		return "", errors.Join(fmt.Errorf("there is no %s in %s; remove that folder to install it anew", pattern, venv), err)
	}
	return filepath.Join(venv, found[0]), nil
}

func (p *postgres) start(ctx context.Context) error { return p.pg0Start(ctx) }

// pg0Start returns when Postgres accepts connections.
func (p *postgres) pg0Start(ctx context.Context, more ...string) error {
	if err := p.forgetDead(); err != nil {
		return err
	}
	fsync := "fsync=on" // pg0 passes -F, which is overruled by what comes later
	if p.noFsync {
		fsync = "fsync=off"
	}
	args := append([]string{
		"start", "--name", "accord", "--port", strconv.Itoa(p.state.Port), "--data-dir", p.home.dataDir(),
		"-c", fsync,
		"-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=",
		"-c", "logging_collector=off", // so that all is in start.log, which pg_ctl makes
	}, more...)
	if err := run(ctx, p.home.command(ctx, args...), p.logFile); err != nil {
		serverLog := filepath.Join(p.home.dataDir(), "start.log")
		return withLibraryHint(withTail(withTail(err, p.logFile), serverLog))
	}
	return os.Remove(p.logFile) // pg0 writes the password of what it started there
}

// forgetDead removes what says that Postgres runs when it does not. pg0 and
// Postgres take any process with the number of the dead one for it, after a
// restart of the machine or where nothing reaps zombies.
func (p *postgres) forgetDead() error {
	pid := p.postmaster()
	if strings.Contains(commandLine(pid), "postgres") {
		return nil // ours, or in any case for Postgres to judge
	}
	for _, name := range []string{"data/postmaster.pid", ".pg0/instances/accord/instance.json"} {
		if err := os.RemoveAll(filepath.Join(p.home.path, name)); err != nil {
			return err
		}
	}
	return nil
}

// postmaster returns the process that postmaster.pid names, or 0.
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

// mark is in the command line of this folder's postmaster and of no other.
func (p *postgres) mark() string { return "postgres -D " + p.home.dataDir() + " " }

func (p *postgres) running() bool {
	return strings.Contains(commandLine(p.postmaster()), p.mark())
}

// stop ends Postgres by a fast shutdown, and if ctx ends first by an immediate
// one, after which the next start recovers. It sends the signals itself: pg0
// waits in vain for a postmaster that nothing reaps.
func (p *postgres) stop(ctx context.Context) error {
	if !p.running() {
		return nil
	}
	return terminate(ctx, p.postmaster(), p.mark(), syscall.SIGINT, syscall.SIGQUIT)
}

// missingLibrary matches what pg0 and the dynamic linker say.
var missingLibrary = regexp.MustCompile(`(lib\S+\.so\S*?)(?: => not found|: cannot open shared object)`)

// withLibraryHint says what to install where the system lacks a library that
// pg0's Postgres is linked with.
func withLibraryHint(err error) error {
	found := missingLibrary.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	return fmt.Errorf("this system lacks %s (Debian, Ubuntu: apt-get install libgssapi-krb5-2 libxml2 liblz4-1 libzstd1): %w", found[1], err)
}
