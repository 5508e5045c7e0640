package main

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	pgxvec "github.com/pgvector/pgvector-go/pgx"
	"google.golang.org/grpc/metadata"
)

// recordKey is the metadata key that makes the server record the statements of a call.
const recordKey = "record"

// recorder records the statements that a server sends to Postgres for a call. It
// implements pgx.QueryTracer and pgx.BatchTracer.
type recorder struct {
	mu    sync.Mutex // the legs of a search run concurrently
	steps []step
}

// step is one round trip: a statement, or a batch of statements.
type step struct {
	statement pgx.TraceQueryStartData
	batch     []*pgx.QueuedQuery
}

func (r *recorder) add(s step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, s)
}

func recorded(ctx context.Context) bool {
	return len(metadata.ValueFromIncomingContext(ctx, recordKey)) > 0
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if recorded(ctx) {
		r.add(step{statement: data})
	}
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	if recorded(ctx) {
		r.add(step{batch: data.Batch.QueuedQueries})
	}
	return ctx
}

func (r *recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// connectBare connects with the settings of the store.
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

// replay sends the recorded statements, decodes every row, and returns the number of rows
// of the last statement.
func (r *recorder) replay(b *testing.B, conn *pgx.Conn) (rows int) {
	read := func(result pgx.Rows) error {
		for rows = 0; result.Next(); rows++ {
			if _, err := result.Values(); err != nil {
				return err
			}
		}
		return result.Err()
	}
	for _, s := range r.steps {
		var err error
		if s.batch == nil {
			result, _ := conn.Query(b.Context(), s.statement.SQL, s.statement.Args...) // the error is also in result
			err = read(result)
		} else {
			batch := &pgx.Batch{}
			for _, q := range s.batch {
				batch.Queue(q.SQL, q.Arguments...).Query(read)
			}
			err = conn.SendBatch(b.Context(), batch).Close()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return rows
}
