// Package mcp lets agents search and read through the Model Context Protocol. Its tools and
// resources call the gRPC server, so credentials, limits and metrics are the same as with gRPC.
package mcp

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// callLimit is the maximum time for answering a request.
const callLimit = time.Minute

// instructions tell an agent how to use the tools and how to cite.
//
//go:embed instructions.txt
var instructions string

// Config holds the settings of a server.
type Config struct {
	// Conn is a connection to the gRPC server.
	Conn grpc.ClientConnInterface
	// Version is the version of the program.
	Version string
	// Collection is the id of the collection that calls use if they do not name one.
	Collection string
	// Logger logs panics.
	Logger *slog.Logger
}

// tools has the clients that the tools and resources call.
type tools struct {
	search      accordv1.SearchServiceClient
	collections accordv1.CollectionServiceClient
	standard    string // the id of the collection that calls use if they do not name one
}

// New returns a server with the tools and resources.
func New(cfg Config) *sdk.Server {
	server := sdk.NewServer(
		&sdk.Implementation{Name: "accord", Title: "Accord", Version: cfg.Version},
		&sdk.ServerOptions{
			Instructions: instructions,
			// The lists of tools and resources never change, and nothing is logged to clients.
			Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}, Resources: &sdk.ResourceCapabilities{}},
			SetCacheable: func(_ context.Context, _ sdk.Request, c *sdk.Cacheable) { c.CacheScope = "private" },
		})
	t := &tools{accordv1.NewSearchServiceClient(cfg.Conn), accordv1.NewCollectionServiceClient(cfg.Conn), cfg.Collection}
	t.addTools(server)
	t.addResources(server)
	server.AddReceivingMiddleware(guarded(cfg.Logger), limited)
	return server
}

// Serve returns a function that answers requests over HTTP with a server. It keeps no sessions:
// each request stands alone, so any server behind a balancer can answer it.
func Serve(server *sdk.Server) func(http.ResponseWriter, *http.Request) error {
	handler := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server }, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, PropagateRequestCancellation: true,
		DisableLocalhostProtection: true, // the gateway checks the host
	})
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := refuseBatch(r); err != nil {
			return err
		}
		handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, r.Context())))
		return nil
	}
}

// requestKey is the context key for the context of an HTTP request.
type requestKey struct{}

// limited ends a call when its time is over, or when the HTTP request that made it ends.
func limited(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
		ctx, cancel := context.WithTimeout(ctx, callLimit)
		defer cancel()
		if request, ok := ctx.Value(requestKey{}).(context.Context); ok {
			defer context.AfterFunc(request, cancel)()
		}
		return next(ctx, method, req)
	}
}

// guarded turns a panic into an error of the call. It also refuses subscriptions, which would
// wait for changes that are never announced.
func guarded(log *slog.Logger) sdk.Middleware {
	return func(next sdk.MethodHandler) sdk.MethodHandler {
		return func(ctx context.Context, method string, req sdk.Request) (result sdk.Result, err error) {
			if method == "subscriptions/listen" {
				return nil, errNoSubscriptions
			}
			var failed error
			panicked := guard.Call(func() error {
				result, failed = next(ctx, method, req)
				return nil
			})
			if panicked != nil {
				log.ErrorContext(ctx, "panic in a request of MCP", "method", method, "error", panicked)
				return nil, fmt.Errorf("internal error; see the server's log")
			}
			return result, failed
		}
	}
}
