package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// clientFlags select the server that a command calls.
type clientFlags struct {
	Addr string `default:"127.0.0.1:50051" env:"ACCORD_ADDR" help:"Address of the server: host, host:port or http://host:port; the default port is 50051."`
}

// readRetries makes the client retry reads, and only reads, while a server is
// unavailable (gRFC A6).
const readRetries = `{"methodConfig": [{
	"name": [
		{"service": "accord.v1.SearchService"},
		{"service": "accord.v1.IngestService", "method": "GetIngestStatus"},
		{"service": "accord.v1.SpaceService", "method": "GetSpace"},
		{"service": "accord.v1.SpaceService", "method": "ListSpaces"},
		{"service": "accord.v1.CollectionService", "method": "GetCollection"},
		{"service": "accord.v1.CollectionService", "method": "ListCollections"}
	],
	"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.2s", "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}
}]}`

// maxReply is large enough for the longest document. maxRequest is what servers accept
// by default.
const maxReply, maxRequest = 64 << 20, 16 << 20

func (f clientFlags) dial() (*grpc.ClientConn, error) {
	target, err := serverTarget(f.Addr)
	if err != nil {
		return nil, err
	}
	seen, absent := &positions{}, absence{target}
	conn, err := grpc.NewClient(target,
		grpc.WithChainUnaryInterceptor(absent.unary, seen.unary), grpc.WithChainStreamInterceptor(absent.stream, seen.stream),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(readRetries),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply)))
	if err != nil {
		return nil, fmt.Errorf("--addr: %q: %w", f.Addr, err)
	}
	return conn, nil
}

// absence makes the errors of calls that reached no server say so in one line.
type absence struct{ target string }

// explain returns the error of a call, or a plainer one if no server was reached.
func (a absence) explain(err error) error {
	if status.Code(err) != codes.Unavailable {
		return err
	}
	for _, sign := range []string{"connection error", "name resolver error", "produced zero addresses"} {
		if strings.Contains(err.Error(), sign) {
			return status.Errorf(codes.Unavailable, "no server answers at %s: start one with `make run` or `accord serve`, or name another with --addr", a.target)
		}
	}
	return err
}

func (a absence) unary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return a.explain(invoke(ctx, method, req, reply, conn, opts...))
}

func (a absence) stream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, desc, conn, method, opts...)
	return absenceStream{stream, a}, a.explain(err)
}

// absenceStream explains the errors of a stream.
type absenceStream struct {
	grpc.ClientStream
	absence absence
}

// RecvMsg implements grpc.ClientStream.
func (s absenceStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if errors.Is(err, io.EOF) {
		return err
	}
	return s.absence.explain(err)
}

// message returns the text of an error for users: the code and message of a status, on
// one line and without the wrapping.
func message(err error) string {
	var carrier interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &carrier) {
		return err.Error()
	}
	st := carrier.GRPCStatus() // status.FromError would add the wrapping to the message
	return oneLine(fmt.Sprintf("%s: %s", st.Code(), st.Message()))
}
