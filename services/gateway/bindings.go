package gateway

import (
	"net/http"
	"regexp"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// bindings calls visit with each HTTP binding of each method.
func bindings(visit func(binding *annotations.HttpRule, method protoreflect.MethodDescriptor)) {
	protoregistry.GlobalFiles.RangeFilesByPackage("accord.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				method := methods.Get(j)
				if rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule); ok && rule != nil {
					for _, binding := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
						visit(binding, method)
					}
				}
			}
		}
		return true
	})
}

// fullName returns the full name of a method, such as /accord.v1.SearchService/Search.
func fullName(method protoreflect.MethodDescriptor) string {
	return "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
}

// httpPath returns the HTTP method and the path of a rule.
func httpPath(rule *annotations.HttpRule) string {
	switch rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet + " " + rule.GetGet()
	case *annotations.HttpRule_Put:
		return http.MethodPut + " " + rule.GetPut()
	case *annotations.HttpRule_Delete:
		return http.MethodDelete + " " + rule.GetDelete()
	default:
		return http.MethodPost + " " + rule.GetPost()
	}
}

// pathField matches a variable of a path. Its group is the field of the request, such as document
// in {document.name=collections/*/documents/*}.
var pathField = regexp.MustCompile(`\{(\w+)`)

// takesQuery reports whether a field of a method's request is neither in the path nor in the body,
// so that it is a query parameter.
func takesQuery(binding *annotations.HttpRule, method protoreflect.MethodDescriptor) bool {
	if binding.GetBody() == "*" {
		return false
	}
	elsewhere := map[string]bool{binding.GetBody(): true}
	for _, match := range pathField.FindAllStringSubmatch(httpPath(binding), -1) {
		elsewhere[match[1]] = true
	}
	fields := method.Input().Fields()
	for i := range fields.Len() {
		if !elsewhere[string(fields.Get(i).Name())] {
			return true
		}
	}
	return false
}
