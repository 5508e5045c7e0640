package main

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	pgxvec "github.com/pgvector/pgvector-go/pgx"
	"google.golang.org/grpc/metadata"
)

// recordKey is what a caller sends to have the statements of its call recorded.
const recordKey = "record"

// recorder notes the statements that a server sends to Postgres for a call. It
// implements pgx.QueryTracer and pgx.BatchTracer.
type recorder struct{ steps []step }

// step is one statement, or a batch that was sent at once.
type step struct {
	sql   string
	args  []any
	batch []*pgx.QueuedQuery
}

func recorded(ctx context.Context) bool {
	return len(metadata.ValueFromIncomingContext(ctx, recordKey)) > 0
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if recorded(ctx) {
		r.steps = append(r.steps, step{sql: data.SQL, args: data.Args})
	}
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	if recorded(ctx) {
		r.steps = append(r.steps, step{batch: data.Batch.QueuedQueries})
	}
	return ctx
}

func (r *recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// connectBare connects as the store does.
func connectBare(b *testing.B, url string) *pgx.Conn {
	b.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		b.Fatal(err)
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	conn, err := pgx.ConnectConfig(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(context.Background()) })
	if err := pgxvec.RegisterTypes(b.Context(), conn); err != nil {
		b.Fatal(err)
	}
	return conn
}

// replay sends what was recorded, decodes every row and returns how many the
// last statement with rows gave.
func (r *recorder) replay(b *testing.B, conn *pgx.Conn) (rows int) {
	read := func(result pgx.Rows) error {
		if len(result.FieldDescriptions()) > 0 {
			rows = 0
		}
		for result.Next() {
			rows++
			if _, err := result.Values(); err != nil {
				return err
			}
		}
		return result.Err()
	}
	for _, s := range r.steps {
		var err error
		switch {
		case s.batch != nil:
			batch := &pgx.Batch{}
			for _, q := range s.batch {
				batch.Queue(q.SQL, q.Arguments...).Query(read)
			}
			err = conn.SendBatch(b.Context(), batch).Close()
		case len(s.args) == 0:
			_, err = conn.Exec(b.Context(), s.sql)
		default:
			result, _ := conn.Query(b.Context(), s.sql, s.args...) // result holds the error
			err = read(result)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return rows
}
