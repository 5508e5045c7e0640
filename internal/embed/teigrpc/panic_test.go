package teigrpc

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"

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

// TestPanicOfSend checks that a panic of the goroutine that sends is an error of the call,
// which then does not wait for answers.
func TestPanicOfSend(t *testing.T) {
	t.Parallel()
	d := &Driver{server: "tei", embed: panickingClient{}}
	_, err := d.Embed(t.Context(), driver.Request{Model: "m", Texts: []string{"text"}})
	if err == nil || !strings.Contains(err.Error(), "cannot encode") {
		t.Errorf("error %v", err)
	}
}
