package server

import (
	"context"
	"net"
	"net/netip"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/test/bufconn"
)

// inProcessBuffer is the size of a connection within the process, in bytes.
const inProcessBuffer = 1 << 20

// inProcess is a gRPC server that only this process can reach. It has the same services as
// the outer server, but no TLS.
type inProcess struct {
	*grpc.Server
	listener *bufconn.Listener
}

func (s *Server) newInProcess(access Interceptors, options ...grpc.ServerOption) inProcess {
	p := inProcess{grpc.NewServer(options...), bufconn.Listen(inProcessBuffer)}
	services := s.early(p.Server, access)
	s.cfg.Register(services)
	healthgrpc.RegisterHealthServer(services, s.health)
	return p
}

func (p inProcess) dial(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	dial := func(ctx context.Context, _ string) (net.Conn, error) { return p.listener.DialContext(ctx) }
	return grpc.NewClient("passthrough:in-process", append(options,
		grpc.WithContextDialer(dial), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
}

// Dial returns a connection within the process, which works while the server serves. Its
// calls need neither a certificate nor a credential, and pass neither Access nor Admission.
func (s *Server) Dial(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	return s.inner.dial(options...)
}

// PeerKey is the metadata key for the address of the caller on whose behalf this process
// calls.
const PeerKey = "accord-peer"

// DialFor returns a connection within the process for calls on behalf of other callers. Access
// and Admission check these calls as if the peer that PeerKey names had made them. Callers
// must not be able to set PeerKey themselves.
func (s *Server) DialFor(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	return s.relayed.dial(options...)
}

// peerOptions returns interceptors that replace the peer of each call by the one that PeerKey
// names.
func peerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			return handler(withPeer(ctx), req)
		}),
		grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, watchStream{stream, withPeer(stream.Context())})
		}),
	}
}

func withPeer(ctx context.Context) context.Context {
	values := metadata.ValueFromIncomingContext(ctx, PeerKey)
	if len(values) != 1 {
		return ctx
	}
	addr, err := netip.ParseAddr(values[0])
	if err != nil {
		return ctx
	}
	return peer.NewContext(ctx, &peer.Peer{Addr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0))})
}
