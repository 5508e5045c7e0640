package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

type doctorCmd struct {
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object with every check."`

	databaseFlags  `embed:"" group:"database"`
	embeddingFlags `embed:"" group:"embedding"`
	rerankFlags    `embed:"" group:"reranking"`
	clientFlags    `embed:"" group:"server"`
}

// Help returns the examples of --help.
func (*doctorCmd) Help() string {
	return examples("accord doctor", "accord doctor -o json") + "\n\nIt changes nothing. A server need not be running."
}

const (
	// databaseTimeout limits the check of the database.
	databaseTimeout = 15 * time.Second
	// serverTimeout limits the check of one model server. The check embeds texts, which
	// takes some seconds each on a CPU.
	serverTimeout = 2 * time.Minute
	// runningTimeout limits the check of the running server.
	runningTimeout = 10 * time.Second
)

// Run checks the database, the model servers, the reranking server and the running server.
// It prints what each is, what is wrong with it and what to do about it. It changes
// nothing.
func (c *doctorCmd) Run(ctx context.Context, io streams) error {
	report := &checkup{io: io, json: c.Output == "json"}
	stored := c.database(ctx, report)
	c.models(ctx, report, stored)
	c.rerank(ctx, report)
	c.running(ctx, report)
	return report.end()
}

// database checks the database and its replicas. It returns the stored spaces.
func (c *doctorCmd) database(ctx context.Context, report *checkup) []space.Space {
	if c.DatabaseURL == "" {
		report.add(check{Part: "database", Summary: "not set; set ACCORD_DATABASE_URL, or use accord serve --local, which starts one"})
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	found, err := store.Inspect(ctx, string(c.DatabaseURL))
	if err != nil {
		report.add(check{Part: "database", Summary: err.Error(), Advice: []string{"check that ACCORD_DATABASE_URL names a running Postgres and has the right credentials"}})
		return nil
	}
	report.add(check{
		Part: "database", Well: len(found.Problems) == 0, Advice: found.Problems,
		Summary: fmt.Sprintf("PostgreSQL %s, pgvector %s", found.Postgres, found.Vector),
	})
	c.replicas(ctx, report, found.System)
	return found.Spaces
}

// replicas checks the replicas of the database. They must have the given system identifier.
func (c *doctorCmd) replicas(ctx context.Context, report *checkup, system string) {
	for i, url := range c.ReplicaURLs {
		part := fmt.Sprintf("replica %d", i+1)
		found, err := store.InspectReplica(ctx, string(url), system)
		if err != nil {
			report.add(check{Part: part, Summary: err.Error(), Advice: []string{
				"check that ACCORD_DATABASE_REPLICA_URLS names a running replica and has the right credentials; until then the primary answers",
			}})
			continue
		}
		report.add(check{Part: part, Well: true, Summary: fmt.Sprintf("%s, replayed to %s, last transaction of the primary %v ago",
			found.Name, found.Position, found.Age.Round(time.Millisecond))})
	}
}

// rerank checks the reranking server, if one is configured, by having it score two
// passages.
func (c *doctorCmd) rerank(ctx context.Context, report *checkup) {
	const part = "reranking server"
	reranker, end, err := c.reranker(nil)
	if err != nil {
		report.add(check{Part: part, Summary: err.Error()})
		return
	}
	defer end()
	if reranker == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, serverTimeout)
	defer cancel()
	start := time.Now()
	scores, err := reranker.Rerank(ctx, "When does the port open?", []string{"Captains were pleased.", "The port opens in May."})
	switch {
	case err != nil:
		report.add(check{Part: part, Summary: err.Error(), Advice: []string{"check ACCORD_RERANK_URL, its scheme and path, ACCORD_RERANK_MODEL and ACCORD_RERANK_API_KEY"}})
	case scores[1] <= scores[0]:
		report.add(check{
			Part: part, Summary: "it scores a passage that answers no higher than one that does not",
			Advice: []string{"check that ACCORD_RERANK_MODEL is a reranking model"},
		})
	default:
		report.add(check{Part: part, Well: true, Summary: fmt.Sprintf("two passages in %v", time.Since(start).Round(time.Millisecond))})
	}
}

// running checks the health of the running server. If no server runs, the check succeeds,
// since users may check the other parts before they start one.
func (c *doctorCmd) running(ctx context.Context, report *checkup) {
	const part = "running server"
	conn, err := c.dial()
	if err != nil {
		report.add(check{Part: part, Summary: err.Error()})
		return
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, runningTimeout)
	defer cancel()
	health, serving, err := askHealth(ctx, conn)
	switch {
	case status.Code(err) == codes.Unavailable:
		report.add(check{Part: part, Well: true, Summary: "none at " + conn.Target() + "; accord serve starts one, --addr names another"})
		return
	case err != nil:
		report.add(check{Part: part, Summary: message(err), Advice: []string{"check that an Accord server listens at " + conn.Target()}})
		return
	}
	out := check{Part: part, Well: serving, Summary: "answers at " + conn.Target()}
	names := map[bool][]string{} // service names, by whether the service is serving
	for _, h := range health {
		names[h.serving()] = append(names[h.serving()], serviceName(h.Service))
	}
	out.field("serving", strings.Join(names[true], ", "))
	out.field("not serving", strings.Join(names[false], ", "))
	if !serving {
		out.Advice = []string{"see the server's log for what it cannot reach"}
	}
	report.add(out)
}
