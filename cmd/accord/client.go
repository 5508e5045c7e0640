package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// clientFlags select the server that a command calls.
type clientFlags struct {
	Addr string `default:"127.0.0.1:50051" env:"ACCORD_ADDR" help:"Address of the server: host, host:port, http://host:port, or https://host:port for TLS; the default port is 50051."`

	credentialFlags `embed:""`

	// connect, if set, replaces the connection to Addr. It is set if a server calls
	// itself.
	connect func(...grpc.DialOption) (*grpc.ClientConn, error)
}

// maxReply and maxRequest are the maximum sizes of messages, in bytes. maxReply is large
// enough for the longest document. maxRequest is what servers accept by default.
const maxReply, maxRequest = 64 << 20, 16 << 20

func (f clientFlags) dial() (*grpc.ClientConn, error) {
	f.TLS = f.TLS || strings.HasPrefix(f.Addr, "https://")
	target, err := serverTarget(f.Addr)
	if err != nil && f.connect == nil {
		return nil, usageError{err}
	}
	seen, absent := &positions{}, unreachable{target: target, secure: f.secure(), certificate: f.Cert}
	options := []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(absent.unary, seen.unary), grpc.WithChainStreamInterceptor(absent.stream, seen.stream),
		grpc.WithDefaultServiceConfig(accordv1.ServiceConfig), // retries reads, and only reads (gRFC A6)
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply)),
	}
	if f.connect != nil {
		return f.connect(options...)
	}
	security, err := f.dialOptions(target)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(target, append(options, security...)...)
	if err != nil {
		return nil, usageError{fmt.Errorf("--addr: %q: %w", f.Addr, err)}
	}
	return conn, nil
}

// unreachable rewrites the errors of calls that reached no server as one line that says so.
type unreachable struct {
	target      string
	secure      bool   // the client uses TLS
	certificate string // file of the client certificate, or empty
}

// explain returns err, or a plainer error if the call reached no server or ran out of time.
func (a unreachable) explain(err error) error {
	text := status.Convert(err).Message()
	contains := func(signs ...string) bool {
		return slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(text, sign) })
	}
	_, reason, handshake := strings.Cut(text, "authentication handshake failed: ")
	switch code := status.Code(err); {
	case code == codes.DeadlineExceeded && contains("context deadline exceeded"): // the client's own error
		return status.Errorf(code, "the server at %s did not answer in time", a.target)
	case code != codes.Unavailable:
		return err
	case contains("tls: certificate required") && a.certificate == "":
		return status.Errorf(code, "the server at %s asks for a client certificate: give --cert and --key", a.target)
	case handshake:
		return status.Errorf(code, "no connection with TLS to %s: %s", a.target, strings.Trim(reason, `"`))
	case a.certificate != "" && contains("remote error: tls: ", "broken pipe", "connection reset by peer"):
		return status.Errorf(code, "the server at %s closed the connection; it may not accept the certificate %s: check who issued it, and until when it is valid", a.target, a.certificate)
	case !a.secure && contains("error reading server preface"):
		return status.Errorf(code, "the server at %s does not answer without TLS: connect with --tls or --ca, or name another server with --addr", a.target)
	case contains("connection error", "name resolver error", "produced zero addresses"):
		return status.Errorf(code, "no server answers at %s: start one with `make run` or `accord serve`, or name another with --addr", a.target)
	case a.secure && contains("broken pipe", "connection reset by peer"): // also if the reason of the refusal was lost
		return status.Errorf(code, "the server at %s closed the connection; try again, or give --cert and --key if it asks for a client certificate", a.target)
	default:
		return err
	}
}

func (a unreachable) unary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return a.explain(invoke(ctx, method, req, reply, conn, opts...))
}

func (a unreachable) stream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, desc, conn, method, opts...)
	return unreachableStream{stream, a}, a.explain(err)
}

// unreachableStream explains the errors of a stream.
type unreachableStream struct {
	grpc.ClientStream
	unreachable unreachable
}

// RecvMsg implements grpc.ClientStream.
func (s unreachableStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if errors.Is(err, io.EOF) {
		return err
	}
	return s.unreachable.explain(err)
}

// message returns the text of an error for users: the code and message of a status, on
// one line and without the wrapping.
func message(err error) string {
	var carrier interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &carrier) {
		return err.Error()
	}
	st := carrier.GRPCStatus() // status.FromError would add the wrapping errors to the message
	text := fmt.Sprintf("%s: %s", st.Code(), st.Message())
	if st.Code() == codes.Unauthenticated {
		text += " (ACCORD_API_KEY or --api-key-file sends an API key)"
	}
	return oneLine(text)
}
