package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// hitsAhead makes the statements that the next batch sends to read hits. After that batch,
// it holds these hits and their keys.
type hitsAhead struct {
	wanted func() []statement // nil if nothing waits
	read   hitsRead
	keys   []document.PassageKey
	done   bool
}

type hitsAheadKey struct{}

// HitsAhead reads hits in the round trip of other reads. It returns a context for these reads,
// and two functions. After want(keys), the next batch with the context fetches the hits of the
// keys too. read returns these hits and their keys. If no batch has fetched them by then, read
// returns nothing, and no later batch fetches them. The caller must not call want or read
// during a batch.
func (*Store) HitsAhead(ctx context.Context) (reads context.Context, want func(sp space.Space, vector, centred []float32, keys []document.PassageKey), read func() (hits []document.Hit, keys []document.PassageKey)) {
	h := &hitsAhead{}
	want = func(sp space.Space, vector, centred []float32, keys []document.PassageKey) {
		if len(keys) > 0 {
			h.wanted = func() []statement { return h.read.statements(sp, vector, centred, keys) }
			h.keys = keys
		}
	}
	read = func() ([]document.Hit, []document.PassageKey) {
		if h.wanted = nil; !h.done {
			return nil, nil
		}
		return h.read.withSentences(), h.keys
	}
	return context.WithValue(ctx, hitsAheadKey{}, h), want, read
}

// statements returns the waiting statements. A second call returns none.
func (h *hitsAhead) statements() []statement {
	if h == nil || h.wanted == nil {
		return nil
	}
	list := h.wanted()
	h.wanted = nil
	last := &list[len(list)-1]
	readLast := last.read
	last.read = func(rows pgx.Rows) error {
		err := readLast(rows)
		h.done = err == nil
		return err
	}
	return list
}
