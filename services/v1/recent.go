package v1

import (
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"
)

// How many queries of a collection are kept, and of how many collections, so
// that a comparison of spaces can ask what people ask: at 2,000 code points each
// at most 80 MB, at the length of a question 1 MB.
const (
	recentKept        = 100
	recentCollections = 100
)

// recentQueries keeps the last queries of each collection, each once, in memory
// alone. It is safe for concurrent use.
type recentQueries struct {
	collections *lru.Cache[string, *lru.Cache[string, struct{}]]
}

func newRecentQueries() *recentQueries {
	return &recentQueries{collections: newLRU[*lru.Cache[string, struct{}]](recentCollections)}
}

func newLRU[V any](size int) *lru.Cache[string, V] {
	cache, err := lru.New[string, V](size)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return cache
}

// add takes note of a query.
func (r *recentQueries) add(collection, query string) {
	queries, ok := r.collections.Get(collection)
	if !ok {
		queries = newLRU[struct{}](recentKept)
		if rival, found, _ := r.collections.PeekOrAdd(collection, queries); found {
			queries = rival
		}
	}
	queries.Add(query, struct{}{})
}

// last returns up to n queries, the latest first.
func (r *recentQueries) last(collection string, n int) []string {
	queries, ok := r.collections.Peek(collection)
	if !ok {
		return nil
	}
	keys := queries.Keys() // the oldest first
	slices.Reverse(keys)
	return keys[:min(n, len(keys))]
}
