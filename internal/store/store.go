// Package store stores collections, documents, passages and vectors in Postgres with
// pgvector. It is the only package with SQL, and knows nothing about models, files or gRPC.
//
// Every statement works behind a transaction pooler: there, statements are not prepared
// under names, and settings and advisory locks end with their transaction.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvec "github.com/pgvector/pgvector-go/pgx"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/guard"
)

// Config is the configuration of a Store.
type Config struct {
	// URL is a libpq connection string or URL.
	URL string
	// ReplicaURLs are the URLs of read replicas. Each gets its own pool.
	ReplicaURLs []string
	// ReplicaMaxLag is how far a replica may be behind the primary to answer calls that
	// do not require a position. 0 means 5 s.
	ReplicaMaxLag time.Duration
	// MaxConns bounds the pool. 0 means pgxpool's default, the greater of 4 and the
	// number of CPUs.
	MaxConns int32
	// Timeout bounds one read. 0 means 10 s. A write has six times as long, because the
	// longest documents have tens of thousands of vectors.
	Timeout time.Duration
	// HNSWMinRows is the number of ranked passages from which a language gets an HNSW
	// index. 0 means 2,000. For fewer passages, exact search takes at most 2.5 ms at 384
	// dimensions, misses nothing, and needs no index.
	HNSWMinRows int64
	// ExactPassages bounds the passages of a language that a search with a filter compares
	// one by one. 0 means 15,000. If more match the filter, the search uses indexes.
	// Comparing 15,000 of 100,000 passages takes as long as using an HNSW index, and misses
	// none.
	ExactPassages int
	// Tracer sees every statement. It may be nil.
	Tracer pgx.QueryTracer
	// Logger receives messages from background work. nil means slog.Default.
	Logger *slog.Logger
}

const (
	connectTimeout     = 5 * time.Second
	defaultTimeout     = 10 * time.Second
	writeFactor        = 6
	defaultHNSWMinRows = 2_000
	defaultExact       = 15_000
)

// Store is a pool of connections to one database. It is safe for concurrent use. It must be
// closed.
type Store struct {
	pool *sharedPool
	// probe has one separate connection, so that a busy pool does not look like a
	// database that is down.
	probe    *pgxpool.Pool
	known    atomic.Bool // Ping has seen the schema of this binary
	disk     diskState
	locked   lockState
	timeout  time.Duration
	exact    int // value of Config.ExactPassages
	log      *slog.Logger
	indexes  *indexKeeper
	removals *remover
	replicas *replicas
	analyses *analyser
	counted  *lru.Cache[string, *atomic.Int64] // by collection: the number of term counts that this process has changed
	recent   *lru.Cache[string, recentSpace]   // by collection
	// running ends when the store is closed. It then ends reads and transactions whose
	// callers' contexts do not end, such as those that several callers share.
	running context.Context
	stop    context.CancelFunc
}

// Open returns a store without connecting, so that a server can start before its database.
// Methods return ErrUnavailable until the database can be reached.
func Open(cfg Config) (*Store, error) {
	s := &Store{timeout: cfg.Timeout, exact: cfg.ExactPassages, log: cfg.Logger, counted: newBoundedCache[*atomic.Int64](), recent: newBoundedCache[recentSpace]()}
	s.running, s.stop = context.WithCancel(context.Background())
	if s.exact == 0 {
		s.exact = defaultExact
	}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	var err error
	if s.pool, s.probe, err = openPools(cfg.URL, cfg); err != nil {
		return nil, err
	}
	if s.replicas, err = openReplicas(cfg, s.probe, s.log); err != nil {
		s.probe.Close()
		s.pool.Close()
		return nil, err
	}
	minRows := cfg.HNSWMinRows
	if minRows == 0 {
		minRows = defaultHNSWMinRows
	}
	s.indexes = newIndexKeeper(s.pool, minRows, s.log)
	s.removals = newRemover(s)
	s.analyses = newAnalyser(s.pool, s.log)
	return s, nil
}

// openPools prepares a pool of connections to a server, and one with a single
// connection.
func openPools(url string, cfg Config) (many *sharedPool, one *pgxpool.Pool, err error) {
	parsed, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, nil, fmt.Errorf("database URL: %w", err)
	}
	if cfg.MaxConns > 0 {
		parsed.MaxConns = cfg.MaxConns
	}
	prepares := configurePooler(parsed.ConnConfig)
	parsed.ConnConfig.Tracer = cfg.Tracer
	parsed.AfterConnect = registerVectorTypes
	if prepares {
		parsed.BeforeConnect = (&directCheck{timeout: cmp.Or(cfg.Timeout, defaultTimeout)}).prepare
	}
	many = &sharedPool{}
	if many.Pool, err = pgxpool.NewWithConfig(context.Background(), parsed); err != nil {
		return nil, nil, fmt.Errorf("database pool: %w", err)
	}
	single := parsed.Copy()
	single.MaxConns, single.MinConns = 1, 0
	if one, err = pgxpool.NewWithConfig(context.Background(), single); err != nil {
		many.Close()
		return nil, nil, fmt.Errorf("database pool: %w", err)
	}
	return many, one, nil
}

// connect opens one connection outside the pool, without pgvector's types.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	configurePooler(cfg)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	return conn, classify(ctx, err)
}

func registerVectorTypes(ctx context.Context, conn *pgx.Conn) error {
	if err := pgxvec.RegisterTypes(ctx, conn); err != nil {
		var pg *pgconn.PgError
		if errors.As(err, &pg) || conn.IsClosed() {
			return err
		}
		return fmt.Errorf("%w: the vector extension is not in the database: run `accord migrate`", ErrSchema)
	}
	return nil
}

// Close ends background work, reads and transactions, and closes all connections.
func (s *Store) Close() {
	s.stop()
	s.analyses.close()
	s.removals.close()
	s.indexes.close()
	s.replicas.close()
	s.probe.Close()
	s.pool.Close()
}

// Connect opens up to n connections of the pool, so that the first calls do not wait for
// them.
func (s *Store) Connect(ctx context.Context, n int) error {
	var opening errgroup.Group
	opened := make(chan *pgxpool.Conn, n)
	for range min(n, int(s.pool.Config().MaxConns)) {
		opening.Go(guard.Func(func() error {
			conn, err := s.pool.Pool.Acquire(ctx) // does not wait for those that are opened here
			if err == nil {
				opened <- conn
			}
			return err
		}))
	}
	err := opening.Wait()
	for close(opened); len(opened) > 0; {
		(<-opened).Release()
	}
	return classify(ctx, err)
}

// limit returns a context that also ends after a time and when the store is closed.
func (s *Store) limit(ctx context.Context, limit time.Duration) (limited context.Context, end func()) {
	limited, cancel := context.WithTimeout(ctx, limit)
	stop := context.AfterFunc(s.running, cancel)
	return limited, func() {
		stop()
		cancel()
	}
}

// read runs fn within the store's time limit and classifies its error. fn must send one
// statement or one batch at a time to db(ctx). Postgres runs each as one transaction, which
// takes one round trip; inTx takes three.
func (s *Store) read(ctx context.Context, fn func(context.Context) error) error {
	limited, end := s.readLimit(ctx)
	defer end()
	if readingOf(ctx) == nil {
		var stop func()
		limited, stop = s.locked.limit(limited)
		defer stop()
	}
	err := noteReadError(ctx, fn(limited))
	if err != nil && errors.Is(context.Cause(limited), ErrLocked) {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return s.classify(ctx, err)
}

// inTx runs fn in one transaction within the store's time limit, and classifies its
// error.
func (s *Store) inTx(ctx context.Context, mode pgx.TxAccessMode, fn func(context.Context, pgx.Tx) error) error {
	if mode == pgx.ReadOnly {
		return s.read(ctx, func(ctx context.Context) error {
			return pgx.BeginTxFunc(ctx, s.db(ctx), pgx.TxOptions{AccessMode: mode}, func(tx pgx.Tx) error { return fn(ctx, tx) })
		})
	}
	limit := writeFactor * s.timeout
	limited, end := s.limit(ctx, limit)
	defer end()
	if deadline, ok := limited.Deadline(); ok { // the caller's may be earlier
		limit = time.Until(deadline)
	}
	err := pgx.BeginTxFunc(limited, s.pool, beginWrite(limit), func(tx pgx.Tx) error { return fn(limited, tx) })
	s.disk.recordError(err)
	if isReadOnly(err) {
		// Another server may be the primary now, at the same address.
		s.pool.Reset()
	}
	return s.classify(ctx, err)
}
