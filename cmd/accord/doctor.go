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
	// databaseLook bounds the look at the database.
	databaseLook = 15 * time.Second
	// serverLook bounds the look at one model server, which embeds texts as long as
	// it takes: some seconds each on a CPU.
	serverLook = 2 * time.Minute
)

// Run looks at the database, the model servers and the reranking server, and
// prints what they are, what is wrong and what to do. It changes nothing.
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
		fmt.Fprintln(w, "database: not set; set ACCORD_DATABASE_URL, or use accord serve --local, which brings its own")
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, databaseLook)
	defer cancel()
	found, err := store.Inspect(ctx, c.DatabaseURL)
	if err != nil {
		fmt.Fprintf(w, "database: %v\n  check that ACCORD_DATABASE_URL names a Postgres that runs and lets you in\n", err)
		return nil, false
	}
	fmt.Fprintf(w, "database: PostgreSQL %s, pgvector %s\n", found.Postgres, found.Vector)
	for _, problem := range found.Problems {
		fmt.Fprintln(w, " ", problem)
	}
	well = c.replicas(ctx, w, found.System)
	return found.Spaces, well && len(found.Problems) == 0
}

// replicas looks at the replicas of a database, by the number of its system.
func (c *doctorCmd) replicas(ctx context.Context, w io.Writer, system string) (well bool) {
	well = true
	for i, url := range c.ReplicaURLs {
		found, err := store.InspectReplica(ctx, url, system)
		if err != nil {
			fmt.Fprintf(w, "replica %d: %v\n  check that ACCORD_DATABASE_REPLICA_URLS names a replica that runs and lets you in; until then the primary answers\n", i+1, err)
			well = false
			continue
		}
		fmt.Fprintf(w, "replica %d: %s, replayed to %s, last transaction of the primary %v ago\n", i+1, found.Name, found.Position, found.Age.Round(time.Millisecond))
	}
	return well
}

// rerank has the reranking server judge two passages, where one is configured.
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
	ctx, cancel := context.WithTimeout(ctx, serverLook)
	defer cancel()
	start := time.Now()
	scores, err := reranker.Rerank(ctx, "When does the port open?", []string{"Captains were pleased.", "The port opens in May."})
	switch {
	case err != nil:
		fmt.Fprintf(w, "reranking server: %v\n  check ACCORD_RERANK_URL, its scheme and path, ACCORD_RERANK_MODEL and ACCORD_RERANK_API_KEY\n", err)
		return false
	case scores[1] <= scores[0]:
		fmt.Fprintln(w, "reranking server: it judges a passage that answers no better than one that does not\n"+
			"  check that ACCORD_RERANK_MODEL is a reranking model")
		return false
	default:
		fmt.Fprintf(w, "reranking server: two passages in %v\n", time.Since(start).Round(time.Millisecond))
		return true
	}
}
