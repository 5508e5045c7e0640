package gateway

import (
	"testing"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestFurtherPaths: a method with several paths is known by each. The caller of a request to
// an unknown path would be refused.
func TestFurtherPaths(t *testing.T) {
	t.Parallel()
	methods := methodsByPath()
	for _, path := range []string{"GET /v1/{parent=collections/*}/documents", "POST /v1/{parent=collections/*}/documents:list"} {
		if methods[path] != accordv1.SearchService_ListDocuments_FullMethodName {
			t.Errorf("%s is %q", path, methods[path])
		}
	}
}
