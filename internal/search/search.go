// Package search answers a question with the passages that answer it best. It
// speaks neither SQL nor a model server's wire format.
package search

import (
	"context"
	"math"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Store finds passages by their vectors; store.Store says more.
type Store interface {
	Nearest(ctx context.Context, sp space.Space, vector []float32, f document.Filter, limit int) ([]document.Hit, error)
}

// Spaces says which embedding space a collection is searched in.
type Spaces interface {
	Active(ctx context.Context, collection string) (space.Space, error)
}

// Embedder returns the unit vector of a query.
type Embedder interface {
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
}

// Request is one question.
type Request struct {
	Query      string // not blank
	Collection string // id
	Filter     document.Filter
	Limit      int // results at most, above 0
}

// Response is the answer, best hit first.
type Response struct {
	Hits  []document.Hit
	Space space.Space
	// Embed and Retrieve are the times that the model server and Postgres took.
	Embed, Retrieve time.Duration
}

// Searcher answers questions. It is safe for concurrent use.
type Searcher struct {
	store    Store
	spaces   Spaces
	embedder Embedder
}

// New returns a searcher.
func New(store Store, spaces Spaces, embedder Embedder) *Searcher {
	return &Searcher{store: store, spaces: spaces, embedder: embedder}
}

// Search returns the passages nearest to the query; none is no error.
// document.ErrNotFound where the collection does not exist.
func (s *Searcher) Search(ctx context.Context, req Request) (Response, error) {
	sp, err := s.spaces.Active(ctx, req.Collection)
	if err != nil {
		return Response{}, err
	}
	start := time.Now()
	vector, err := s.embed(ctx, req.Query, sp.WindowTokens)
	if err != nil {
		return Response{}, err
	}
	embedded := time.Now()
	hits, err := s.store.Nearest(ctx, sp, vector, req.Filter, req.Limit)
	return Response{Hits: hits, Space: sp, Embed: embedded.Sub(start), Retrieve: time.Since(embedded)}, err
}

// embed returns the query's vector; of a query longer than the model takes,
// which servers cut in silence or refuse, the mean over its windows.
func (s *Searcher) embed(ctx context.Context, query string, windowTokens int) ([]float32, error) {
	windows := chunk.Windows(norm.NFC.String(strings.TrimSpace(query)), windowTokens, chunk.EstimateTokens)
	var sum []float32
	for _, window := range windows {
		vector, err := s.embedder.EmbedQuery(ctx, window)
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
