package observe_test

import (
	"context"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/accord-search/accord/internal/telemetry/metrics"
	"github.com/accord-search/accord/services/observe"
)

// BenchmarkCall measures the cost of observing a call: compare observed with bare.
func BenchmarkCall(b *testing.B) {
	observer := observe.New(metrics.New("v1"), slog.New(slog.DiscardHandler), func(string) bool { return true })
	for name, options := range map[string][]grpc.ServerOption{
		"bare":     nil,
		"observed": {grpc.StatsHandler(observer), grpc.ChainUnaryInterceptor(observer.Unary)},
	} {
		b.Run(name, func(b *testing.B) {
			client := serve(b, options)
			b.ReportAllocs()
			before := processTime(b)
			for b.Loop() {
				if _, err := client.Check(context.Background(), &healthgrpc.HealthCheckRequest{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(processTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// processTime returns the CPU time of this process. On a busy machine it is a better measure
// than wall time.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// serve runs a server with the health service, and returns a client of it.
func serve(b *testing.B, options []grpc.ServerOption) healthgrpc.HealthClient {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := grpc.NewServer(options...)
	healthgrpc.RegisterHealthServer(server, health.NewServer())
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
	})
	return healthgrpc.NewHealthClient(conn)
}
