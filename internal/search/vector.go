package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/space"
)

// ErrNoVector says that the model server gave no vector of a query: it is down,
// too slow, or answers nonsense.
var ErrNoVector = errors.New("no vector of the query")

// vectorKey is what a query's vector depends on: the table of a space, which is
// made with it and never again, stands for the model and the way of using it.
type vectorKey struct{ table, text string }

// vectors gives queries their vectors, as the model makes them, and keeps those
// of the last ones: pages and people ask again.
type vectors struct {
	Config
	kept *lru.Cache[vectorKey, []float32]
}

func newVectors(cfg Config) *vectors {
	return &vectors{cfg, newLRU[vectorKey, []float32](cfg.KeptVectors)}
}

// of returns the vector of a query in a space, which others share.
// ErrNoVector where the model server is at fault.
func (v *vectors) of(ctx context.Context, sp space.Space, query string) ([]float32, error) {
	key := vectorKey{sp.VectorTable, norm.NFC.String(strings.TrimSpace(query))}
	if vector, ok := v.kept.Get(key); ok {
		return vector, nil
	}
	limit := v.VectorTimeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2) // the rest is for an answer without
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sp, err := v.Spaces.Served(bounded, sp)
	if err != nil {
		return nil, v.blame(ctx, bounded, limit, err)
	}
	vector, err := v.embed(bounded, sp, key.text)
	if err != nil {
		return nil, v.blame(ctx, bounded, limit, err)
	}
	v.kept.Add(key, vector)
	return vector, nil
}

// blame gives an error that is the model server's its sentinel.
func (v *vectors) blame(ctx, bounded context.Context, limit time.Duration, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		return fmt.Errorf("%w: the model server took longer than %v", ErrNoVector, limit)
	case v.Unavailable(err):
		return fmt.Errorf("%w: %w", ErrNoVector, err)
	default:
		return err
	}
}

// embed returns the query's vector; of a query longer than the model takes,
// which servers cut in silence or refuse, the mean over its windows.
func (v *vectors) embed(ctx context.Context, sp space.Space, query string) ([]float32, error) {
	windows := chunk.Windows(query, sp.WindowTokens, chunk.EstimateTokens)
	var sum []float32
	for _, window := range windows {
		vector, err := v.Embedder.EmbedQuery(ctx, sp, window)
		if err != nil || len(windows) == 1 {
			return vector, err
		}
		if sum == nil {
			sum = make([]float32, len(vector))
		}
		for i, x := range vector {
			sum[i] += x
		}
	}
	return unit(sum), nil
}

// unit scales a vector to length 1.
func unit(v []float32) []float32 {
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range v {
		v[i] *= scale
	}
	return v
}
