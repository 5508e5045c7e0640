package main

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// callWithout begins a unary call, and waits for its end without having sent the request.
func (c client) callWithout(ctx context.Context, method string) (header metadata.MD, err error) {
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, method, grpc.Header(&header))
	if err != nil {
		return nil, err
	}
	err = stream.RecvMsg(&accordv1.SearchResponse{})
	return header, err
}

// TestStrangersSendNothing: callers who may not make a call are refused before their request
// has arrived, so that they cannot take the places of slow requests.
func TestStrangersSendNothing(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	stranger := g.dial(t, "")
	const calls = 40 // more than there are places for slow requests
	answers := make(chan error, calls)
	for range calls {
		go func() {
			header, err := stranger.callWithout(limited(t), accordv1.SearchService_Search_FullMethodName)
			if len(header.Get("accord-request-id")) != 1 {
				t.Errorf("the header of a refusal: %v", header)
			}
			answers <- err
		}()
	}
	for range calls {
		refused(t, "a stranger", <-answers, codes.Unauthenticated, "CREDENTIALS_MISSING")
	}
	_, err := g.dial(t, g.key(t)).callWithout(limited(t), accordv1.IngestService_UpsertDocument_FullMethodName)
	refused(t, "a reader who writes", err, codes.PermissionDenied, "ROLE_TOO_LOW")
}
