package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/accord-search/accord/internal/guard"
)

// replicas are the read replicas of a database. Their positions are compared with sampled
// positions of the primary, to see which of them are up to date.
type replicas struct {
	list   []*replica
	maxLag time.Duration
	turn   atomic.Uint32

	mu sync.Mutex
	// samples are positions of the primary, oldest first. All but the first are younger
	// than maxLag.
	samples []sample
	system  string // system identifier of the primary; empty until known

	cancel  context.CancelFunc
	running sync.WaitGroup
}

// sample is a position that the primary had reached at some time.
type sample struct {
	at       time.Time
	position Position
}

const (
	// checkPause is the time between checks of the primary and of each replica.
	checkPause = 250 * time.Millisecond
	// samplesKept is roughly how many samples are kept.
	samplesKept = 64
	// checkLimit bounds one check.
	checkLimit = time.Second
	// maxAwayPause is the longest time between checks of a replica that is down.
	maxAwayPause = 10 * time.Second
	// defaultMaxLag is the default of Config.ReplicaMaxLag.
	defaultMaxLag = 5 * time.Second
)

// unknown is the required position until the position of the primary is known.
const unknown Position = math.MaxUint64

// openReplicas prepares the replicas of a database. primary is a pool with one connection
// for checks.
func openReplicas(cfg Config, primary *pgxpool.Pool, log *slog.Logger) (*replicas, error) {
	set := &replicas{maxLag: cfg.ReplicaMaxLag}
	if set.maxLag == 0 {
		set.maxLag = defaultMaxLag
	}
	for i, url := range cfg.ReplicaURLs {
		pool, probe, err := openPools(url, cfg)
		if err != nil {
			set.closePools()
			return nil, fmt.Errorf("replica %d: %w", i+1, err)
		}
		set.list = append(set.list, newReplica(pool, probe, log))
	}
	ctx, cancel := context.WithCancel(context.Background())
	set.cancel = cancel
	if len(set.list) > 0 {
		set.running.Go(guard.Log(log, "watch of the primary", func() { set.watchPrimary(ctx, primary, log) }))
	}
	for _, r := range set.list {
		set.running.Go(guard.Log(log, "watch of a replica", func() { r.watch(ctx, set) }))
	}
	return set, nil
}

func (set *replicas) close() {
	set.cancel()
	set.running.Wait()
	set.closePools()
}

func (set *replicas) closePools() {
	for _, r := range set.list {
		r.pool.Close()
		r.probe.Close()
	}
}

// watchPrimary samples the position of the primary until ctx ends. While the primary
// does not answer, replicas are compared with its last known position.
func (set *replicas) watchPrimary(ctx context.Context, primary *pgxpool.Pool, log *slog.Logger) {
	pause := max(checkPause, set.maxLag/samplesKept)
	for {
		var panicked *guard.PanicError
		if err := guard.Call(func() error { return set.samplePrimary(ctx, primary) }); errors.As(err, &panicked) {
			log.ErrorContext(ctx, "reading the position of the primary panicked; will retry", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// samplePrimary adds the position of the primary to the samples.
func (set *replicas) samplePrimary(ctx context.Context, primary querier) error {
	at := time.Now()
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	var text, system string
	err := primary.QueryRow(ctx, "SELECT pg_current_wal_insert_lsn()::text, "+systemIdentifier).Scan(&text, &system)
	if err != nil {
		return err
	}
	position, err := ParsePosition(text)
	if err == nil {
		set.addSample(sample{at, position}, system)
	}
	return err
}

func (set *replicas) addSample(s sample, system string) {
	set.mu.Lock()
	defer set.mu.Unlock()
	set.system = system
	set.samples = append(set.samples, s)
	old := 0
	for old+1 < len(set.samples) && s.at.Sub(set.samples[old+1].at) >= set.maxLag {
		old++
	}
	set.samples = append(set.samples[:0], set.samples[old:]...)
}

func (set *replicas) identity() string {
	set.mu.Lock()
	defer set.mu.Unlock()
	return set.system
}

// required returns the position that a replica must have replayed to be within the
// permitted lag: the newest sample that is at least maxLag old, or else the oldest one.
func (set *replicas) required() Position {
	set.mu.Lock()
	defer set.mu.Unlock()
	if len(set.samples) == 0 {
		return unknown
	}
	position := set.samples[0].position
	for _, s := range set.samples[1:] {
		if time.Since(s.at) < set.maxLag {
			break
		}
		position = s.position
	}
	return position
}

// choose returns a replica that has replayed the log up to a position, or for position 0
// one within the permitted lag. The context ends when the replica is marked down. The
// replica is nil if there is none. The replicas take turns.
func (set *replicas) choose(ctx context.Context, least Position) (*replica, context.Context) {
	if len(set.list) == 0 {
		return nil, nil
	}
	first := int(set.turn.Add(1))
	for i := range set.list {
		r := set.list[(first+i)%len(set.list)]
		alive := r.alive()
		switch {
		case alive == nil:
			continue
		case least == 0 && r.position() >= set.required(), least > 0 && r.reaches(ctx, least):
			return r, alive
		}
	}
	return nil, nil
}

// usable reports whether any replica is within the permitted lag.
func (set *replicas) usable() bool {
	required := set.required()
	for _, r := range set.list {
		if r.alive() != nil && r.position() >= required {
			return true
		}
	}
	return false
}

// state returns the reason why a replica is not usable, or nil if it is.
func (set *replicas) state(r *replica) error {
	if err := r.downReason(); err != nil {
		return fmt.Errorf("replica %s: %w", r.name, err)
	}
	if r.position() < set.required() {
		return fmt.Errorf("replica %s: %w", r.name, errLagging)
	}
	return nil
}
