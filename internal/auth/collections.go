package auth

import (
	"fmt"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// maxPatterns bounds the patterns of one key or token.
const maxPatterns = 1000

// Collections is a set of collections, given by patterns: an id, or a prefix and an
// asterisk. "*" means all collections. The empty set allows none.
type Collections []string

// AllCollections returns the set of all collections.
func AllCollections() Collections { return Collections{"*"} }

// ParseCollections checks patterns. A pattern may also be a name, collections/{collection}.
func ParseCollections(patterns []string) (Collections, error) {
	if len(patterns) > maxPatterns {
		return nil, fmt.Errorf("collections: there are %d patterns, and at most %d are allowed", len(patterns), maxPatterns)
	}
	out := make(Collections, len(patterns))
	for i, pattern := range patterns {
		out[i] = strings.TrimPrefix(pattern, document.CollectionName(""))
		// A prefix may end in a hyphen, unlike an id, so a character is added before the
		// check.
		id, isPrefix := strings.CutSuffix(out[i], "*")
		if isPrefix {
			id += "x"
		}
		if !document.ValidID(id) {
			return nil, fmt.Errorf("collections: %q must be the id of a collection, such as news, or a prefix and an asterisk, such as news-* or *", pattern)
		}
	}
	return out, nil
}

// Hold reports whether a collection is in the set.
func (c Collections) Hold(id string) bool {
	exact, prefixes := c.Split()
	for _, prefix := range prefixes {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	for _, name := range exact {
		if name == id {
			return true
		}
	}
	return false
}

// All reports whether the set has every collection.
func (c Collections) All() bool { return c.Hold("") }

// Split returns the ids of the set, and its prefixes without their asterisks.
func (c Collections) Split() (ids, prefixes []string) {
	for _, pattern := range c {
		if prefix, found := strings.CutSuffix(pattern, "*"); found {
			prefixes = append(prefixes, prefix)
		} else {
			ids = append(ids, pattern)
		}
	}
	return ids, prefixes
}
