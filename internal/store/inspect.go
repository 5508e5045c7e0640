package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/space"
)

// Inspection is the result of Inspect.
type Inspection struct {
	Postgres string   // version
	Vector   string   // version of the extension; "none" if the database does not have it
	System   string   // system identifier, which replicas share with their primary
	Problems []string // each one line: what is wrong and what to do
	// Spaces are all spaces, with the fields that identify their models. It is empty if the
	// schema is missing.
	Spaces []space.Space
}

// The oldest versions that Accord supports.
const (
	minPostgres = 16_00_00 // server_version_num
	minVector   = "0.8.0"
)

// Inspect examines a database without changing it. It returns an error only if the
// database cannot be reached.
func Inspect(ctx context.Context, url string) (found Inspection, err error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return found, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var number string
		err := tx.QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num'),
			coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'), 'none'), `+systemIdentifier).
			Scan(&found.Postgres, &number, &found.Vector, &found.System)
		if err != nil {
			return err
		}
		if n, err := strconv.Atoi(number); err == nil && n < minPostgres {
			found.Problems = append(found.Problems, "Postgres 16 or later is needed: upgrade the server")
		}
		if found.Vector != "none" && olderVersion(found.Vector, minVector) {
			found.Problems = append(found.Problems, "pgvector "+minVector+" or later is needed: install it and run ALTER EXTENSION vector UPDATE")
		}
		if err := checkSchema(ctx, tx); err != nil {
			return err
		}
		found.Spaces, err = storedSpaces(ctx, tx)
		return err
	})
	// The error is handled here because a missing table has ended the transaction.
	if errors.Is(err, ErrSchema) {
		found.Problems = append(found.Problems, err.Error())
		err = nil
	}
	return found, classify(ctx, err)
}

// InspectedReplica is the result of InspectReplica.
type InspectedReplica struct {
	Name     string // host and port
	Position Position
	Age      time.Duration // age of the last transaction that it has replayed
}

// InspectReplica examines a read replica. system is the system identifier of the
// primary.
func InspectReplica(ctx context.Context, url, system string) (found InspectedReplica, err error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return found, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	found.Name = serverName(conn.Config())
	if found.Position, err = askReplica(ctx, conn, system); err != nil {
		return found, classify(ctx, err)
	}
	var seconds float64
	err = conn.QueryRow(ctx, "SELECT coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)::float8").Scan(&seconds)
	found.Age = time.Duration(seconds * float64(time.Second))
	return found, classify(ctx, err)
}

func storedSpaces(ctx context.Context, tx pgx.Tx) ([]space.Space, error) {
	rows, err := tx.Query(ctx, `SELECT collection_id, space_id, state, model, dimensions, model_server, profile, windowing, fingerprint
		FROM spaces ORDER BY collection_id, space_id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (sp space.Space, err error) {
		var flat []float32
		err = row.Scan(&sp.Collection, &sp.ID, &sp.State, &sp.Model, &sp.Dimensions, &sp.Server, (*storedProfile)(&sp.Profile), &sp.Windowing, &flat)
		if err == nil {
			sp.Fingerprint = slices.Collect(slices.Chunk(flat, sp.Dimensions))
		}
		return sp, err
	})
}

// olderVersion reports whether version a is older than version b. It compares their
// numbers, as in 0.8.5.
func olderVersion(a, b string) bool {
	var x, y [3]int
	for v, to := range map[string]*[3]int{a: &x, b: &y} {
		_, _ = fmt.Sscanf(v, "%d.%d.%d", &to[0], &to[1], &to[2]) // missing parts are 0
	}
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}
