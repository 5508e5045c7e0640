package server

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"
)

// inProcessBuffer is the size of a connection within the process, in bytes.
const inProcessBuffer = 1 << 20

// newInProcess prepares the server that Dial connects to. It has the same services, but
// neither TLS nor Access, since only this process can reach it.
func (s *Server) newInProcess(options ...grpc.ServerOption) {
	s.inner, s.innerListener = grpc.NewServer(options...), bufconn.Listen(inProcessBuffer)
	s.cfg.Register(s.inner)
	healthgrpc.RegisterHealthServer(s.inner, s.health)
}

// Dial returns a connection within the process. It works while the server serves, and needs
// neither a certificate nor a credential.
func (s *Server) Dial(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	dial := func(ctx context.Context, _ string) (net.Conn, error) { return s.innerListener.DialContext(ctx) }
	return grpc.NewClient("passthrough:in-process", append(options,
		grpc.WithContextDialer(dial), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
}
