package store

import "context"

// Remove looks at once at what there is to remove.
func (s *Store) Remove(ctx context.Context) error { return s.removals.look(ctx) }
