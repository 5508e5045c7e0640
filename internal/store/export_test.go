package store

import "github.com/accord-search/accord/internal/space"

// IndexedLanguages returns the languages of a space that have an index.
func (s *Store) IndexedLanguages(sp space.Space) []string { return s.indexes.languages(sp.VectorTable) }
