package search

import (
	"context"
	"time"

	"github.com/accord-search/accord/internal/space"
)

// EmbedTogether returns a context for searches of the given requests, which are about the active
// space of one collection. It makes the vectors of all their queries at once, since a model
// server takes little longer for many queries than for one. A search fails, or answers by
// words alone, if its query got no vector. If the space cannot be read or changes, each
// search makes its vector itself.
func (s *Searcher) EmbedTogether(ctx context.Context, collection string, reqs []Request) context.Context {
	sp, err := s.activeSpace(ctx, collection)
	if err != nil {
		return ctx
	}
	var keys []vectorKey
	known := map[vectorKey]queryVector{}
	for _, req := range reqs {
		if req.Mode == ModeLexical {
			continue
		}
		key := keyOf(sp, req.Query)
		if _, twice := known[key]; !twice {
			known[key] = queryVector{}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return ctx
	}
	made := s.vectors.getAll(ctx, sp, keys, time.Duration(len(keys))*s.cfg.VectorTimeout)
	for i, key := range keys {
		known[key] = made[i]
	}
	return context.WithValue(ctx, togetherKey{}, known)
}

type togetherKey struct{}

// madeTogether returns the vectors that EmbedTogether made for a context.
func madeTogether(ctx context.Context) map[vectorKey]queryVector {
	made, _ := ctx.Value(togetherKey{}).(map[vectorKey]queryVector)
	return made
}

// activeSpace returns the space that the next search of a collection will probably search.
func (s *Searcher) activeSpace(ctx context.Context, collection string) (space.Space, error) {
	if s.cfg.Ahead != nil {
		if _, sp, confirmed := s.cfg.Ahead.RecentSpace(ctx, collection); confirmed != nil {
			return sp, nil
		}
	}
	return s.cfg.Spaces.Stored(ctx, collection, "")
}
