package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// panicking is a tracer that can panic while the rows of a batch are read.
type panicking struct{ on atomic.Bool }

// TraceQueryStart implements pgx.QueryTracer.
func (*panicking) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*panicking) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (*panicking) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (p *panicking) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	if p.on.Load() {
		panic("while rows are read")
	}
}

// TraceBatchEnd implements pgx.BatchTracer.
func (*panicking) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestPanicGivesConnectionBack: if reading the rows of a batch panics, the connection is not lost,
// so the pool does not run out of connections.
func TestPanicGivesConnectionBack(t *testing.T) {
	t.Parallel()
	const most = 2
	tracer := &panicking{}
	s, err := store.Open(store.Config{URL: storetest.URL(t), MaxConns: most, Tracer: tracer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sp := newCollection(t, s, "c")
	read := func() error {
		key := document.PassageKey{Document: "d"}
		_, err := s.Likeness(t.Context(), sp, key, []document.PassageKey{key})
		return err
	}
	tracer.on.Store(true)
	for range 2 * most {
		var panicked *guard.PanicError
		if err := guard.Call(read); !errors.As(err, &panicked) {
			t.Fatalf("error %v, want a panic", err)
		}
	}
	tracer.on.Store(false)
	if err := read(); err != nil {
		t.Errorf("after panics: %v", err)
	}
}
