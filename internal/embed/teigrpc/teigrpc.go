// Package teigrpc is the driver for Hugging Face's Text Embeddings Inference over
// gRPC.
package teigrpc

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/tei"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/telemetry"
	teiv1 "github.com/accord-search/accord/proto/tei/v1"
)

// reconnect limits the wait between attempts to connect to seconds. By default gRPC may
// wait up to two minutes before it notices that a server is back.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 2, Jitter: 0.5, MaxDelay: 4 * time.Second},
	MinConnectTimeout: 10 * time.Second,
}

// Driver implements driver.Driver and io.Closer. It keeps one connection.
type Driver struct {
	server string // for errors
	key    driver.Secret
	conn   *grpc.ClientConn
	info   teiv1.InfoClient
	embed  teiv1.EmbedClient
	health grpc_health_v1.HealthClient
}

var (
	_ driver.Driver = (*Driver)(nil)
	_ io.Closer     = (*Driver)(nil)
)

// New returns a driver for the server at base: grpc://host:port, or grpcs:// for TLS.
// key is sent as a bearer token, with and without TLS; if it is empty, none is sent.
// New makes no connection.
func New(base *url.URL, key driver.Secret) (*Driver, error) {
	security, port := insecure.NewCredentials(), "80"
	if base.Scheme == "grpcs" {
		security, port = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12}), "443"
	}
	address := net.JoinHostPort(base.Hostname(), cmp.Or(base.Port(), port))
	conn, err := grpc.NewClient("dns:///"+address, grpc.WithTransportCredentials(security), grpc.WithConnectParams(reconnect))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", httpjson.ServerName(base), err)
	}
	return &Driver{
		server: httpjson.ServerName(base),
		key:    key,
		conn:   conn,
		info:   teiv1.NewInfoClient(conn),
		embed:  teiv1.NewEmbedClient(conn),
		health: grpc_health_v1.NewHealthClient(conn),
	}, nil
}

// Close implements io.Closer. Calls in progress fail.
func (d *Driver) Close() error { return d.conn.Close() }

// Embed implements driver.Driver with Embed.EmbedStream. The protocol has no field
// for dimensions, so a request for them fails with status 400.
func (d *Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	if req.Dimensions > 0 {
		return driver.Response{}, d.errorf(req.Model, http.StatusBadRequest, "%d dimensions are requested, which TEI supports only over HTTP", req.Dimensions)
	}
	ctx, cancel := context.WithCancel(d.withMetadata(ctx))
	defer cancel()
	stream, err := d.embed.EmbedStream(ctx)
	if err != nil {
		return driver.Response{}, d.callError(ctx, req.Model, err)
	}
	sent := make(chan error, 1)
	go func() {
		err := guard.Call(func() error { send(stream, req.Texts); return nil })
		if err != nil {
			cancel() // no answers will come
		}
		sent <- err
	}()
	resp, err := d.receive(ctx, stream, req)
	cancel() // the rest need not be sent
	if failed := <-sent; failed != nil {
		return driver.Response{}, d.errorf(req.Model, http.StatusBadRequest, "send the texts: %w", failed)
	}
	return resp, err
}

// send sends texts until the stream ends. The receiver gets the error of the stream.
func send(stream teiv1.Embed_EmbedStreamClient, texts []string) {
	for _, text := range texts {
		if stream.Send(&teiv1.EmbedRequest{Inputs: text, Normalize: true}) != nil {
			return
		}
	}
	_ = stream.CloseSend() // never fails; the receiver gets the status
}

func (d *Driver) receive(ctx context.Context, stream teiv1.Embed_EmbedStreamClient, req driver.Request) (driver.Response, error) {
	var resp driver.Response
	for {
		answer, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			if len(resp.Vectors) != len(req.Texts) {
				return driver.Response{}, d.errorf(req.Model, http.StatusOK, "%w: %d vectors for %d texts", driver.ErrMalformed, len(resp.Vectors), len(req.Texts))
			}
			return resp, nil
		case err != nil:
			return driver.Response{}, d.callError(ctx, req.Model, err)
		case len(resp.Vectors) == len(req.Texts):
			return driver.Response{}, d.errorf(req.Model, http.StatusOK, "%w: more than %d vectors", driver.ErrMalformed, len(req.Texts))
		}
		resp.Vectors = append(resp.Vectors, answer.GetEmbeddings())
		resp.Tokens += int(answer.GetMetadata().GetComputeTokens())
	}
}

// Describe implements driver.Driver with Info.Info and the health service.
func (d *Driver) Describe(ctx context.Context, _ string) (driver.Info, error) {
	ctx = d.withMetadata(ctx)
	health, err := d.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil && status.Code(err) != codes.Unimplemented {
		return driver.Info{}, d.callError(ctx, "", err)
	}
	if health.GetStatus() == grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		return driver.Info{}, d.callError(ctx, "", status.Error(codes.Unavailable, "its health status is NOT_SERVING"))
	}
	told, err := d.info.Info(ctx, &teiv1.InfoRequest{})
	if err != nil {
		return driver.Info{}, d.callError(ctx, "", err)
	}
	return tei.Info{
		ModelID:               told.GetModelId(),
		ModelSHA:              told.GetModelSha(),
		MaxInputLength:        int(told.GetMaxInputLength()),
		MaxClientBatchSize:    int(told.GetMaxClientBatchSize()),
		MaxConcurrentRequests: int(told.GetMaxConcurrentRequests()),
		MaxBatchTokens:        int(told.GetMaxBatchTokens()),
	}.Describe(), nil
}

// withMetadata returns a context with the metadata of a call: the key, and the trace.
func (d *Driver) withMetadata(ctx context.Context) context.Context {
	if d.key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+string(d.key))
	}
	telemetry.PassOn(ctx, func(key, value string) { ctx = metadata.AppendToOutgoingContext(ctx, key, value) })
	return ctx
}

// errorf returns an error about the request or the answer, not about the connection.
func (d *Driver) errorf(model string, httpStatus int, format string, args ...any) *driver.Error {
	return &driver.Error{Server: d.server, Model: model, Status: httpStatus, Err: fmt.Errorf(format, args...)}
}

// callError returns the error of a call that failed with err.
func (d *Driver) callError(ctx context.Context, model string, err error) *driver.Error {
	if ctx.Err() != nil {
		return d.errorf(model, 0, "%w", ctx.Err())
	}
	s := status.Convert(err)
	// The server knows the deadline too, and may be the first to report that it has passed.
	if _, limited := ctx.Deadline(); limited && s.Code() == codes.DeadlineExceeded {
		return d.errorf(model, 0, "%w", context.DeadlineExceeded)
	}
	failure := d.errorf(model, httpStatus(s.Code()), "gRPC status %v", s.Code())
	failure.Body = driver.Excerpt([]byte(s.Message()), d.key)
	failure.Temporary = s.Code() == codes.Unavailable || s.Code() == codes.ResourceExhausted
	return failure
}

// httpStatus returns the status with which the server would have answered over HTTP.
// FAILED_PRECONDITION means that the model failed, INVALID_ARGUMENT that a text is
// too long.
func httpStatus(code codes.Code) int {
	switch code {
	case codes.InvalidArgument, codes.OutOfRange:
		return http.StatusUnprocessableEntity
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.NotFound, codes.Unimplemented:
		return http.StatusNotFound
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}
