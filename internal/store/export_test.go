package store

import (
	"context"

	"github.com/accord-search/accord/internal/space"
)

// Remove looks at once at what there is to remove.
func (s *Store) Remove(ctx context.Context) error { return s.removals.look(ctx) }

// Begin begins a generation, and returns what swaps it in.
func (s *Store) Begin(ctx context.Context, sp space.Space) (swap func() error, err error) {
	g, err := s.beginGeneration(ctx, sp, nil)
	return func() error {
		_, err := s.swap(ctx, sp, g)
		return err
	}, err
}

// FoldDocumentCounts folds at once.
func (s *Store) FoldDocumentCounts(ctx context.Context) error { return s.foldDocumentCounts(ctx) }
