package document

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// DefaultCollection is the id of the collection that calls without a collection use. A
// server without collections creates it at its start, and the first write or search if it is gone.
const DefaultCollection = "default"

// CollectionID returns the id in a valid collection name, or DefaultCollection if the
// name is empty.
func CollectionID(name string) string {
	if name == "" {
		return DefaultCollection
	}
	id, _ := ParseCollectionName(name)
	return id
}

// MissingDefault reports whether err means that the default collection does not exist yet.
// Such a collection counts as empty.
func MissingDefault(err error, collection string) bool {
	return collection == DefaultCollection && errors.Is(err, ErrNotFound)
}

// idPattern matches the ids of collections, documents and spaces: RFC 1035 labels of
// 1 to 63 characters that need not begin with a letter.
var idPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ValidID reports whether id is valid for a collection, document or space.
func ValidID(id string) bool { return idPattern.MatchString(id) }

// CollectionName returns collections/{collection}.
func CollectionName(collection string) string { return "collections/" + collection }

// Name returns collections/{collection}/documents/{document}.
func Name(collection, document string) string {
	return CollectionName(collection) + "/documents/" + document
}

// PassageName returns collections/{collection}/documents/{document}/passages/{ordinal}.
func PassageName(collection, document string, ordinal int) string {
	return Name(collection, document) + "/passages/" + strconv.Itoa(ordinal)
}

// SpaceName returns collections/{collection}/spaces/{space}.
func SpaceName(collection, space string) string {
	return CollectionName(collection) + "/spaces/" + space
}

// ParseCollectionName returns the id in collections/{collection}.
func ParseCollectionName(name string) (collection string, ok bool) {
	rest, found := strings.CutPrefix(name, "collections/")
	return rest, found && ValidID(rest)
}

// ParseName returns the ids in collections/{collection}/documents/{document}.
func ParseName(name string) (collection, document string, ok bool) {
	return parseChild(name, "/documents/")
}

// ParsePassageName returns the collection and the key in
// collections/{collection}/documents/{document}/passages/{ordinal}.
func ParsePassageName(name string) (collection string, key PassageKey, ok bool) {
	parent, ordinal, _ := strings.Cut(name, "/passages/")
	collection, key.Document, ok = ParseName(parent)
	n, err := strconv.ParseInt(ordinal, 10, 32)
	key.Ordinal = int(n)
	return collection, key, ok && err == nil && strconv.Itoa(key.Ordinal) == ordinal && n >= 0
}

// ParseSpaceName returns the ids in collections/{collection}/spaces/{space}.
func ParseSpaceName(name string) (collection, space string, ok bool) {
	return parseChild(name, "/spaces/")
}

func parseChild(name, kind string) (collection, id string, ok bool) {
	parent, id, found := strings.Cut(name, kind)
	collection, parentOK := ParseCollectionName(parent)
	return collection, id, found && parentOK && ValidID(id)
}
