package server

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestUnfinishedRequests: calls whose requests do not arrive do not hinder other calls. At
// most maxSlowRequests of them wait, and these end at a time limit.
func TestUnfinishedRequests(t *testing.T) {
	t.Parallel()
	r := start(t, Config{DefaultTimeout: 3 * time.Second}, func(context.Context) error { return nil })
	const more = 20
	var (
		ended    sync.WaitGroup
		mu       sync.Mutex
		outcomes = map[codes.Code]int{}
	)
	for range maxSlowRequests + more {
		stream, err := r.conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true}, "/test.Test/Call")
		if err != nil {
			t.Fatal(err)
		}
		ended.Go(func() {
			err := stream.RecvMsg(&emptypb.Empty{})
			mu.Lock()
			defer mu.Unlock()
			outcomes[status.Code(err)]++
		})
	}
	if err := r.call(t.Context()); err != nil {
		t.Errorf("a call beside them: %v", err)
	}
	ended.Wait()
	if outcomes[codes.ResourceExhausted] != more || outcomes[codes.DeadlineExceeded] != maxSlowRequests {
		t.Errorf("%v, want %d refused and %d ended later", outcomes, more, maxSlowRequests)
	}
}

// TestRequestsInAll: large requests beyond the bound are refused while others are handled.
// Small ones are not refused.
func TestRequestsInAll(t *testing.T) {
	t.Parallel()
	under, release := make(chan struct{}, 100), make(chan struct{})
	const size = 1 << 20
	r := start(t, Config{MaxMessageBytes: 2 * size}, func(context.Context) error {
		under <- struct{}{}
		<-release
		return nil
	})
	r.srv.requests.most = 2 * size
	call := func(size int) error {
		request := status.New(codes.OK, strings.Repeat("x", size)).Proto()
		return r.conn.Invoke(t.Context(), "/test.Test/Call", request, &emptypb.Empty{})
	}
	answers := make(chan error, 3)
	go func() { answers <- call(size) }() // the encoding takes some bytes more
	<-under
	for range 2 {
		go func() { answers <- call(size / 2) }()
	}
	if err := <-answers; status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a request too many: %v, want RESOURCE_EXHAUSTED", err)
	}
	go func() { answers <- call(100) }()
	<-under
	<-under
	close(release)
	for range 3 {
		if err := <-answers; err != nil {
			t.Errorf("a request within the bound: %v", err)
		}
	}
	if err := call(size); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// rawCodec sends bytes as they are.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

func (rawCodec) Unmarshal([]byte, any) error { return nil }

// endings is a stats handler that sends the code with which each call ended.
type endings chan codes.Code

func (endings) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (e endings) HandleRPC(_ context.Context, event stats.RPCStats) {
	if end, ok := event.(*stats.End); ok {
		e <- status.Code(end.Error)
	}
}

func (endings) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (endings) HandleConn(context.Context, stats.ConnStats) {}

// TestMalformedRequests: a message that cannot be read is the fault of its sender, so it does not
// count as a fault of the server.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	ended := make(endings, 1)
	r := start(t, Config{Observe: Observer{Stats: []stats.Handler{ended}}}, func(context.Context) error { return nil })
	garbage := []byte{0x0a, 0x7f}
	for _, method := range []string{"/test.Test/Call", "/test.Test/Stream"} {
		err := r.conn.Invoke(t.Context(), method, garbage, &emptypb.Empty{}, grpc.ForceCodec(rawCodec{}))
		if got := <-ended; err == nil || got != codes.InvalidArgument {
			t.Errorf("%s: the call ended with %v, and the caller got %v", method, got, err)
		}
	}
}
