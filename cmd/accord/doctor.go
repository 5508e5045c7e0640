package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

type doctorCmd struct {
	databaseFlags  `embed:""`
	embeddingFlags `embed:""`
}

// doctorTimeout bounds each look.
const doctorTimeout = 15 * time.Second

// Run looks at the database and the model server and prints what is wrong and
// what to do. It changes nothing.
func (c *doctorCmd) Run(ctx context.Context, io streams) error {
	stored, databaseOK := c.database(ctx, io.out)
	served, modelOK := c.model(ctx, io.out)
	if !databaseOK || !modelOK {
		return errReported
	}
	for _, sp := range stored {
		if sp.ID != served.ID {
			fmt.Fprintf(io.out, "%s was embedded with %s (%s), the model server offers %s (%s):\n"+
				"  point ACCORD_EMBEDDING_URL at a server of the first, or ingest into a new collection\n",
				document.CollectionName(sp.Collection), sp.Model, sp.ID, served.Model, served.ID)
			modelOK = false
		}
	}
	if !modelOK {
		return errReported
	}
	fmt.Fprintln(io.out, "all well")
	return nil
}

func (c *doctorCmd) database(ctx context.Context, w io.Writer) (stored []space.Space, ok bool) {
	if c.DatabaseURL == "" {
		fmt.Fprintln(w, "database: not set; set ACCORD_DATABASE_URL, or use accord serve --local, which brings its own")
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
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
	return found.Spaces, len(found.Problems) == 0
}

func (c *doctorCmd) model(ctx context.Context, w io.Writer) (served space.Space, ok bool) {
	if c.EmbeddingURL == "" {
		fmt.Fprintln(w, "model server: not set; set ACCORD_EMBEDDING_URL, or use accord serve --local, which brings its own")
		return served, false
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	client, err := c.embeddingFlags.open(slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Fprintln(w, "model server:", err)
		return served, false
	}
	defer client.Close()
	profile, err := client.Profile(ctx)
	if err != nil {
		fmt.Fprintf(w, "model server: %v\n  %s\n", err, modelAdvice(err))
		return served, false
	}
	start := time.Now()
	if _, err := client.EmbedQuery(ctx, "What was agreed?"); err != nil {
		fmt.Fprintf(w, "model server: %v\n  %s\n", err, modelAdvice(err))
		return served, false
	}
	fmt.Fprintf(w, "model server: %s, %d dimensions, %d tokens, prefix %q / %q by the %s, a query in %v\n",
		profile.Model, profile.Dimensions, profile.MaxTokens, profile.QueryPrefix, profile.PassagePrefix, profile.PrefixBy,
		time.Since(start).Round(time.Millisecond))
	served, err = configuredSpace(client)(ctx)
	return served, err == nil
}

func modelAdvice(err error) string {
	switch {
	case errors.Is(err, embed.ErrUnavailable):
		return "check that ACCORD_EMBEDDING_URL names a server that runs"
	case errors.Is(err, embed.ErrRejected):
		return "check ACCORD_EMBEDDING_MODEL, ACCORD_EMBEDDING_API_KEY and the URL's scheme and path"
	default:
		return "check that the server is an embedding server of the kind that the URL's scheme names, and ACCORD_EMBEDDING_MODEL"
	}
}
