package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

type doctorCmd struct {
	databaseFlags  `embed:""`
	embeddingFlags `embed:""`
	rerankFlags    `embed:""`
}

const (
	// databaseTimeout limits the check of the database.
	databaseTimeout = 15 * time.Second
	// serverTimeout limits the check of one model server. The check embeds texts, which
	// takes some seconds each on a CPU.
	serverTimeout = 2 * time.Minute
)

// Run checks the database, the model servers and the reranking server. It prints what
// they are, what is wrong and what to do. It changes nothing.
func (c *doctorCmd) Run(ctx context.Context, io streams) error {
	stored, well := c.database(ctx, io.out)
	well = c.models(ctx, io.out, stored) && well
	well = c.rerank(ctx, io.out) && well
	if !well {
		return errReported
	}
	fmt.Fprintln(io.out, "all well")
	return nil
}

func (c *doctorCmd) database(ctx context.Context, w io.Writer) (stored []space.Space, well bool) {
	if c.DatabaseURL == "" {
		fmt.Fprintln(w, "database: not set; set ACCORD_DATABASE_URL, or use accord serve --local, which starts one")
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	found, err := store.Inspect(ctx, c.DatabaseURL)
	if err != nil {
		fmt.Fprintf(w, "database: %v\n  check that ACCORD_DATABASE_URL names a running Postgres and has the right credentials\n", err)
		return nil, false
	}
	fmt.Fprintf(w, "database: PostgreSQL %s, pgvector %s\n", found.Postgres, found.Vector)
	for _, problem := range found.Problems {
		fmt.Fprintln(w, " ", problem)
	}
	well = c.replicas(ctx, w, found.System)
	return found.Spaces, well && len(found.Problems) == 0
}

// replicas checks the replicas of the database with a system identifier.
func (c *doctorCmd) replicas(ctx context.Context, w io.Writer, system string) (well bool) {
	well = true
	for i, url := range c.ReplicaURLs {
		found, err := store.InspectReplica(ctx, url, system)
		if err != nil {
			fmt.Fprintf(w, "replica %d: %v\n  check that ACCORD_DATABASE_REPLICA_URLS names a running replica and has the right credentials; until then the primary answers\n", i+1, err)
			well = false
			continue
		}
		fmt.Fprintf(w, "replica %d: %s, replayed to %s, last transaction of the primary %v ago\n", i+1, found.Name, found.Position, found.Age.Round(time.Millisecond))
	}
	return well
}

// rerank lets the reranking server score two passages, if one is configured.
func (c *doctorCmd) rerank(ctx context.Context, w io.Writer) (well bool) {
	reranker, end, err := c.reranker()
	if err != nil {
		fmt.Fprintln(w, "reranking server:", err)
		return false
	}
	defer end()
	if reranker == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, serverTimeout)
	defer cancel()
	start := time.Now()
	scores, err := reranker.Rerank(ctx, "When does the port open?", []string{"Captains were pleased.", "The port opens in May."})
	switch {
	case err != nil:
		fmt.Fprintf(w, "reranking server: %v\n  check ACCORD_RERANK_URL, its scheme and path, ACCORD_RERANK_MODEL and ACCORD_RERANK_API_KEY\n", err)
		return false
	case scores[1] <= scores[0]:
		fmt.Fprintln(w, "reranking server: it scores a passage that answers no higher than one that does not\n"+
			"  check that ACCORD_RERANK_MODEL is a reranking model")
		return false
	default:
		fmt.Fprintf(w, "reranking server: two passages in %v\n", time.Since(start).Round(time.Millisecond))
		return true
	}
}
