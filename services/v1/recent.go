package v1

import (
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"
)

// The number of queries kept per collection, and of collections, so that a comparison of
// spaces can use real queries. The maximum is 80 MB, with 2,000 code points per query;
// with queries of usual length it is 1 MB.
const (
	recentPerCollection = 100
	recentCollections   = 100
)

// recentQueries keeps the last distinct queries of each collection in memory. It is safe
// for concurrent use.
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

// add records a query.
func (r *recentQueries) add(collection, query string) {
	queries, ok := r.collections.Get(collection)
	if !ok {
		queries = newLRU[struct{}](recentPerCollection)
		if rival, found, _ := r.collections.PeekOrAdd(collection, queries); found {
			queries = rival
		}
	}
	queries.Add(query, struct{}{})
}

// last returns up to n queries, most recent first.
func (r *recentQueries) last(collection string, n int) []string {
	queries, ok := r.collections.Peek(collection)
	if !ok {
		return nil
	}
	keys := queries.Keys() // oldest first
	slices.Reverse(keys)
	return keys[:min(n, len(keys))]
}
