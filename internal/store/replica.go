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

	"github.com/accord-search/accord/internal/guard"
)

// replica is one read replica. It is down from the moment when a read notices a broken
// connection or a check fails, until a check succeeds.
type replica struct {
	name string // host and port
	pool *sharedPool
	// probe has one separate connection, like Store.probe.
	probe    *pgxpool.Pool
	log      *slog.Logger
	replayed atomic.Uint64
	broken   chan struct{} // makes watch check at once

	mu     sync.Mutex
	why    error           // reason why it is down; errUnknown before the first check
	up     context.Context // ends when the replica is marked down; nil while it is down
	down   context.CancelFunc
	behind int // consecutive checks in which it was behind the required position
}

var (
	errUnknown  = errors.New("not checked yet")
	errPromoted = errors.New("it is not a replica, or no longer one: it is not in recovery")
	errForeign  = errors.New("it is a replica of another database server")
	errLagging  = errors.New("it is further behind the primary than permitted")
)

const (
	// askLimit bounds the query for the position of a replica.
	askLimit = 100 * time.Millisecond
	// followPause is how long a call waits for a replica that has nearly reached a
	// position. Most replicas need 1 to 3 ms.
	followPause = 3 * time.Millisecond
	// behindChecks is the number of consecutive checks in which a replica must be behind
	// before that is logged. At the start, while only one position of the primary is known,
	// a replica is briefly behind.
	behindChecks = 2
)

func newReplica(pool *sharedPool, probe *pgxpool.Pool, log *slog.Logger) *replica {
	name := serverName(pool.Config().ConnConfig)
	return &replica{name: name, pool: pool, probe: probe, log: log.With("replica", name), broken: make(chan struct{}, 1), why: errUnknown}
}

// serverName returns the name of a server in the log.
func serverName(cfg *pgx.ConnConfig) string {
	return net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
}

func (r *replica) position() Position { return Position(r.replayed.Load()) }

// alive returns a context that ends when the replica is marked down, or nil if it is
// down.
func (r *replica) alive() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.up
}

// downReason returns why the replica is down, or nil if it is up.
func (r *replica) downReason() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.why
}

// reaches reports whether the replica has replayed the log up to a position. If its last
// known position is earlier, reaches asks the replica, and if necessary once more a moment
// later.
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
		at, err := scanPosition(r.pool.QueryRow(ctx, "SELECT "+replayedAt))
		if err != nil {
			if lostConnection(err) {
				r.reportFailure(err)
			}
			return false
		}
		if r.advance(at); at >= least {
			return true
		}
	}
	return false
}

// advance records a position that the replica has reached.
func (r *replica) advance(at Position) {
	for {
		before := r.replayed.Load()
		if uint64(at) <= before || r.replayed.CompareAndSwap(before, uint64(at)) {
			return
		}
	}
}

// reportFailure marks the replica down because of a failed read, and wakes its watcher.
func (r *replica) reportFailure(why error) {
	r.markDown(why)
	select {
	case r.broken <- struct{}{}:
	default:
	}
}

// markDown stops using the replica, and cancels reads from it.
func (r *replica) markDown(why error) {
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
	r.log.Warn("replica is down; reads go to the primary", "error", why)
}

// markUp starts using the replica.
func (r *replica) markUp(at Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.why == nil {
		r.advance(at)
		return
	}
	r.replayed.Store(uint64(at)) // the replica may have been restored from an older copy
	r.why = nil
	r.up, r.down = context.WithCancel(context.Background())
	r.log.Info("replica is up", "position", at)
}

// watch checks the replica until ctx ends. It checks less often the longer the replica
// is down.
func (r *replica) watch(ctx context.Context, set *replicas) {
	defer r.stop()
	for pause := checkPause; ; {
		at, err := r.check(ctx, set.identity())
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.markDown(err)
			pause = min(2*pause, maxAwayPause)
		} else {
			r.markUp(at)
			r.logLag(at, set.required())
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

// stop cancels reads from the replica when the store closes.
func (r *replica) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.up != nil {
		r.down()
		r.up, r.why = nil, errUnknown
	}
}

// check returns the position of the replica, or the reason why it cannot be read from. The
// replica must have the system identifier primary, unless that is still unknown.
func (r *replica) check(ctx context.Context, primary string) (at Position, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	err = guard.Call(func() (err error) {
		at, err = askReplica(ctx, r.probe, primary)
		return err
	})
	return at, err
}

// logLag logs when the replica falls behind the required position and when it has
// caught up.
func (r *replica) logLag(at, required Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case required == unknown:
	case at < required:
		if r.behind++; r.behind == behindChecks {
			r.log.Warn("replica lags; reads go to the primary", "position", at, "required", required)
		}
	default:
		if r.behind >= behindChecks {
			r.log.Info("replica has caught up", "position", at)
		}
		r.behind = 0
	}
}

// lostConnection reports whether an error is about a connection, or about a server that is
// starting or stopping, and not about a statement or its time limit.
func lostConnection(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return serverState(pg.Code)
	}
	return connectionError(err) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)
}

// askReplica returns the position of a replica, or the reason why it cannot be read from.
func askReplica(ctx context.Context, db querier, primary string) (at Position, err error) {
	var (
		recovering   bool
		text, system string
	)
	err = db.QueryRow(ctx, "SELECT pg_is_in_recovery(), "+replayedAt+", "+systemIdentifier).Scan(&recovering, &text, &system)
	switch {
	case err != nil:
		return 0, err
	case !recovering:
		return 0, errPromoted
	case primary != "" && primary != system:
		return 0, errForeign
	}
	if err := checkSchema(ctx, db); err != nil {
		return 0, fmt.Errorf("schema: %w", err)
	}
	return ParsePosition(text)
}
