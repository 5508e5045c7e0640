package main

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/store"
	v1 "github.com/accord-search/accord/services/v1"
)

// positions makes later calls of a connection see the writes of earlier ones, whichever
// replica answers. For example, pruning a file must not use an outdated list.
type positions struct {
	mu     sync.Mutex
	latest store.Position
}

// withPosition adds the position of all earlier writes to the context of a call.
func (p *positions) withPosition(ctx context.Context) context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latest == 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, v1.PositionKey, p.latest.String())
}

// record keeps the position in the metadata of a write.
func (p *positions) record(md metadata.MD) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range md.Get(v1.PositionKey) {
		if at, err := store.ParsePosition(text); err == nil {
			p.latest = max(p.latest, at)
		}
	}
}

func (p *positions) unary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	var header metadata.MD
	err := invoke(p.withPosition(ctx), method, req, reply, conn, append(opts, grpc.Header(&header))...)
	p.record(header)
	return err
}

func (p *positions) stream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(p.withPosition(ctx), desc, conn, method, opts...)
	return positionStream{stream, p}, err
}

// positionStream records the position in the trailer of a stream.
type positionStream struct {
	grpc.ClientStream
	positions *positions
}

// RecvMsg implements grpc.ClientStream.
func (s positionStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err != nil {
		s.positions.record(s.Trailer())
	}
	return err
}
