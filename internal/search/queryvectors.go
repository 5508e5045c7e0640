package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
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

// keyOf returns the key of a query. Its text is what is embedded.
func keyOf(sp space.Space, query string) vectorKey {
	return vectorKey{sp.VectorTable, norm.NFC.String(strings.TrimSpace(query))}
}

// get returns the vector of a query in a space. Callers must not change it. The error is
// ErrNoVector if the model server is the cause. beside is the work of the search that runs meanwhile.
func (v *queryVectors) get(ctx context.Context, sp space.Space, query string, beside *sync.WaitGroup) ([]float32, error) {
	key := keyOf(sp, query)
	if coming := comingVectors(ctx)[key]; coming != nil {
		return coming.wait(ctx, beside)
	}
	made := v.getAll(ctx, sp, []vectorKey{key}, v.timeFor(ctx, 1))[0]
	return made.vector, made.err
}

// queryVector is the vector of a query, or the reason why there is none.
type queryVector struct {
	vector []float32
	err    error
}

// timeFor returns how long it may take to make the vectors of n queries.
func (v *queryVectors) timeFor(ctx context.Context, n int) time.Duration {
	limit := time.Duration(n) * v.VectorTimeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2) // the other half is left for an answer without the vector
	}
	return limit
}

// getAll returns the vectors of queries in a space, in the order of keys. Making those that
// are not cached may take the given time.
func (v *queryVectors) getAll(ctx context.Context, sp space.Space, keys []vectorKey, limit time.Duration) []queryVector {
	out := make([]queryVector, len(keys))
	var places []int
	var queries []string
	for i, key := range keys {
		var cached bool
		if out[i].vector, cached = v.cache.Get(key); !cached {
			places, queries = append(places, i), append(queries, key.text)
		}
	}
	if len(queries) == 0 {
		return out
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for i, made := range v.embed(bounded, sp, queries) {
		if made.err != nil {
			made.err = v.classify(ctx, bounded, limit, made.err)
		} else {
			v.cache.Add(keys[places[i]], made.vector)
		}
		out[places[i]] = made
	}
	return out
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

// embed returns the vectors of queries. If a query is longer than the model can read, its
// vector is the mean of the vectors of its windows, since servers truncate or refuse such
// texts.
func (v *queryVectors) embed(ctx context.Context, sp space.Space, queries []string) []queryVector {
	out := make([]queryVector, len(queries))
	sp, err := v.Spaces.Served(ctx, sp)
	if err != nil {
		return slices.Repeat([]queryVector{{err: err}}, len(queries))
	}
	var windows []string
	ends := make([]int, len(queries)) // of the windows of each query
	for i, query := range queries {
		windows = append(windows, chunk.Windows(query, sp.WindowTokens, chunk.EstimateTokens)...)
		ends[i] = len(windows)
	}
	vectors, errs := v.Embedder.EmbedQueries(ctx, sp, windows)
	start := 0
	for i, end := range ends {
		if out[i].err = cmp.Or(errs[start:end]...); out[i].err == nil {
			out[i].vector = mean(vectors[start:end])
		}
		start = end
	}
	return out
}

// mean returns the mean of unit vectors, scaled to length 1.
func mean(vectors [][]float32) []float32 {
	if len(vectors) == 1 {
		return vectors[0]
	}
	sum := make([]float32, len(vectors[0]))
	for _, vector := range vectors {
		for i, x := range vector {
			sum[i] += x
		}
	}
	return unit(sum)
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
