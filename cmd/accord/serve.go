package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/local"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
)

// defaultAddr is the address that the server listens on and clients connect to by default.
const defaultAddr = "127.0.0.1:50051"

// maxEmbeddingWorkers limits memory: each worker holds the texts and vectors of the work
// that it has claimed from the queue.
const maxEmbeddingWorkers = 32

type serveCmd struct {
	GRPCAddr string `name:"grpc-addr" default:"127.0.0.1:50051" env:"ACCORD_GRPC_ADDR" help:"Address to listen on for gRPC."`
	Local    bool   `env:"ACCORD_LOCAL" help:"Start an embedded Postgres and a model server if no URL is set for them. Time limits are then longer, for a machine that is busy with other things."`
	LocalDir string `default:".local" env:"ACCORD_LOCAL_DIR" help:"Folder for the programs and data of --local." type:"path"`
	Seed     string `env:"ACCORD_SEED" help:"Folder to ingest into collections/default at the start." type:"existingdir"`

	MaxTextBytes       int           `default:"4194304" env:"ACCORD_MAX_TEXT_BYTES" help:"Maximum size of a document's text, in bytes of UTF-8."`
	DefaultTimeout     time.Duration `default:"30s" env:"ACCORD_DEFAULT_TIMEOUT" help:"Deadline of calls without one; 2m with --local unless set."`
	WriteTimeout       time.Duration `default:"10m" env:"ACCORD_WRITE_TIMEOUT" help:"Time limit for one document of an import."`
	EmbeddingWorkers   int           `default:"2" env:"ACCORD_EMBEDDING_WORKERS" help:"Number of workers that embed documents that were stored without waiting; 0 leaves them to other servers with this database."`
	QueryVectorTimeout time.Duration `default:"1.5s" env:"ACCORD_QUERY_VECTOR_TIMEOUT" help:"Time limit for a query's vector. It is never more than half of the time that the call has left. When it ends, the search answers by words alone or fails, as its caller chose. The default is 5s with --local."`
	QueryVectorCache   int           `default:"4096" env:"ACCORD_QUERY_VECTOR_CACHE" help:"Number of query vectors to cache for repeated queries; a vector of 384 dimensions takes 1.5 kB."`
	StopTimeout        time.Duration `default:"10s" env:"ACCORD_STOP_TIMEOUT" help:"How long a stop waits for calls in progress."`
	PprofAddr          string        `env:"ACCORD_PPROF_ADDR" help:"Address for Go profiles under /debug/pprof/, off if empty; :6060 is port 6060 of the loopback interface. Only operators may reach it: profiles reveal what queries are about."`

	databaseFlags  `embed:"" group:"database"`
	embeddingFlags `embed:"" group:"embedding"`
	rerankFlags    `embed:"" group:"reranking"`
	securityFlags  `embed:"" group:"security"`
	limitFlags     `embed:"" group:"limits"`
	httpFlags      `embed:"" group:"http"`
	telemetryFlags `embed:"" group:"telemetry"`

	healthTimeout time.Duration // 0 for the server's default
	telemetry     *telemetrySet
}

// Help returns the examples of --help.
func (*serveCmd) Help() string {
	return examples(
		"accord serve --local --seed seeds",
		"accord serve --database-url postgres://user:password@host:5432/accord --embedding-url http://host:8000",
	)
}

// Validate is called by kong after parsing.
func (c *serveCmd) Validate(parsed *kong.Context) error {
	c.useLocalLimits(parsed)
	switch {
	case c.DatabaseURL == "" && !c.Local:
		return errors.New("no database: set ACCORD_DATABASE_URL, or use --local for an embedded one")
	case !c.configured() && !c.Local:
		return errors.New("no model server: set ACCORD_EMBEDDING_URL, or use --local for a local one")
	case min(int64(c.MaxTextBytes), int64(c.QueryVectorCache), int64(c.DatabaseMaxConns), c.HNSWMinRows) < 1:
		return errors.New("--max-text-bytes, --query-vector-cache, --database-max-conns and --hnsw-min-rows must be at least 1")
	case c.EmbeddingWorkers < 0 || c.EmbeddingWorkers > maxEmbeddingWorkers:
		return fmt.Errorf("--embedding-workers must be 0 to %d", maxEmbeddingWorkers)
	case min(c.EmbeddingMaxTokens, c.EmbeddingDimensions) < 0 || c.EmbeddingBatchInputs < 1:
		return errors.New("--embedding-max-tokens and --embedding-dimensions must not be negative, and --embedding-batch-inputs at least 1")
	case c.RerankCandidates < 1 || c.RerankCandidates > search.MaxReranked || c.RerankMaxTokens < 1:
		return fmt.Errorf("--rerank-candidates must be 1 to %d, and --rerank-max-tokens at least 1", search.MaxReranked)
	case min(c.DefaultTimeout, c.WriteTimeout, c.StopTimeout, c.DatabaseTimeout, c.ReplicaMaxLag,
		c.EmbeddingQueryTimeout, c.EmbeddingPassageTimeout, c.QueryVectorTimeout, c.RerankTimeout) <= 0:
		return errors.New("timeouts must be above 0")
	}
	if err := c.checkLimits(); err != nil {
		return err
	}
	return c.checkSecurity(c.GRPCAddr, c.HTTPAddr, c.PprofAddr)
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, log *slog.Logger, io streams) (err error) {
	stopLocal, err := c.startLocal(ctx, log, io)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopLocal()) }()
	return endInTime(ctx, c.StopTimeout, func() error { return c.serve(ctx, log, io) })
}

// serve creates the parts of the server, connects them and serves until ctx ends.
func (c *serveCmd) serve(ctx context.Context, log *slog.Logger, io streams) (err error) {
	if c.telemetry, err = openTelemetry(ctx, log); err != nil {
		return err
	}
	defer c.telemetry.close()
	p, err := c.openParts(log)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.db.Ping(ctx); errors.Is(err, store.ErrSchema) {
		return err
	}
	srv, err := c.newServer(ctx, log, p)
	if err != nil {
		return err
	}
	// Requests over HTTP that are in progress when ctx ends are answered.
	answering, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	web, err := c.listenHTTP(answering, log, srv)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "listening", "addr", srv.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(guard.Func(func() error { return srv.Serve(ctx) }))
	group.Go(guard.Func(func() error { return servePprof(ctx, log, c.PprofAddr) }))
	if web != nil {
		group.Go(guard.Func(func() error { return web.Serve(ctx) }))
	}
	background := func(task string, run func(context.Context)) {
		work := guard.Log(log, task, func() { run(ctx) })
		group.Go(guard.Func(func() error { work(); return nil }))
	}
	background("build of spaces", func(ctx context.Context) { p.builder.Run(ctx, p.spaces, p.calibrations) })
	background("queue of documents", func(ctx context.Context) { p.queue.Run(ctx, p.spaces, p.calibrations) })
	background("warm-up", p.warm.run)
	background("outdated terms", func(ctx context.Context) { p.updateOutdatedTerms(ctx, log) })
	background("unused keys", func(ctx context.Context) { c.warnOfUnusedKeys(ctx, log, p.db) })
	background("seeds", func(ctx context.Context) { c.seedAndGreet(ctx, log, srv, web, io) })
	return group.Wait()
}

// startLocal starts the database and the model server of --local if no URL is set for
// them, and sets the URLs. It migrates the embedded database, since that belongs to this
// server.
func (c *serveCmd) startLocal(ctx context.Context, log *slog.Logger, io streams) (stop func() error, err error) {
	needDB, needModel := c.DatabaseURL == "", !c.configured()
	if !c.Local || !needDB && !needModel {
		return func() error { return nil }, nil
	}
	runtime, err := local.Start(ctx, local.Config{
		Dir: c.LocalDir, Postgres: needDB, ModelServer: needModel, Logger: log, Progress: io.err,
	})
	if err != nil {
		return nil, err
	}
	stop = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), c.StopTimeout)
		defer cancel()
		return runtime.Stop(ctx)
	}
	if needModel {
		c.EmbeddingURL = runtime.EmbeddingURL()
	}
	if needDB {
		c.DatabaseURL = databaseURL(runtime.DatabaseURL())
		if _, err := store.Migrate(ctx, runtime.DatabaseURL()); err != nil {
			return nil, errors.Join(err, stop())
		}
	}
	return stop, nil
}
