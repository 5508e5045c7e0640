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

// ErrNoVector means that there is no vector of the query: the model server is down or too
// slow, or its answer is invalid.
var ErrNoVector = errors.New("no vector of the query")

// vectorKey is the cache key of a query's vector. The table belongs to one space, so it
// identifies the model and its settings.
type vectorKey struct{ table, text string }

// queryVectors makes the vectors of queries. It caches the most recent ones, since later
// pages and other users repeat queries.
type queryVectors struct {
	Config
	cache *lru.Cache[vectorKey, []float32]
}

func newQueryVectors(cfg Config) *queryVectors {
	return &queryVectors{cfg, newLRU[vectorKey, []float32](cfg.QueryCacheSize)}
}

// get returns the vector of a query in a space. Callers must not change it. The error is
// ErrNoVector if the model server is the cause.
func (v *queryVectors) get(ctx context.Context, sp space.Space, query string) ([]float32, error) {
	key := vectorKey{sp.VectorTable, norm.NFC.String(strings.TrimSpace(query))}
	if vector, ok := v.cache.Get(key); ok {
		return vector, nil
	}
	limit := v.VectorTimeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2) // the other half is left for an answer without the vector
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sp, err := v.Spaces.Served(bounded, sp)
	if err != nil {
		return nil, v.classify(ctx, bounded, limit, err)
	}
	vector, err := v.embed(bounded, sp, key.text)
	if err != nil {
		return nil, v.classify(ctx, bounded, limit, err)
	}
	v.cache.Add(key, vector)
	return vector, nil
}

// classify wraps an error in ErrNoVector if the model server caused it.
func (v *queryVectors) classify(ctx, bounded context.Context, limit time.Duration, err error) error {
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

// embed returns the query's vector. If a query is longer than the model can read, it
// returns the mean of the vectors of its windows, since servers truncate or refuse such
// texts.
func (v *queryVectors) embed(ctx context.Context, sp space.Space, query string) ([]float32, error) {
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
