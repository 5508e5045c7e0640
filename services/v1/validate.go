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

// UnaryInterceptor checks requests before the handlers see them, gives the handlers'
// errors their status, has reads go to a replica where they may, and says the position
// of writes.
func (s *Services) UnaryInterceptor(ctx context.Context, req any, call *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if msg, ok := req.(proto.Message); ok {
		if err := s.validate(msg); err != nil {
			return nil, s.toStatus(ctx, err)
		}
	}
	reads, known := s.reads[call.FullMethod]
	if reads {
		resp, err := s.read(ctx, req, handler)
		return resp, s.toStatus(ctx, err)
	}
	resp, err := handler(ctx, req)
	if err == nil && known {
		_ = grpc.SetHeader(ctx, s.written(ctx)) // fails only once headers were sent
	}
	return resp, s.toStatus(ctx, err)
}

// StreamInterceptor gives the handlers' errors their status. Messages of a
// stream are checked one by one where they are handled, since one bad document
// must not end an import. Its trailer says the position of what was written, also if it
// failed.
func (s *Services) StreamInterceptor(srv any, stream grpc.ServerStream, call *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	err := handler(srv, stream)
	if _, known := s.reads[call.FullMethod]; known {
		stream.SetTrailer(s.written(stream.Context()))
	}
	return s.toStatus(stream.Context(), err)
}
