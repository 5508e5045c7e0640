package main

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestClosedConnection: if a server closes the connection during TLS, the error says what the
// client can change. Which error of the network the client sees depends on timing.
func TestClosedConnection(t *testing.T) {
	t.Parallel()
	const (
		open    = "Unavailable: the server at host:1 does not answer without TLS: connect with --tls or --ca, or name another server with --addr"
		absent  = "Unavailable: no server answers at host:1: start one with `make run` or `accord serve`, or name another with --addr"
		asks    = "Unavailable: the server at host:1 asks for a client certificate: give --cert and --key"
		mayAsk  = "Unavailable: the server at host:1 closed the connection; try again, or give --cert and --key if it asks for a client certificate"
		refuses = "Unavailable: the server at host:1 closed the connection; it may not accept the certificate c.pem: check who issued it, and until when it is valid"
	)
	plain, secure, certified := unreachable{target: "host:1"}, unreachable{target: "host:1", secure: true}, unreachable{target: "host:1", secure: true, certificate: "c.pem"}
	for _, test := range []struct {
		client   unreachable
		text     string
		expected string
	}{
		{plain, `connection error: desc = "error reading server preface: EOF"`, open},
		{secure, `connection error: desc = "error reading server preface: EOF"`, absent},
		{secure, `connection error: desc = "error reading server preface: remote error: tls: certificate required"`, asks},
		{secure, "write tcp 127.0.0.1:2->127.0.0.1:1: write: broken pipe", mayAsk},
		{certified, "write tcp 127.0.0.1:2->127.0.0.1:1: write: broken pipe", refuses},
		{certified, "write tcp 127.0.0.1:2->127.0.0.1:1: write: connection reset by peer", refuses},
		{certified, `connection error: desc = "error reading server preface: remote error: tls: certificate required"`, refuses},
		{certified, `connection error: desc = "error reading server preface: remote error: tls: expired certificate"`, refuses},
	} {
		if got := message(test.client.explain(status.Error(codes.Unavailable, test.text))); got != test.expected {
			t.Errorf("%s:\ngot  %s\nwant %s", test.text, got, test.expected)
		}
	}
}

// TestNoAnswerInTime: if a call runs out of time, the error names the server and not gRPC's
// context. An error that the server sent stays.
func TestNoAnswerInTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"context deadline exceeded": "DeadlineExceeded: the server at host:1 did not answer in time",
		"context deadline exceeded while waiting for connections to become ready": "DeadlineExceeded: the server at host:1 did not answer in time",
		"the deadline passed before the answer was ready":                         "DeadlineExceeded: the deadline passed before the answer was ready",
	} {
		if got := message(unreachable{target: "host:1"}.explain(status.Error(codes.DeadlineExceeded, text))); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
}
