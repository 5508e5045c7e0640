package teigrpc

import (
	"context"
	"errors"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/driver"
	teiv1 "github.com/accord-search/accord/proto/tei/v1"
)

// panickingClient opens streams that panic when a text is sent, and never answer.
type panickingClient struct{ teiv1.EmbedClient }

type panickingStream struct {
	teiv1.Embed_EmbedStreamClient
	ctx context.Context
}

// EmbedStream implements teiv1.EmbedClient.
func (panickingClient) EmbedStream(ctx context.Context, _ ...grpc.CallOption) (teiv1.Embed_EmbedStreamClient, error) {
	return panickingStream{ctx: ctx}, nil
}

// Send implements teiv1.Embed_EmbedStreamClient.
func (panickingStream) Send(*teiv1.EmbedRequest) error { panic("cannot encode") }

// Recv implements teiv1.Embed_EmbedStreamClient.
func (s panickingStream) Recv() (*teiv1.EmbedResponse, error) {
	<-s.ctx.Done()
	return nil, s.ctx.Err()
}

// TestPanicOfSend checks that a call returns an error if the goroutine that sends its texts
// panics, instead of waiting for answers.
func TestPanicOfSend(t *testing.T) {
	t.Parallel()
	d := &Driver{server: "tei", embed: panickingClient{}}
	_, err := d.Embed(t.Context(), driver.Request{Model: "m", Texts: []string{"text"}})
	if err == nil || !strings.Contains(err.Error(), "cannot encode") {
		t.Errorf("error %v", err)
	}
}

// refusingClient opens no stream.
type refusingClient struct{ teiv1.EmbedClient }

// EmbedStream implements teiv1.EmbedClient.
func (refusingClient) EmbedStream(context.Context, ...grpc.CallOption) (teiv1.Embed_EmbedStreamClient, error) {
	return nil, status.Error(codes.Unavailable, "no connection")
}

// TestNoStream checks that a stream that cannot be opened is a temporary error of the server.
func TestNoStream(t *testing.T) {
	t.Parallel()
	d := &Driver{server: "tei", embed: refusingClient{}}
	_, err := d.Embed(t.Context(), driver.Request{Model: "m", Texts: []string{"text"}})
	var failed *driver.Error
	if !errors.As(err, &failed) || !failed.Temporary || failed.Server != "tei" {
		t.Errorf("error %v", err)
	}
}
