package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// replica is one read replica. It is left out from the moment that a read finds its
// connection broken or a check fails, until a check passes.
type replica struct {
	name string // host and port
	// probe has one connection of its own, as Store.probe has.
	pool, probe *pgxpool.Pool
	log         *slog.Logger
	replayed    atomic.Uint64
	broken      chan struct{} // tells the watch to look at once

	mu     sync.Mutex
	why    error           // it is left out; errUnknown before the first check
	up     context.Context // ends when it is left out; nil while it is
	down   context.CancelFunc
	behind int // checks one after the other that found it behind what is required
}

var (
	errUnknown  = errors.New("not asked yet")
	errPromoted = errors.New("it is no replica, or is not one any more: it is not in recovery")
	errForeign  = errors.New("it is a replica of another database server")
	errLagging  = errors.New("it is further behind than is permitted")
)

const (
	// askLimit bounds the question whether a replica has come to a position.
	askLimit = 100 * time.Millisecond
	// followPause is the time that a replica gets to come to a position it has nearly
	// reached: most take 1 to 3 ms.
	followPause = 3 * time.Millisecond
	// behindChecks is how many checks find a replica behind until that is logged: at the
	// start, when one position of the primary is known, one does for a moment.
	behindChecks = 2
)

func newReplica(pool, probe *pgxpool.Pool, log *slog.Logger) *replica {
	name := serverName(pool.Config().ConnConfig)
	return &replica{name: name, pool: pool, probe: probe, log: log.With("replica", name), broken: make(chan struct{}, 1), why: errUnknown}
}

// serverName is what a server is called in the log.
func serverName(cfg *pgx.ConnConfig) string {
	return net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
}

func (r *replica) position() Position { return Position(r.replayed.Load()) }

// alive returns a context that ends when the replica is left out; nil if it is.
func (r *replica) alive() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.up
}

// away returns why the replica is left out; nil if it is not.
func (r *replica) away() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.why
}

// reaches reports whether the replica has replayed the log up to a position. It is asked,
// and asked once more a moment later, if it had not when it last was.
func (r *replica) reaches(ctx context.Context, least Position) bool {
	if r.position() >= least {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	for try := range 2 {
		if try > 0 {
			select {
			case <-ctx.Done():
				return false
			case <-time.After(followPause):
			}
		}
		at, err := scanPosition(r.pool.QueryRow(ctx, "SELECT "+nowAt))
		if err != nil {
			if lostConnection(err) {
				r.report(err)
			}
			return false
		}
		if r.advance(at); at >= least {
			return true
		}
	}
	return false
}

// advance notes that the replica has come to a position.
func (r *replica) advance(at Position) {
	for {
		before := r.replayed.Load()
		if uint64(at) <= before || r.replayed.CompareAndSwap(before, uint64(at)) {
			return
		}
	}
}

// report leaves the replica out for what a read failed of, and has it looked at.
func (r *replica) report(why error) {
	r.leave(why)
	select {
	case r.broken <- struct{}{}:
	default:
	}
}

// leave leaves the replica out, and ends what is being read from it.
func (r *replica) leave(why error) {
	r.mu.Lock()
	before := r.why
	r.why = why
	if r.up != nil {
		r.down()
		r.up = nil
	}
	r.mu.Unlock()
	if before != nil && !errors.Is(before, errUnknown) {
		return
	}
	r.pool.Reset()
	r.log.Warn("replica left out; the primary answers in its place", "error", why)
}

// enter has the replica answer from now on.
func (r *replica) enter(at Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.why == nil {
		r.advance(at)
		return
	}
	r.replayed.Store(uint64(at)) // it may have been made anew from an older copy
	r.why = nil
	r.up, r.down = context.WithCancel(context.Background())
	r.log.Info("replica answers", "position", at)
}

// watch checks the replica until ctx ends, less often the longer it is away.
func (r *replica) watch(ctx context.Context, set *replicas) {
	defer r.stop()
	for pause := checkPause; ; {
		at, err := r.check(ctx, set.identity())
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.leave(err)
			pause = min(2*pause, maxAwayPause)
		} else {
			r.enter(at)
			r.noteLag(at, set.required())
			pause = checkPause
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		case <-r.broken:
			pause = checkPause
		}
	}
}

// stop ends what is being read, when all ends.
func (r *replica) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.up != nil {
		r.down()
		r.up, r.why = nil, errUnknown
	}
}

// check returns how far the replica is, or why it cannot be read from. It must be of the
// primary's system, unless that is not known yet.
func (r *replica) check(ctx context.Context, primary string) (at Position, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	return askReplica(ctx, r.probe, primary)
}

// noteLag logs when the replica falls behind what is required and when it has caught up.
func (r *replica) noteLag(at, required Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case required == unknown:
	case at < required:
		if r.behind++; r.behind == behindChecks {
			r.log.Warn("replica lags; the primary answers in its place", "position", at, "required", required)
		}
	default:
		if r.behind >= behindChecks {
			r.log.Info("replica has caught up", "position", at)
		}
		r.behind = 0
	}
}

// lostConnection reports whether an error is of a connection, or of a server that is
// starting or stopping, and not of a statement or of its time limit.
func lostConnection(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return serverState(pg.Code)
	}
	return connectionError(err) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)
}

// askReplica returns how far a replica of a system is, or why it cannot be read from.
func askReplica(ctx context.Context, db querier, primary string) (at Position, err error) {
	var (
		recovering   bool
		text, system string
	)
	err = db.QueryRow(ctx, "SELECT pg_is_in_recovery(), "+nowAt+", "+systemIdentifier).Scan(&recovering, &text, &system)
	switch {
	case err != nil:
		return 0, err
	case !recovering:
		return 0, errPromoted
	case primary != "" && primary != system:
		return 0, errForeign
	}
	version, err := schemaVersion(ctx, db)
	if err == nil {
		err = checkOutdated(version)
	}
	if err != nil {
		return 0, fmt.Errorf("schema: %w", err)
	}
	return ParsePosition(text)
}
