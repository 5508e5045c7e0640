package search

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// embeddedAtOnce is the maximum number of queries whose vectors EmbedTogether asks for at once.
// It is as many as a small model on a CPU embeds in .2 s. More would save it little time, and
// searches would begin later.
const embeddedAtOnce = 16

// EmbedTogether prepares searches of the given requests, which are about the active space of
// one collection. The function embed makes the vectors of their queries, several in a request to
// the model server. Searches with the returned context wait for their vectors, so they must run
// at the same time as embed, best in the order of reqs. Each of them must hold one of places. While
// it has nothing to do but wait, it gives its place to others. A search fails, or answers by words
// alone, if its query got no vector. If the space cannot be read or changes, each search makes
// its vector itself.
func (s *Searcher) EmbedTogether(ctx context.Context, collection string, reqs []Request, places *semaphore.Weighted) (searches context.Context, embed func()) {
	sp, err := s.activeSpace(ctx, collection)
	if err != nil {
		return ctx, func() {}
	}
	var keys []vectorKey
	coming := map[vectorKey]*comingVector{}
	for _, req := range reqs {
		if req.Mode == ModeLexical {
			continue
		}
		key := keyOf(sp, req.Query)
		if coming[key] == nil {
			coming[key] = newComingVector(places)
			keys = append(keys, key)
		}
	}
	return context.WithValue(ctx, comingKey{}, coming), func() { s.vectors.embedTogether(ctx, sp, keys, coming) }
}

// embedTogether makes the vectors of keys. After the model server failed once, it is not asked
// again, and only cached vectors arrive.
func (v *queryVectors) embedTogether(ctx context.Context, sp space.Space, keys []vectorKey, coming map[vectorKey]*comingVector) {
	until := time.Now().Add(v.timeFor(ctx, len(keys)))
	var failed error
	for part := range slices.Chunk(keys, partSize(len(keys))) {
		var made []queryVector
		if failed == nil {
			failed = guard.Call(func() error {
				made = v.getAll(ctx, sp, part, time.Until(until))
				return nil
			})
		}
		for i, key := range part {
			if made == nil {
				arriving := queryVector{err: failed}
				if vector, cached := v.cache.Get(key); cached {
					arriving = queryVector{vector: vector}
				}
				coming[key].arrive(arriving)
				continue
			}
			coming[key].arrive(made[i])
			if errors.Is(made[i].err, ErrNoVector) {
				failed = made[i].err
			}
		}
	}
}

// partSize divides n queries into parts of about the same size, at most embeddedAtOnce.
func partSize(n int) int {
	parts := max(1, (n+embeddedAtOnce-1)/embeddedAtOnce)
	return max(1, (n+parts-1)/parts)
}

// comingVector is a vector that EmbedTogether makes.
type comingVector struct {
	here   chan struct{} // closed when made is set
	made   queryVector
	places *semaphore.Weighted // the search that waits holds one of them
}

func newComingVector(places *semaphore.Weighted) *comingVector {
	return &comingVector{here: make(chan struct{}), places: places}
}

func (c *comingVector) arrive(made queryVector) {
	c.made = made
	close(c.here)
}

// wait returns the vector when it is there. Meanwhile it gives the place of its search to others,
// as soon as the work beside it has ended.
func (c *comingVector) wait(ctx context.Context, beside *sync.WaitGroup) ([]float32, error) {
	select {
	case <-c.here:
		return c.made.vector, c.made.err
	default:
	}
	beside.Wait()
	c.places.Release(1)
	var err error
	select {
	case <-c.here:
	case <-ctx.Done():
		err = ctx.Err()
	}
	// The search releases a place when it ends, so it must have one even if ctx has ended. One
	// becomes free, because no search waits while it holds one.
	_ = c.places.Acquire(context.WithoutCancel(ctx), 1)
	if err != nil {
		return nil, err
	}
	return c.made.vector, c.made.err
}

type comingKey struct{}

// comingVectors returns the vectors that EmbedTogether makes for a context.
func comingVectors(ctx context.Context) map[vectorKey]*comingVector {
	coming, _ := ctx.Value(comingKey{}).(map[vectorKey]*comingVector)
	return coming
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
