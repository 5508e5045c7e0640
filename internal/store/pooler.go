package store

import (
	"context"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// suitPooler sets what every connection needs. Unnamed statements survive a
// transaction pooler, and are planned for the values of each call: partial
// indexes and filters need that. The URL's default_query_exec_mode and
// connect_timeout stand; prepares is false if it names a mode.
func suitPooler(cfg *pgx.ConnConfig) (prepares bool) {
	if prepares = cfg.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement; prepares {
		cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	return prepares
}

// directness learns, once, whether connections lead to a backend of their own, which
// keeps what is prepared: then its number is the one that the connection was given.
// A transaction pooler gives numbers of its own.
type directness struct {
	mu            sync.Mutex
	known, direct bool
}

// prepare has a connection prepare statements under names if it is direct. They are
// planned for the values of each call all the same, unless a statement says otherwise
// (see keyed).
func (d *directness) prepare(ctx context.Context, cfg *pgx.ConnConfig) error {
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
	}
	return nil
}

// onePlan has a statement planned once, if it is prepared, and not for its values.
const onePlan = "set_config('plan_cache_mode', 'force_generic_plan', true)"

// keyed has a statement that reads rows by their keys planned once, if it is prepared,
// and quickly: joins in the order in which they are written, by indexes alone. What a
// table held when the plan was made does not matter then.
const keyed = "SELECT " + onePlan + `, set_config('jit', 'off', true),
	set_config('join_collapse_limit', '1', true), set_config('from_collapse_limit', '1', true),
	set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

// asked is a statement and what reads its answer.
type asked struct {
	query
	read func(pgx.Rows) error
}

// each is a statement with what is called for each row, which is scanned into targets.
func each(q query, targets []any, fn func()) asked {
	return asked{q, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, targets, func() error {
			fn()
			return nil
		})
		return err
	}}
}

// send asks statements with settings in one round trip; these end with it. What is
// sent alone costs about .2 ms of Postgres's CPU more.
func (s *Store) send(ctx context.Context, settings string, statements ...asked) error {
	var batch pgx.Batch
	batch.Queue(settings)
	for _, a := range statements {
		batch.Queue(a.text, a.args...).Query(a.read)
	}
	return s.db(ctx).SendBatch(ctx, &batch).Close()
}

// readRows is send within the store's time limit, with errors as of read.
func (s *Store) readRows(ctx context.Context, settings string, q query, read func(pgx.Rows) error) error {
	return s.read(ctx, func(ctx context.Context) error { return s.send(ctx, settings, asked{q, read}) })
}

// forEach scans each row of an answer into targets and calls fn.
func (s *Store) forEach(ctx context.Context, settings string, q query, targets []any, fn func()) error {
	return s.readRows(ctx, settings, q, each(q, targets, fn).read)
}
