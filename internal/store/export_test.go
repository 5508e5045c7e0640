package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/space"
)

// Stop does the first step of Close: it ends reads and transactions.
func (s *Store) Stop() { s.stop() }

// Remove carries out all noted removals now.
func (s *Store) Remove(ctx context.Context) error { return s.removals.removePending(ctx) }

// Begin begins a generation. The returned function swaps it in.
func (s *Store) Begin(ctx context.Context, sp space.Space) (swap func() error, err error) {
	g, err := s.beginGeneration(ctx, sp, nil)
	return func() error {
		_, err := s.swapGeneration(ctx, sp, g)
		return err
	}, err
}

// FoldDocumentCounts folds the counts now.
func (s *Store) FoldDocumentCounts(ctx context.Context) error { return s.foldDocumentCounts(ctx) }

// Classify wraps the error of a statement in a sentinel.
func (s *Store) Classify(ctx context.Context, err error) error { return s.classify(ctx, err) }

// RememberMany counts writes to more collections than a store keeps data for. It returns
// the length of the longest of three caches, and the bound.
func (s *Store) RememberMany(ctx context.Context) (most, bound int) {
	for n := range maxCached + 100 {
		name := fmt.Sprint("c", n)
		s.foldIfMany(ctx, space.Space{Collection: name}, 1)
		s.analyses.countWritten(name, 1)
		s.indexes.counts.Add(name, nil)
	}
	return max(s.counted.Len(), s.analyses.written.Len(), s.indexes.counts.Len()), maxCached
}

// IndexLocks returns the number of spaces whose indexes are being built.
func (s *Store) IndexLocks() int { return s.indexes.busy.Len() }
