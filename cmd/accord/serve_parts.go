package main

import (
	"context"
	"log/slog"
	"slices"

	"github.com/accord-search/accord/internal/backfill"
	"github.com/accord-search/accord/internal/maintenance"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	v1 "github.com/accord-search/accord/services/v1"
)

// parts are the components of a server.
type parts struct {
	db           *store.Store
	servers      *modelservers.Servers
	reranker     rerankServer // nil if none is configured
	builder      *backfill.Builder
	queue        *backfill.Queue
	spaces       *space.Registry
	calibrations *maintenance.Keeper
	warm         *warmUp
	closers      []func() // in the order of opening
}

// openParts creates the components. They connect to the database and to model servers when
// they are first used.
func (c *serveCmd) openParts(log *slog.Logger) (_ *parts, err error) {
	p := &parts{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.db, err = c.databaseFlags.open(log, c.telemetry); err != nil {
		return nil, err
	}
	p.closers = append(p.closers, p.db.Close)
	if p.servers, err = c.embeddingFlags.open(log, c.telemetry); err != nil {
		return nil, err
	}
	p.closers = append(p.closers, p.servers.Close)
	reranker, closeReranker, err := c.reranker(c.telemetry)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, closeReranker)
	p.connect(log, reranker, c.EmbeddingWorkers)
	p.warm.maxConns = c.DatabaseMaxConns
	return p, nil
}

// connect creates the components that use the database and the model servers.
func (p *parts) connect(log *slog.Logger, reranker rerankServer, workers int) {
	p.reranker = reranker
	p.builder, p.queue = backfill.New(p.db, p.servers, log), backfill.NewQueue(p.db, p.servers, workers, log)
	p.spaces = space.NewRegistry(p.db, p.servers, p.builder)
	p.calibrations = maintenance.New(p.db, p.spaces, p.servers, log)
	p.closers = append(p.closers, p.calibrations.Close)
	p.warm = &warmUp{db: p.db, spaces: p.spaces, servers: p.servers, limit: warmLimit, detect: detectLanguage, log: log}
}

// modelServers returns the state of the configured model servers.
func (p *parts) modelServers() (all []v1.ModelServer) {
	for _, s := range p.servers.States() {
		all = append(all, v1.ModelServer{Name: s.Name, Model: s.Model, Health: s.Health})
	}
	if p.reranker != nil {
		all = append(all, v1.ModelServer{Name: rerankName, Model: p.reranker.Model(), Reranks: true, Health: p.reranker.Health()})
	}
	return all
}

// close closes the components, the last opened one first.
func (p *parts) close() {
	for _, end := range slices.Backward(p.closers) {
		end()
	}
}

// updateOutdatedTerms schedules the maintenance of the collections whose terms were extracted
// by an older version, or lack signatures.
func (p *parts) updateOutdatedTerms(ctx context.Context, log *slog.Logger) {
	outdated, err := p.db.OutdatedTerms(ctx)
	if err != nil {
		log.WarnContext(ctx, "cannot check for terms of an older version; the next write to a collection will", "error", err)
	}
	for _, collection := range outdated {
		log.InfoContext(ctx, "updating terms of an older version, or their signatures; until then searches by words may find less, and searches by vectors cost more", "collection", collection)
		p.calibrations.Changed(collection)
	}
}
