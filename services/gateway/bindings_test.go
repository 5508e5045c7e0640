package gateway

import (
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestFurtherPaths: bindings visits every path of a method that has several. A request
// to a path that it lacks would be refused.
func TestFurtherPaths(t *testing.T) {
	t.Parallel()
	methods := map[string]string{}
	bindings(func(binding *annotations.HttpRule, method protoreflect.MethodDescriptor) {
		methods[httpPath(binding)] = fullName(method)
	})
	for _, path := range []string{"GET /v1/{parent=collections/*}/documents", "POST /v1/{parent=collections/*}/documents:list"} {
		if methods[path] != accordv1.SearchService_ListDocuments_FullMethodName {
			t.Errorf("%s is %q", path, methods[path])
		}
	}
}
