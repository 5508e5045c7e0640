package v1

import (
	"context"
	"errors"
	"io"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/accord-search/accord/internal/document"
)

// invalidError means that a request breaks rules of the protos.
type invalidError struct{ faults []*document.FieldError }

// Error implements error.
func (e *invalidError) Error() string { return e.faults[0].Error() }

// validate checks a message against the rules in the protos. The error has all faults, or only
// the first one if the message is extensive.
func (s *Services) validate(msg proto.Message) error {
	var invalid *protovalidate.ValidationError
	err := s.validator.Validate(msg, protovalidate.WithFailFast())
	if err != nil && !(&extent{}).isLarge(msg.ProtoReflect(), 0) {
		err = s.validator.Validate(msg)
	}
	if !errors.As(err, &invalid) {
		return err
	}
	out := &invalidError{}
	for _, v := range invalid.Violations {
		field := protovalidate.FieldPathString(v.Proto.GetField())
		if field == "" { // a rule of the whole message; its id has the form message.field
			_, field, _ = strings.Cut(v.Proto.GetRuleId(), ".")
		}
		out.faults = append(out.faults, &document.FieldError{Field: field, Problem: v.Proto.GetMessage()})
	}
	return out
}

// extent counts the elements of a message, to decide whether to report all its faults. Each
// element may break several rules, and the report of a fault has the path to it. So a report of
// all faults can take a thousand times the memory of the message, and more if it is nested
// deeply.
type extent struct{ elements int }

// If a message is within these bounds, all its faults are reported, otherwise only the first one.
const maxReportElements, maxReportDepth = 2_000, 20

// isLarge adds the elements of a message, and reports whether there are too many.
func (e *extent) isLarge(msg protoreflect.Message, depth int) (large bool) {
	if depth > maxReportDepth {
		return true
	}
	msg.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		e.elements++
		switch {
		case field.IsMap(): // no map has messages as values
			e.elements += value.Map().Len()
		case field.IsList():
			e.elements += value.List().Len()
			for i := 0; field.Message() != nil && i < value.List().Len() && !large; i++ {
				large = e.isLarge(value.List().Get(i).Message(), depth+1)
			}
		case field.Message() != nil:
			large = e.isLarge(value.Message(), depth+1)
		}
		large = large || e.elements > maxReportElements
		return !large
	})
	return large
}

// UnaryInterceptor validates requests, sends reads to replicas and converts the handlers'
// errors to statuses. The header has the position after a write, also if its precondition
// failed.
func (s *Services) UnaryInterceptor(ctx context.Context, req any, call *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	reads, known := s.reads[call.FullMethod]
	if !known { // a method of gRPC's own services
		return handler(ctx, req)
	}
	_ = grpc.SetHeader(ctx, s.versionHeader()) // fails only if headers were sent already
	if msg, ok := req.(proto.Message); ok {
		if err := s.validate(msg); err != nil {
			return nil, s.toStatus(ctx, err)
		}
	}
	if reads {
		resp, err := s.read(ctx, req, handler)
		return resp, s.toStatus(ctx, err)
	}
	resp, err := handler(ctx, req)
	if err == nil || errors.Is(err, document.ErrPrecondition) { // after a failed precondition, the caller will read the stored version
		_ = grpc.SetHeader(ctx, s.writePosition(ctx)) // fails only if headers were sent already
	}
	return resp, s.toStatus(ctx, err)
}

// StreamInterceptor converts the handlers' errors to statuses. The handlers validate the
// messages of a stream one by one, since an invalid document must not end an import. The
// trailer has the position of the last write, even if the stream failed.
func (s *Services) StreamInterceptor(srv any, stream grpc.ServerStream, call *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if _, known := s.reads[call.FullMethod]; !known { // a method of gRPC's own services
		return handler(srv, stream)
	}
	_ = stream.SetHeader(s.versionHeader())
	err := handler(srv, transportStream{stream})
	stream.SetTrailer(s.writePosition(stream.Context()))
	return s.toStatus(stream.Context(), err)
}

// transportStream marks errors of receiving and sending as transportErrors. They include
// refusals of package access, which checks the caller of each message.
type transportStream struct{ grpc.ServerStream }

// RecvMsg receives a message. It returns io.EOF at the end of the stream; any other error is a
// transportError.
func (s transportStream) RecvMsg(m any) error {
	err := s.ServerStream.RecvMsg(m)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &transportError{err}
}

// SendMsg sends a message. Its error is a transportError.
func (s transportStream) SendMsg(m any) error {
	if err := s.ServerStream.SendMsg(m); err != nil {
		return &transportError{err}
	}
	return nil
}
