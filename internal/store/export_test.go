package store

import (
	"context"

	"github.com/accord-search/accord/internal/space"
)

// Remove removes everything that is noted, now.
func (s *Store) Remove(ctx context.Context) error { return s.removals.removePending(ctx) }

// Begin begins a generation. It returns a function that swaps it in.
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
