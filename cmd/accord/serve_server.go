package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/accord-search/accord/internal/activation"
	"github.com/accord-search/accord/internal/admission"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/server"
	"github.com/accord-search/accord/internal/telemetry/metrics"
	v1 "github.com/accord-search/accord/services/v1"
)

// newServer creates the gRPC server with its services.
func (c *serveCmd) newServer(ctx context.Context, log *slog.Logger, p *parts) (*server.Server, error) {
	if c.telemetry == nil {
		c.telemetry = &telemetrySet{metrics: metrics.New(versionName())}
	}
	c.telemetry.watch(p.db, p.servers)
	stopping := make(chan struct{})
	calls := c.admission(c.telemetry.admission())
	services, err := c.newServices(log, p, calls, stopping)
	if err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	cfg := server.Config{
		Addr: c.GRPCAddr, MaxMessageBytes: c.maxMessageBytes(),
		DefaultTimeout: c.DefaultTimeout, MaxTimeout: max(c.DefaultTimeout, c.WriteTimeout),
		StopTimeout: c.StopTimeout, HealthTimeout: c.healthTimeout,
		Observe: c.telemetry.calls(log), Admission: throttled(calls),
		Unary: services.UnaryInterceptor, Stream: services.StreamInterceptor, Register: services.Register,
		Stopping: stopping, Health: healthChecks(p), Logger: log,
	}
	if err := c.secure(ctx, &cfg, p.db); err != nil {
		return nil, err
	}
	srv, err := server.New(ctx, cfg)
	if c.Local && c.GRPCAddr == defaultAddr && errors.Is(err, syscall.EADDRINUSE) {
		log.WarnContext(ctx, "the default port is in use; using a free one", "in_use", defaultAddr)
		cfg.Addr = "127.0.0.1:0"
		srv, err = server.New(ctx, cfg)
	}
	return srv, err
}

// newServices creates the services of accord.v1. Imports yield while searches wait, and end
// when stopping is closed.
func (c *serveCmd) newServices(log *slog.Logger, p *parts, calls *admission.Controller, stopping <-chan struct{}) (*v1.Services, error) {
	p.warm.searcher = search.New(search.Config{
		Vectors: p.db, Terms: p.db, Both: p.db, Passages: p.db, Calibrations: p.db, Ahead: p.db,
		Spaces: p.spaces, Embedder: p.servers, Calibrator: p.calibrations, Unavailable: embed.Unavailable,
		Reranker: p.reranker, RerankCandidates: c.RerankCandidates,
		VectorTimeout: c.QueryVectorTimeout, QueryCacheSize: c.QueryVectorCache, Logger: log,
	})
	recorder := activation.NewRecorder(p.warm.searcher)
	ingester := ingest.New(ingest.Config{
		Store: p.db, Spaces: p.spaces, Embedder: p.servers, Calibrator: p.calibrations, Builder: p.builder, Queue: p.queue,
		MaxTextBytes: c.MaxTextBytes, Logger: log,
	})
	return v1.New(v1.Config{
		Searcher: observedSearcher{recorder, c.telemetry.metrics, log, c.LogQueries}, Embedder: p.warm.searcher,
		BatchParallel: admission.MaxPlaces, Ingester: ingester,
		Importer: ingest.NewImporter(ingest.ImporterConfig{
			Writer: ingester, Calibrator: p.calibrations, Timeout: c.WriteTimeout,
			Yields: func() bool { return calls.Waits(admission.Reads) }, Logger: log,
		}),
		Spaces: p.spaces, Activator: activation.New(p.spaces, recorder, p.calibrations, log),
		Store: p.db, Replicas: p.db, Stopping: stopping, StopTimeout: c.StopTimeout, Logger: log,
		Server: v1.ServerInfo{Version: versionName(), Started: time.Now(), Lanes: c.telemetry.load, ModelServers: p.modelServers},
	})
}

// healthChecks returns the checks on which the health of the services depends.
func healthChecks(p *parts) []server.HealthCheck {
	return []server.HealthCheck{
		{Name: "database", Check: p.db.Ping, Services: []string{
			"accord.v1.IngestService", "accord.v1.CollectionService", "accord.v1.SpaceService",
		}},
		{Name: "database for writes", Check: p.db.PingWrites, Services: []string{"accord.v1.IngestService"}},
		{Name: "warm-up", Check: p.warm.check, Services: []string{"", "accord.v1.SearchService"}, Quiet: true},
		// A replica can answer searches while the primary is unavailable.
		{Name: "database for reads", Check: p.db.PingReads, Services: []string{"", "accord.v1.SearchService"}},
		{Name: "replicas", Check: p.db.PingReplicas, Services: []string{"replicas"}, Quiet: true},
		// Searches work without a model server, by words alone.
		{Name: "model server", Check: p.servers.Check, Services: []string{"accord.v1.IngestService"}},
	}
}

// maxMessageBytes returns the size of the largest request.
func (c *serveCmd) maxMessageBytes() int {
	const aroundText = 4 << 20 // the room for everything but the text: title, blocks, metadata
	return max(maxRequest, c.MaxTextBytes+aroundText)
}
