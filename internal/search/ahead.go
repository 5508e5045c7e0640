package search

import (
	"context"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Ahead reads data that a search needs, or probably needs, together with other reads. This saves
// round trips. See store.Store for the full contract.
type Ahead interface {
	// RecentSpace returns the space that was active at the last read, and a context. Reads with
	// that context check whether the space is still active, and confirmed reports the result.
	// confirmed is nil if no space is known.
	RecentSpace(ctx context.Context, collection string) (reads context.Context, sp space.Space, confirmed func() bool)
	// HitsAhead returns a context for reads, and two functions. After want(keys), the next
	// read with the context fetches the hits of these keys too. read returns these hits and
	// their keys, or nothing if no read has fetched them.
	HitsAhead(ctx context.Context) (reads context.Context, want func(sp space.Space, vector, centred []float32, keys []document.PassageKey), read func() (hits []document.Hit, keys []document.PassageKey))
}

// pageAhead reads the hits of a page before the list is final. want and read are nil if nothing
// is read ahead.
type pageAhead struct {
	confirmed func() bool // see Searcher.searchSpace
	want      func(sp space.Space, vector, centred []float32, keys []document.PassageKey)
	read      func() (hits []document.Hit, keys []document.PassageKey)
}

// readAhead returns a context whose reads can include the hits of a page.
func (s *Searcher) readAhead(ctx context.Context) (reads context.Context, page pageAhead) {
	if s.cfg.Ahead == nil {
		return ctx, pageAhead{}
	}
	reads, page.want, page.read = s.cfg.Ahead.HitsAhead(ctx)
	return reads, page
}

// wantFirst makes the next read include the first passages of a list. They are the page unless
// later steps change the list, for example because some of them are copies.
func (p pageAhead) wantFirst(sp space.Space, dense denseLeg, list []ranked, limit int) {
	if p.want != nil {
		p.want(sp, dense.vector, dense.query, keysOf(list[:min(limit, len(list))]))
	}
}

// take returns the hits with the given keys that were read ahead, and the keys that were
// not read.
func (p pageAhead) take(keys []document.PassageKey) (found map[document.PassageKey]document.Hit, rest []document.PassageKey) {
	if p.read == nil {
		return nil, keys
	}
	hits, wanted := p.read()
	found = make(map[document.PassageKey]document.Hit, len(hits))
	for _, h := range hits {
		found[h.Key()] = h
	}
	read := make(map[document.PassageKey]bool, len(wanted))
	for _, key := range wanted {
		read[key] = true
	}
	for _, key := range keys {
		if !read[key] {
			rest = append(rest, key)
		}
	}
	return found, rest
}

// readHits returns the passages that still exist, in the order of keys.
func (s *Searcher) readHits(ctx context.Context, sp space.Space, query pageQuery, page pageAhead, keys []document.PassageKey) ([]document.Hit, error) {
	found, rest := page.take(keys)
	if len(rest) == 0 {
		return inOrder(keys, found), nil
	}
	hits, err := s.cfg.Passages.Hits(ctx, sp, query.vector, query.centred, rest)
	if err != nil || len(rest) == len(keys) {
		return hits, err
	}
	for _, h := range hits {
		found[h.Key()] = h
	}
	return inOrder(keys, found), nil
}

func inOrder(keys []document.PassageKey, found map[document.PassageKey]document.Hit) []document.Hit {
	hits := make([]document.Hit, 0, len(keys))
	for _, key := range keys {
		if h, ok := found[key]; ok {
			hits = append(hits, h)
		}
	}
	return hits
}
