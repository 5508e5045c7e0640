package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// clientFlags say which server a command asks.
type clientFlags struct {
	Addr string `default:"127.0.0.1:50051" env:"ACCORD_ADDR" help:"Server to ask."`
}

// waitFlags say how long a command that asks one thing waits.
type waitFlags struct {
	Timeout time.Duration `default:"60s" env:"ACCORD_TIMEOUT" help:"Longest to wait for the answer."`
}

// readRetries tries reads again, and only those, while a server is not
// available (gRFC A6).
const readRetries = `{"methodConfig": [{
	"name": [
		{"service": "accord.v1.SearchService"},
		{"service": "accord.v1.IngestService", "method": "GetIngestStatus"},
		{"service": "accord.v1.SpaceService", "method": "GetSpace"},
		{"service": "accord.v1.SpaceService", "method": "ListSpaces"}
	],
	"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.2s", "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}
}]}`

// maxReply lets the longest document through; maxRequest is what servers take,
// unless they are set to take more text.
const maxReply, maxRequest = 64 << 20, 16 << 20

func (f clientFlags) dial() (*grpc.ClientConn, error) {
	seen := &positions{}
	conn, err := grpc.NewClient(f.Addr,
		grpc.WithUnaryInterceptor(seen.unary), grpc.WithStreamInterceptor(seen.stream),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(readRetries),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply)))
	if err != nil {
		return nil, fmt.Errorf("server address %q: %w", f.Addr, err)
	}
	return conn, nil
}

// message is what a person is told of an error: of a status, its code and
// message without the wrapping.
func message(err error) string {
	var carrier interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &carrier) {
		return err.Error()
	}
	st := carrier.GRPCStatus() // status.FromError would take the wrapping into the message
	text := fmt.Sprintf("%s: %s", st.Code(), st.Message())
	if strings.Contains(text, "connect: connection refused") {
		text += " (is a server running there? `make run` or `accord serve` starts one, --addr names another)"
	}
	return text
}
