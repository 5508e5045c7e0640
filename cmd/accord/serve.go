package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/build"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/local"
	"github.com/accord-search/accord/internal/models"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/server"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/upkeep"
	v1 "github.com/accord-search/accord/services/v1"
)

// defaultAddr is where the server listens and clients look for it.
const defaultAddr = "127.0.0.1:50051"

// maxEmbeddingWorkers bounds the workers: each holds texts and vectors of a claim.
const maxEmbeddingWorkers = 32

type serveCmd struct {
	GRPCAddr string `name:"grpc-addr" default:"127.0.0.1:50051" env:"ACCORD_GRPC_ADDR" help:"Where to listen for gRPC."`
	Local    bool   `env:"ACCORD_LOCAL" help:"Start an embedded Postgres and a model server where no URL of one is given. Time limits are longer then, for a machine that is busy with other things."`
	LocalDir string `default:".local" env:"ACCORD_LOCAL_DIR" help:"Where --local keeps programs and data." type:"path"`
	Seed     string `env:"ACCORD_SEED" help:"Folder to ingest into collections/default first." type:"existingdir"`

	MaxTextBytes       int           `default:"4194304" env:"ACCORD_MAX_TEXT_BYTES" help:"Longest text of a document, in bytes of UTF-8."`
	DefaultTimeout     time.Duration `default:"30s" env:"ACCORD_DEFAULT_TIMEOUT" help:"Deadline of calls whose caller set none; 2m with --local unless set."`
	WriteTimeout       time.Duration `default:"10m" env:"ACCORD_WRITE_TIMEOUT" help:"Longest that one document of an import may take."`
	EmbeddingWorkers   int           `default:"2" env:"ACCORD_EMBEDDING_WORKERS" help:"How many workers embed documents that were stored without waiting for it; 0 leaves them to other servers of the database."`
	QueryVectorTimeout time.Duration `default:"1.5s" env:"ACCORD_QUERY_VECTOR_TIMEOUT" help:"Longest that a search waits for its query's vector, and at most half of what its deadline leaves, before it answers by words alone or fails, as its caller chose; 5s with --local unless set."`
	QueryVectorCache   int           `default:"4096" env:"ACCORD_QUERY_VECTOR_CACHE" help:"Vectors of queries kept for when they are asked again; one of 384 dimensions takes 1.5 kB."`
	StopTimeout        time.Duration `default:"10s" env:"ACCORD_STOP_TIMEOUT" help:"How long a stop waits for calls under way."`
	PprofAddr          string        `env:"ACCORD_PPROF_ADDR" help:"Where to serve Go profiles under /debug/pprof/, not at all if empty; :6060 is port 6060 of the loopback. For people who run the server alone: profiles tell what it is asked."`

	databaseFlags  `embed:""`
	embeddingFlags `embed:""`
	rerankFlags    `embed:""`

	healthTimeout time.Duration // 0: the server's own
}

// Validate is called by kong after parsing.
func (c *serveCmd) Validate(parsed *kong.Context) error {
	c.useLocalLimits(parsed)
	switch {
	case c.DatabaseURL == "" && !c.Local:
		return errors.New("no database: set ACCORD_DATABASE_URL, or use --local for an embedded one")
	case !c.given() && !c.Local:
		return errors.New("no model server: set ACCORD_EMBEDDING_URL, or use --local for one of its own")
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
	return nil
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, log *slog.Logger, io streams) (err error) {
	stopLocal, err := c.startLocal(ctx, log, io)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopLocal()) }()

	db, err := c.databaseFlags.open(log)
	if err != nil {
		return err
	}
	defer db.Close()
	servers, err := c.embeddingFlags.open(log)
	if err != nil {
		return err
	}
	defer servers.Close()
	reranker, closeReranker, err := c.reranker()
	if err != nil {
		return err
	}
	defer closeReranker()
	if err := db.Ping(ctx); errors.Is(err, store.ErrSchema) {
		return err
	}
	builder, queue := build.New(db, servers, log), build.NewQueue(db, servers, c.EmbeddingWorkers, log)
	spaces := space.NewManager(db, servers, builder)
	calibrations := upkeep.New(db, spaces, servers, log)
	defer calibrations.Close()
	srv, err := c.newServer(ctx, log, db, servers, spaces, calibrations, builder, queue, reranker)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "listening", "addr", srv.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return srv.Serve(ctx) })
	group.Go(func() error { return servePprof(ctx, log, c.PprofAddr) })
	group.Go(func() error {
		builder.Run(ctx, spaces, calibrations)
		return nil
	})
	group.Go(func() error {
		queue.Run(ctx, spaces, calibrations)
		return nil
	})
	group.Go(func() error {
		if err := spaces.Warm(ctx); err != nil {
			log.DebugContext(ctx, "model servers not asked yet; questions do so", "error", err)
		}
		return nil
	})
	group.Go(func() error {
		outdated, err := db.OutdatedTerms(ctx)
		if err != nil {
			log.WarnContext(ctx, "terms of an older version not looked for; the next write to a collection does so", "error", err)
		}
		for _, collection := range outdated {
			log.InfoContext(ctx, "terms of an older version are read anew; until then words find less", "collection", collection)
			calibrations.Changed(collection)
		}
		return nil
	})
	group.Go(func() error {
		language.Detect("Which language is this?") // loads its models, so that no caller waits for them
		return nil
	})
	group.Go(func() error {
		c.seedAndGreet(ctx, log, srv.Addr().String(), io)
		return nil
	})
	return group.Wait()
}

// newServer puts the parts together.
func (c *serveCmd) newServer(ctx context.Context, log *slog.Logger, db *store.Store, servers *models.Servers,
	spaces *space.Manager, calibrations *upkeep.Keeper, builder *build.Builder, queue *build.Queue, reranker search.Reranker,
) (*server.Server, error) {
	services, err := v1.New(v1.Config{
		Searcher: search.New(search.Config{
			Store: db, Spaces: spaces, Embedder: servers, Calibrator: calibrations, Unavailable: embed.Unavailable,
			Reranker: reranker, RerankCandidates: c.RerankCandidates,
			VectorTimeout: c.QueryVectorTimeout, QueryCacheSize: c.QueryVectorCache, Logger: log,
		}),
		Ingester: ingest.New(ingest.Config{
			Store: db, Spaces: spaces, Embedder: servers, Calibrator: calibrations, Builder: builder, Queue: queue, MaxTextBytes: c.MaxTextBytes, Logger: log,
		}),
		Spaces: spaces, Store: db, Replicas: db, Calibrator: calibrations, Queue: queue, WriteTimeout: c.WriteTimeout, Logger: log,
	})
	if err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	const aroundText = 4 << 20 // of a request: title, blocks, metadata
	cfg := server.Config{
		Addr: c.GRPCAddr, MaxMessageBytes: max(maxRequest, c.MaxTextBytes+aroundText),
		DefaultTimeout: c.DefaultTimeout, StopTimeout: c.StopTimeout, HealthTimeout: c.healthTimeout,
		Unary: services.UnaryInterceptor, Stream: services.StreamInterceptor, Register: services.Register,
		Health: []server.HealthCheck{
			{Name: "database", Check: db.Ping, Services: []string{
				"accord.v1.IngestService", "accord.v1.CollectionService", "accord.v1.SpaceService",
			}},
			// A replica answers searches while the primary is away.
			{Name: "database for reads", Check: db.PingReads, Services: []string{"", "accord.v1.SearchService"}},
			{Name: "replicas", Check: db.PingReplicas, Services: []string{"replicas"}, Quiet: true},
			// Searches do without it, by words alone.
			{Name: "model server", Check: servers.Check, Services: []string{"accord.v1.IngestService"}},
		},
		Logger: log,
	}
	srv, err := server.New(ctx, cfg)
	if c.Local && c.GRPCAddr == defaultAddr && errors.Is(err, syscall.EADDRINUSE) {
		log.WarnContext(ctx, "the usual port is taken; a free one is used", "taken", defaultAddr)
		cfg.Addr = "127.0.0.1:0"
		srv, err = server.New(ctx, cfg)
	}
	return srv, err
}

// startLocal starts what --local asks for and no URL was given for, and puts
// the URLs in. The embedded database is the server's own, so it is migrated.
func (c *serveCmd) startLocal(ctx context.Context, log *slog.Logger, io streams) (stop func() error, err error) {
	needDB, needModel := c.DatabaseURL == "", !c.given()
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
		c.DatabaseURL = runtime.DatabaseURL()
		if _, err := store.Migrate(ctx, c.DatabaseURL); err != nil {
			return nil, errors.Join(err, stop())
		}
	}
	return stop, nil
}
