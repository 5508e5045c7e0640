// Package gateway serves the API as JSON over HTTP. It turns each request into a call of the
// gRPC server, over a connection within the process. Calls over that connection pass the
// server's interceptors, so credentials, limits and metrics are the same as with gRPC.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/server"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// Config holds the settings of a gateway.
type Config struct {
	// Conn is a connection to the gRPC server. The server uses the metadata server.PeerKey as
	// the address of the caller.
	Conn *grpc.ClientConn
	// Check checks whether the caller may call a method. The credential is in the incoming
	// metadata of ctx. The gateway calls Check before it reads the body of a request.
	Check func(ctx context.Context, method string) error
	// Hold returns a Held that counts the memory of a request. The gateway releases it.
	Hold func() *server.Held
	// MaxMessageBytes is the maximum size of a request to the gRPC server, in bytes.
	MaxMessageBytes int
	// CORSOrigins are the origins whose pages may call the API, such as
	// https://example.org, or * for all.
	CORSOrigins []string
	// TrustedProxies are the networks of the proxies whose X-Forwarded-For is trusted.
	TrustedProxies []netip.Prefix
	// NeedCredential reports whether callers need a credential.
	NeedCredential bool
	// NeedCertificate reports whether callers need a client certificate.
	NeedCertificate bool
	// Mounts are the other APIs on the same port.
	Mounts []Mount
	// Logger logs panics.
	Logger *slog.Logger
}

type gateway struct {
	cfg     Config
	mux     *runtime.ServeMux
	methods map[string]string // full names by HTTP method and path, such as "GET /v1/collections"
	// noQuery has those keys of methods whose fields are all in the path or the body.
	noQuery map[string]bool
	ingest  accordv1.IngestServiceClient
	origins originCheck
}

// setQueryParser makes grpc-gateway read the parameters of all URLs with strictQuery. The
// parser is a global variable of grpc-gateway, which running gateways read, so it is set only
// once.
var setQueryParser = sync.OnceFunc(func() { runtime.NewServeMux(runtime.SetQueryParameterParser(strictQuery{})) })

// New returns the handler of /v1/, /openapi.json, /docs and the other APIs.
func New(ctx context.Context, cfg Config) (http.Handler, error) {
	g := &gateway{cfg: cfg, ingest: accordv1.NewIngestServiceClient(cfg.Conn), methods: map[string]string{}, noQuery: map[string]bool{}}
	bindings(func(binding *annotations.HttpRule, method protoreflect.MethodDescriptor) {
		g.methods[httpPath(binding)], g.noQuery[httpPath(binding)] = fullName(method), !takesQuery(binding, method)
	})
	g.methods[http.MethodPost+" "+importPath] = accordv1.IngestService_ImportDocuments_FullMethodName
	if err := g.register(ctx); err != nil {
		return nil, err
	}
	var err error
	if g.origins, err = newOriginCheck(cfg.CORSOrigins); err != nil {
		return nil, err
	}
	routes := http.NewServeMux()
	routes.Handle("/v1/", g.forUs(g.checked(headAsGet(g.mux))))
	if err := addDocs(routes); err != nil {
		return nil, err
	}
	bounded := &replies{}
	all := http.NewServeMux()
	all.Handle("/", bounded.bound(g.guarded(routes)))
	for _, m := range cfg.Mounts {
		for _, pattern := range m.Patterns {
			all.Handle(pattern, shaped(m, bounded.bound(g.guarded(g.mount(m)))))
		}
	}
	return all, nil
}

// register makes the mux that turns requests into calls.
func (g *gateway) register(ctx context.Context) error {
	setQueryParser()
	g.mux = runtime.NewServeMux(
		runtime.WithMiddlewares(g.receive),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newJSON()),
		runtime.WithIncomingHeaderMatcher(incomingHeader),
		runtime.WithOutgoingHeaderMatcher(outgoingHeader), runtime.WithOutgoingTrailerMatcher(outgoingHeader),
		runtime.WithMetadata(peer),
		runtime.WithErrorHandler(fail), runtime.WithRoutingErrorHandler(unrouted),
		runtime.WithForwardResponseOption(setETag), runtime.WithWriteContentLength(),
		// Without these two, a form on another site could call methods.
		runtime.WithDisablePathLengthFallback(), runtime.WithDisableHTTPMethodOverride(),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		accordv1.RegisterSearchServiceHandler, accordv1.RegisterIngestServiceHandler,
		accordv1.RegisterCollectionServiceHandler, accordv1.RegisterSpaceServiceHandler, accordv1.RegisterServerServiceHandler,
	} {
		if err := register(ctx, g.mux, g.cfg.Conn); err != nil {
			return err
		}
	}
	return g.mux.HandlePath(http.MethodPost, importPath, g.importDocuments)
}

// headAsGet passes each HEAD on as a GET. net/http sends only the header of the answer.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// guarded answers with an error if the handler of a request panics.
func (g *gateway) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := guard.Call(func() error {
			next.ServeHTTP(w, r)
			return nil
		})
		if err != nil {
			g.cfg.Logger.ErrorContext(r.Context(), "panic in an HTTP request", "error", err)
			writeError(w, r, http.StatusInternalServerError, newStatus(codes.Internal, "INTERNAL", "internal error; see the server's log"))
		}
	})
}
