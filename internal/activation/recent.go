package activation

import (
	"context"
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/accord-search/accord/internal/search"
)

// Limits of the queries that are kept for comparisons of spaces: queries per collection,
// and collections. They take at most 80 MB, if every query has 2,000 code points, and
// usually 1 MB.
const (
	recentPerCollection = 100
	recentCollections   = 100
)

// Recorder answers questions through another Searcher, and keeps the last questions of each
// collection.
type Recorder struct {
	searcher Searcher
	recent   *recentQueries
}

// NewRecorder returns a recorder that has no questions yet.
func NewRecorder(searcher Searcher) *Recorder {
	return &Recorder{searcher: searcher, recent: newRecentQueries()}
}

// Search implements Searcher. It keeps a question that was answered, unless the request
// asks for a later page.
func (r *Recorder) Search(ctx context.Context, req search.Request) (search.Response, error) {
	answer, err := r.searcher.Search(ctx, req)
	if err == nil && req.List == nil {
		r.recent.add(req.Collection, req.Query)
	}
	return answer, err
}

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
		panic(err) // only if the size is below 1
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
