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

// clientFlags select the server that a command calls.
type clientFlags struct {
	Addr string `default:"127.0.0.1:50051" env:"ACCORD_ADDR" help:"Address of the server."`
}

// waitFlags limit the time of a command that makes one call.
type waitFlags struct {
	Timeout time.Duration `default:"60s" env:"ACCORD_TIMEOUT" help:"Time limit for the answer."`
}

// readRetries makes the client retry reads, and only reads, while a server is
// unavailable (gRFC A6).
const readRetries = `{"methodConfig": [{
	"name": [
		{"service": "accord.v1.SearchService"},
		{"service": "accord.v1.IngestService", "method": "GetIngestStatus"},
		{"service": "accord.v1.SpaceService", "method": "GetSpace"},
		{"service": "accord.v1.SpaceService", "method": "ListSpaces"}
	],
	"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.2s", "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}
}]}`

// maxReply is large enough for the longest document. maxRequest is what servers accept
// by default.
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

// message returns the text of an error for users: the code and message of a status,
// without the wrapping.
func message(err error) string {
	var carrier interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &carrier) {
		return err.Error()
	}
	st := carrier.GRPCStatus() // status.FromError would add the wrapping to the message
	text := fmt.Sprintf("%s: %s", st.Code(), st.Message())
	if strings.Contains(text, "connect: connection refused") {
		text += " (is a server running there? `make run` or `accord serve` starts one, --addr names another)"
	}
	return text
}
