package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// configurePooler sets up a connection so that it works behind a transaction pooler:
// statements have no names, and are planned for the values of each call, which partial
// indexes and filters need. default_query_exec_mode and connect_timeout in the URL take
// precedence. prepares is false if the URL sets default_query_exec_mode.
func configurePooler(cfg *pgx.ConnConfig) (prepares bool) {
	if prepares = cfg.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement; prepares {
		cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	return prepares
}

// directCheck finds out, once, whether connections lead to backends of their own, which
// keep prepared statements. If so, the backend's process id is the one that was reported
// when the connection was opened. A transaction pooler reports ids of its own.
type directCheck struct {
	timeout       time.Duration // time limit of a read
	mu            sync.Mutex
	known, direct bool
}

// prepare lets a connection prepare named statements if it is direct. They are still
// planned for the values of each call, unless a statement has settings such as keyLookup.
func (d *directCheck) prepare(ctx context.Context, cfg *pgx.ConnConfig) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.known {
		conn, err := pgconn.ConnectConfig(ctx, &cfg.Config)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		results, err := conn.Exec(ctx, "SELECT pg_backend_pid()").ReadAll()
		if err != nil {
			return err
		}
		d.direct = string(results[0].Rows[0][0]) == strconv.FormatUint(uint64(conn.PID()), 10)
		d.known = true
	}
	if d.direct {
		cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
		cfg.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
		d.limit(cfg.RuntimeParams)
	}
	return nil
}

// limit makes Postgres end statements and transactions that this process can no longer end,
// for example because it died. Every statement also has a deadline in this process, which
// is earlier. Behind a pooler no limits are set, since other clients of the connection
// would get them.
func (d *directCheck) limit(settings map[string]string) {
	const connections = "10s"
	for name, limit := range map[string]time.Duration{
		"statement_timeout":                   indexBuildLimit, // background work takes longest
		"idle_in_transaction_session_timeout": 2 * writeFactor * d.timeout,
		"lock_timeout":                        lockTimeout(d.timeout),
	} {
		settings[name] = strconv.FormatInt(limit.Milliseconds(), 10)
	}
	settings["client_connection_check_interval"] = connections
}

// lockTimeout is how long a read or a write with a time limit waits for a lock. It is a
// little shorter than the limit, so that the error of Postgres says that a lock is the
// reason. It is at least a millisecond, since Postgres takes 0 for no limit.
func lockTimeout(limit time.Duration) time.Duration { return max(limit*9/10, time.Millisecond) }

// beginWrite returns the options of a transaction that may wait longer for locks than reads
// do. They do not set the access mode, so that a read-only server refuses the first write
// with a specific SQLSTATE. It would refuse BEGIN READ WRITE with a general one.
func beginWrite(limit time.Duration) pgx.TxOptions {
	return pgx.TxOptions{BeginQuery: fmt.Sprintf("BEGIN; SET LOCAL lock_timeout = %d", lockTimeout(limit).Milliseconds())}
}

// genericPlan makes a prepared statement use one plan for all values.
const genericPlan = "set_config('plan_cache_mode', 'force_generic_plan', true)"

// keyLookup has the settings for prepared statements that read rows by key. They use one
// plan that is quick to make: joins in the order in which they are written, and only by
// index. So it does not matter what a table contained when the plan was made.
const keyLookup = "SELECT " + genericPlan + `, set_config('jit', 'off', true),
	set_config('join_collapse_limit', '1', true), set_config('from_collapse_limit', '1', true),
	set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

// statement is a query with the function that reads its result.
type statement struct {
	query
	read func(pgx.Rows) error
}

// scanEach returns a statement that scans each row into targets and then calls fn.
func scanEach(q query, targets []any, fn func()) statement {
	return statement{q, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, targets, func() error {
			fn()
			return nil
		})
		return err
	}}
}

// send runs statements with settings in one round trip. The settings end with the round
// trip. A further round trip costs about .2 ms of Postgres's CPU.
func (s *Store) send(ctx context.Context, settings string, statements ...statement) error {
	var batch pgx.Batch
	batch.Queue(settings)
	for _, a := range statements {
		batch.Queue(a.text, a.args...).Query(a.read)
	}
	if others := along(ctx); len(others) > 0 {
		if settings != keyLookup {
			batch.Queue(keyLookup) // after the statements that have their own settings
		}
		for _, a := range others {
			batch.Queue(a.text, a.args...).Query(a.read)
		}
	}
	return s.db(ctx).SendBatch(ctx, &batch).Close()
}

// along returns the statements in a context that wait for the next batch.
func along(ctx context.Context) []statement {
	confirmed, _ := ctx.Value(confirmationKey{}).(*confirmation)
	hits, _ := ctx.Value(hitsAheadKey{}).(*hitsAhead)
	return slices.Concat(confirmed.statement(), hits.statements())
}

// readRows calls send within the store's time limit. It classifies errors as read does.
func (s *Store) readRows(ctx context.Context, settings string, q query, read func(pgx.Rows) error) error {
	return s.read(ctx, func(ctx context.Context) error { return s.send(ctx, settings, statement{q, read}) })
}

// forEach scans each row of a result into targets and calls fn.
func (s *Store) forEach(ctx context.Context, settings string, q query, targets []any, fn func()) error {
	return s.readRows(ctx, settings, q, scanEach(q, targets, fn).read)
}
