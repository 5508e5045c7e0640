package server

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestGzip: a compressed request is accepted, unless it is too large after decompression.
func TestGzip(t *testing.T) {
	t.Parallel()
	r := start(t, Config{}, func(context.Context) error { return nil })
	compressed := func(size int) error {
		message := status.New(codes.OK, strings.Repeat("x", size)).Proto()
		return r.conn.Invoke(t.Context(), "/test.Test/Call", message, &emptypb.Empty{}, grpc.UseCompressor(gzip.Name))
	}
	if err := compressed(100); err != nil {
		t.Errorf("a compressed request: %v", err)
	}
	// 512 KiB are less than the limit of 1 KiB before decompression.
	if err := compressed(512 << 10); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a request of 512 KiB: %v, want RESOURCE_EXHAUSTED", err)
	}
}

// TestConnectionBounds: one host cannot take all connections, and connections beyond the
// bounds are closed at once.
func TestConnectionBounds(t *testing.T) {
	t.Parallel()
	plain, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	bounded := newBoundedListener(plain, 3, 2)
	accepted := make(chan net.Conn, 10)
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := bounded.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	})
	t.Cleanup(accepting.Wait)
	t.Cleanup(func() { plain.Close() })
	dial := func(from string) net.Conn {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := dialer.DialContext(t.Context(), "tcp", plain.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	refused := func(from string) {
		t.Helper()
		conn := dial(from)
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("a connection too many: %v, want its end", err)
		}
	}
	dial("127.0.0.2")
	first := <-accepted
	dial("127.0.0.2")
	<-accepted
	refused("127.0.0.2")
	dial("127.0.0.3")
	<-accepted
	refused("127.0.0.4") // the limit is three in all
	first.Close()
	first.Close() // counts only once
	dial("127.0.0.4")
	<-accepted
	refused("127.0.0.4")
}

// TestHeaderFlood: metadata beyond the bound fails the call; the server continues to work.
func TestHeaderFlood(t *testing.T) {
	t.Parallel()
	r := start(t, Config{}, func(context.Context) error { return nil })
	flooded := metadata.AppendToOutgoingContext(t.Context(), "x", strings.Repeat("x", 2*maxHeaderBytes))
	if err := r.call(flooded); err == nil {
		t.Error("the flood was accepted")
	}
	if err := r.call(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestHalfOpenConnections: connections on which nothing is sent do not hold up other
// connections.
func TestHalfOpenConnections(t *testing.T) {
	t.Parallel()
	r := start(t, Config{Health: []HealthCheck{{Name: "all", Services: []string{""}, Check: func(context.Context) error { return nil }}}},
		func(context.Context) error { return nil })
	for range maxConnectionsPerHost - 10 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.conn.Target())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	if err := r.call(t.Context()); err != nil {
		t.Errorf("a call beside them: %v", err)
	}
	if _, err := healthgrpc.NewHealthClient(r.conn).Check(t.Context(), &healthgrpc.HealthCheckRequest{}); err != nil {
		t.Errorf("health beside them: %v", err)
	}
}
