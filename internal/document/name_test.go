package document

import (
	"errors"
	"fmt"
	"testing"
)

// TestDefaultCollection: a caller that names no collection means the default one, which
// counts as empty until it exists. Any other collection must exist.
func TestDefaultCollection(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "default", "collections/default": "default", "collections/talks": "talks"} {
		if got := CollectionID(name); got != want {
			t.Errorf("id of %q: %q, want %q", name, got, want)
		}
	}
	absent := fmt.Errorf("wrapped: %w", &ResourceError{Name: "x", Err: ErrNotFound})
	for _, test := range []struct {
		err        error
		collection string
		want       bool
	}{
		{absent, "default", true},
		{absent, "talks", false},
		{nil, "default", false},
		{errors.New("down"), "default", false},
	} {
		if got := MissingDefault(test.err, test.collection); got != test.want {
			t.Errorf("%v of %s: %v, want %v", test.err, test.collection, got, test.want)
		}
	}
}
