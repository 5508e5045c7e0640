package server

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// TestRepliesAreCounted checks that a reply counts until its buffer is released, that an
// error counts nothing, and that a connection with too many unread bytes is refused.
func TestRepliesAreCounted(t *testing.T) {
	t.Parallel()
	r := &replies{}
	c := &connection{replies: r}
	ctx := context.WithValue(t.Context(), connectionKey{}, c)
	call := func(reply any, err error) (any, error) {
		return r.intercept(ctx, nil, nil, func(context.Context, any) (any, error) { return reply, err })
	}
	large := wrapperspb.Bytes(make([]byte, maxUnread))
	reply, err := call(large, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := newCodec().Marshal(reply)
	if err != nil {
		t.Fatal(err)
	}
	if c.unread != data.Len() || r.inAll != data.Len() {
		t.Errorf("%d and %d bytes are counted for a reply of %d", c.unread, r.inAll, data.Len())
	}
	if _, err := call(large, nil); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a call beside an unread reply: %v", err)
	}
	data.Free()
	if c.unread != 0 || r.inAll != 0 {
		t.Errorf("%d and %d bytes are counted after the reply was written", c.unread, r.inAll)
	}
	if _, err := call(nil, context.Canceled); !errors.Is(err, context.Canceled) || c.unread != 0 {
		t.Errorf("error %v, %d bytes counted", err, c.unread)
	}
}
