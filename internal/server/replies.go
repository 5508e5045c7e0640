package server

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/stats"
)

const (
	// maxUnread bounds the bytes of replies that one connection has not read. Above it,
	// further calls of the connection are refused. It is twice the size of the longest
	// reply to Search.
	maxUnread = 16 << 20
	// maxUnreadInAll is the bound for all connections together. Above it, only connections
	// with less than guaranteedUnread bytes are answered.
	maxUnreadInAll   = 256 << 20
	guaranteedUnread = 1 << 20
)

// replies counts the bytes of replies that clients have not read. gRPC holds them in
// memory until flow control lets it write them, long after the handler has returned.
type replies struct {
	mu    sync.Mutex
	inAll int
}

// connection holds the unread bytes of one connection.
type connection struct {
	replies *replies
	unread  int
	closed  bool
}

type connectionKey struct{}

// TagConn implements stats.Handler.
func (r *replies) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connection{replies: r})
}

// HandleConn implements stats.Handler. It frees the bytes of a closed connection.
func (r *replies) HandleConn(ctx context.Context, event stats.ConnStats) {
	c, ok := ctx.Value(connectionKey{}).(*connection)
	if _, ended := event.(*stats.ConnEnd); !ok || !ended {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inAll -= c.unread
	c.unread, c.closed = 0, true
}

// TagRPC implements stats.Handler.
func (r *replies) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC implements stats.Handler.
func (r *replies) HandleRPC(context.Context, stats.RPCStats) {}

// add adds to the number of bytes that the client of a connection has not read. bytes is
// negative for bytes that were read.
func (c *connection) add(bytes int) {
	c.replies.mu.Lock()
	defer c.replies.mu.Unlock()
	if !c.closed {
		c.unread += bytes
		c.replies.inAll += bytes
	}
}

// slow reports whether a connection must read replies before it may make another call.
func (c *connection) slow() bool {
	c.replies.mu.Lock()
	defer c.replies.mu.Unlock()
	return c.unread >= maxUnread || c.replies.inAll >= maxUnreadInAll && c.unread >= guaranteedUnread
}

// intercept refuses the calls of slow connections, and counts replies.
func (r *replies) intercept(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	c, ok := ctx.Value(connectionKey{}).(*connection)
	if !ok {
		return handler(ctx, req)
	}
	if c.slow() {
		return nil, refusal("REPLIES_NOT_READ", "too many replies on this connection are not read; read them first")
	}
	resp, err := handler(ctx, req)
	if err != nil {
		return nil, err
	}
	// Replies are sent as they are: a compressed one would not be counted. This fails only
	// if headers were sent already.
	_ = grpc.SetSendCompressor(ctx, encoding.Identity)
	return &countedReply{resp, c}, nil
}

// countedReply is a reply that has not been encoded yet.
type countedReply struct {
	message any
	to      *connection
}

// codec encodes like gRPC's own codec, and counts the bytes of a countedReply until they
// are written.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Marshal implements encoding.CodecV2.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	reply, ok := v.(*countedReply)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	data, err := c.CodecV2.Marshal(reply.message)
	if err != nil {
		return nil, fmt.Errorf("encode the reply: %w", err)
	}
	size := data.Len()
	if mem.IsBelowBufferPoolingThreshold(size) {
		return data, nil // gRPC does not report when such a small buffer is released, so it is not counted
	}
	whole := data.MaterializeToBuffer(mem.DefaultBufferPool())
	data.Free()
	bytes := whole.ReadOnlyData()
	reply.to.add(size)
	return mem.BufferSlice{mem.NewBuffer(&bytes, released{whole, reply.to})}, nil
}

// released is a buffer pool that notices when a buffer has been written or its stream has
// ended.
type released struct {
	buffer mem.Buffer
	to     *connection
}

// Get implements mem.BufferPool.
func (released) Get(length int) *[]byte { return mem.DefaultBufferPool().Get(length) }

// Put implements mem.BufferPool.
func (r released) Put(*[]byte) {
	r.to.add(-r.buffer.Len())
	r.buffer.Free()
}
