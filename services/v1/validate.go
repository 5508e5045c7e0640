package v1

import (
	"context"
	"errors"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
)

// invalidError is a request that breaks rules of the protos.
type invalidError struct{ faults []*document.FieldError }

// Error implements error.
func (e *invalidError) Error() string { return e.faults[0].Error() }

// validate holds a message against the rules in the protos.
func (s *Services) validate(msg proto.Message) error {
	var invalid *protovalidate.ValidationError
	err := s.validator.Validate(msg)
	if !errors.As(err, &invalid) {
		return err
	}
	out := &invalidError{}
	for _, v := range invalid.Violations {
		field := protovalidate.FieldPathString(v.Proto.GetField())
		if field == "" { // a rule of the whole message, named message.field
			_, field, _ = strings.Cut(v.Proto.GetRuleId(), ".")
		}
		out.faults = append(out.faults, &document.FieldError{Field: field, Problem: v.Proto.GetMessage()})
	}
	return out
}

// UnaryInterceptor checks requests before the handlers see them, and gives the
// handlers' errors their status.
func (s *Services) UnaryInterceptor(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if msg, ok := req.(proto.Message); ok {
		if err := s.validate(msg); err != nil {
			return nil, s.toStatus(ctx, err)
		}
	}
	resp, err := handler(ctx, req)
	return resp, s.toStatus(ctx, err)
}

// StreamInterceptor gives the handlers' errors their status. Messages of a
// stream are checked one by one where they are handled, since one bad document
// must not end an import.
func (s *Services) StreamInterceptor(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return s.toStatus(stream.Context(), handler(srv, stream))
}
