package teigrpc_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/teigrpc"
	teiv1 "github.com/accord-search/accord/proto/tei/v1"
)

const (
	model      = "intfloat/multilingual-e5-base"
	dimensions = 16
)

type stream = grpc.BidiStreamingServer[teiv1.EmbedRequest, teiv1.EmbedResponse]

// server answers like TEI. If embed is set, it handles the streams.
type server struct {
	teiv1.UnimplementedInfoServer
	teiv1.UnimplementedEmbedServer
	embed func(stream) error
}

func (server) Info(context.Context, *teiv1.InfoRequest) (*teiv1.InfoResponse, error) {
	sha := "835193815a3936a24a0ee7dc9e3d48c1fbb19c55"
	return &teiv1.InfoResponse{
		ModelId: model, ModelSha: &sha, MaxConcurrentRequests: 512, MaxInputLength: 514, MaxBatchTokens: 16384, MaxClientBatchSize: 32,
	}, nil
}

func (s server) EmbedStream(answers stream) error { return s.embed(answers) }

// vector returns the answer for a text.
func vector(text string) *teiv1.EmbedResponse {
	return &teiv1.EmbedResponse{
		Embeddings: embedtest.Vector(text, dimensions),
		Metadata:   &teiv1.Metadata{ComputeTokens: uint32(embedtest.Tokens([]string{text}))}, //nolint:gosec // a text has few tokens
	}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// serve starts a server with s and the health state, and returns its URL.
func serve(t testing.TB, s server, state grpc_health_v1.HealthCheckResponse_ServingStatus, options ...grpc.ServerOption) (*url.URL, *grpc.Server) {
	t.Helper()
	listener := listen(t)
	g := grpc.NewServer(options...)
	teiv1.RegisterInfoServer(g, s)
	teiv1.RegisterEmbedServer(g, s)
	healthy := health.NewServer()
	healthy.SetServingStatus("", state)
	grpc_health_v1.RegisterHealthServer(g, healthy)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = g.Serve(listener)
	}()
	t.Cleanup(func() { g.Stop(); <-done })
	return &url.URL{Scheme: "grpc", Host: listener.Addr().String()}, g
}

func well(t testing.TB, record func(embedtest.Sent)) *url.URL {
	base, _ := serve(t, server{embed: func(answers stream) error {
		var sent embedtest.Sent
		if md, ok := metadata.FromIncomingContext(answers.Context()); ok {
			sent.Authorization = strings.Join(md.Get("authorization"), ",")
		}
		record(sent)
		for {
			req, err := answers.Recv()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if req.GetTruncate() || !req.GetNormalize() {
				t.Errorf("request %v, want one that forbids to truncate and asks to normalise", req)
			}
			if err := answers.Send(vector(req.GetInputs())); err != nil {
				return err
			}
		}
	}}, grpc_health_v1.HealthCheckResponse_SERVING)
	return base
}

func open(t testing.TB, base *url.URL, key driver.Secret) driver.Driver {
	t.Helper()
	d, err := teigrpc.New(base, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// fails returns the fault of a server that answers every call with a status.
func fails(name string, code codes.Code, message string, want driver.Error) embedtest.Fault {
	says, _, _ := strings.Cut(message, string(embedtest.Key))
	failure := status.Error(code, message)
	return embedtest.Fault{Name: name, Want: want, Says: strings.TrimSpace(says), Describes: true, Start: func(t testing.TB) *url.URL {
		base, _ := serve(t, server{}, grpc_health_v1.HealthCheckResponse_SERVING,
			grpc.UnaryInterceptor(func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) { return nil, failure }),
			grpc.StreamInterceptor(func(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error { return failure }))
		return base
	}}
}

// streams returns the fault of a server that handles streams with embed.
func streams(name string, want driver.Error, embed func(stream) error) embedtest.Fault {
	return embedtest.Fault{Name: name, Want: want, Start: func(t testing.TB) *url.URL {
		base, _ := serve(t, server{embed: embed}, grpc_health_v1.HealthCheckResponse_SERVING)
		return base
	}}
}

// answers returns a stream handler that sends n vectors and returns the result of
// end.
func answers(n int, end func(context.Context) error) func(stream) error {
	return func(s stream) error {
		for range n {
			if err := s.Send(vector("one")); err != nil {
				return err
			}
		}
		return end(s.Context())
	}
}

func wellEnded(context.Context) error { return nil }

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// resets starts a listener that breaks every connection.
func resets(t testing.TB) *url.URL {
	listener := listen(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return &url.URL{Scheme: "grpc", Host: listener.Addr().String()}
}

// cutsOff starts a server that stops in the middle of its answer.
func cutsOff(t testing.TB) *url.URL {
	cut := make(chan struct{})
	base, g := serve(t, server{embed: answers(1, func(ctx context.Context) error {
		close(cut)
		return hang(ctx)
	})}, grpc_health_v1.HealthCheckResponse_SERVING)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-cut:
			g.Stop()
		case <-t.Context().Done():
		}
	}()
	t.Cleanup(func() { <-stopped })
	return base
}

func TestConformance(t *testing.T) {
	t.Parallel()
	malformed := driver.Error{Status: http.StatusOK, Err: driver.ErrMalformed}
	unavailable := driver.Error{Status: http.StatusServiceUnavailable, Temporary: true}
	late := driver.Error{Err: context.DeadlineExceeded}
	embedtest.Run(t, embedtest.Subject{
		Model: model, Dimensions: dimensions,
		Info: driver.Info{
			Models: []driver.Model{{ID: model, Revision: "835193815a3936a24a0ee7dc9e3d48c1fbb19c55"}},
			Limits: driver.Limits{MaxTokens: 514, MaxBatchInputs: 32, MaxBatchTokens: 16384, MaxConcurrentInputs: 256},
		},
		Open: open, Well: well, FixedDimensions: true,
		Faults: []embedtest.Fault{
			fails("unauthorised", codes.Unauthenticated, "no such key: "+string(embedtest.Key), driver.Error{Status: http.StatusUnauthorized}),
			fails("forbidden", codes.PermissionDenied, "not this key", driver.Error{Status: http.StatusForbidden}),
			fails("too long", codes.InvalidArgument, "`inputs` must have less than 512 tokens. Given: 600", driver.Error{Status: http.StatusUnprocessableEntity}),
			fails("overloaded", codes.ResourceExhausted, "Model is overloaded", driver.Error{Status: http.StatusTooManyRequests, Temporary: true}),
			fails("failed", codes.FailedPrecondition, "out of memory", driver.Error{Status: http.StatusInternalServerError}),
			fails("loading", codes.Unavailable, "unhealthy", unavailable),
			fails("late by itself", codes.DeadlineExceeded, "a proxy gave up", driver.Error{Status: http.StatusGatewayTimeout}),
			fails("another service", codes.NotFound, "no such route", driver.Error{Status: http.StatusNotFound}),
			fails("panic", codes.Unknown, "a panic", driver.Error{Status: http.StatusInternalServerError}),
			streams("too few", malformed, answers(1, wellEnded)),
			streams("none", malformed, answers(0, wellEnded)),
			streams("too many", malformed, answers(3, wellEnded)),
			streams("hang", late, answers(0, hang)),
			streams("drip", late, answers(1, hang)),
			{Name: "reset", Start: resets, Want: unavailable, Describes: true},
			{Name: "cut off", Start: cutsOff, Want: unavailable},
		},
	})
}

func TestNotServing(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, server{}, grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	_, err := open(t, base, "").Describe(t.Context(), "")
	var failure *driver.Error
	if !errors.As(err, &failure) || failure.Status != http.StatusServiceUnavailable || !failure.Temporary {
		t.Errorf("got error %v, want a temporary one of status 503", err)
	}
}

// TestTrace: a request has the id of the trace that it belongs to.
func TestTrace(t *testing.T) {
	t.Parallel()
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	var got []string
	base, _ := serve(t, server{embed: func(answers stream) error {
		got = metadata.ValueFromIncomingContext(answers.Context(), "traceparent")
		if _, err := answers.Recv(); err != nil {
			return err
		}
		return answers.Send(vector("ports"))
	}}, grpc_health_v1.HealthCheckResponse_SERVING)
	traceID, err := trace.TraceIDFromHex(id)
	if err != nil {
		t.Fatal(err)
	}
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: trace.SpanID{1}}))
	if _, err := open(t, base, "").Embed(ctx, driver.Request{Texts: []string{"ports"}}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || !strings.Contains(got[0], id) {
		t.Errorf("the server got traceparent %q, want the trace %s", got, id)
	}
}

// grpcs:// uses TLS: an untrusted certificate is refused.
func TestTLS(t *testing.T) {
	t.Parallel()
	other := httptest.NewUnstartedServer(http.NotFoundHandler())
	other.EnableHTTP2 = true
	other.Config.ErrorLog = log.New(io.Discard, "", 0)
	other.StartTLS()
	t.Cleanup(other.Close)
	_, err := open(t, &url.URL{Scheme: "grpcs", Host: other.Listener.Addr().String()}, embedtest.Key).Describe(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got error %v, want one about the certificate", err)
	}
}
