package gateway

import (
	"context"
	stdjson "encoding/json"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/auth"
)

// maxMountedBody is the maximum size of a request to a mounted API, in bytes.
const maxMountedBody = 1 << 20

// Mount is another API on the same port. Its requests pass the same checks as those of the
// gateway.
type Mount struct {
	// Patterns are the patterns of http.ServeMux that belong to the API.
	Patterns []string
	// Method is the full name of a gRPC method. Whoever may call it may send requests to the
	// API. The calls that the API makes are checked separately.
	Method string
	// Serve answers a request, or returns an error, with which the gateway answers. The body
	// was read, and has at most 1 MiB. gRPC calls with the context of the request are made
	// for the caller: the context has its credential and address as outgoing metadata.
	Serve func(http.ResponseWriter, *http.Request) error
	// Error returns the JSON of an error with an HTTP status. If it is nil, an error is a
	// google.rpc.Status.
	Error func(code int, st *status.Status) any
}

type mountKey struct{}

// mount returns the handler of a mounted API.
func (g *gateway) mount(m Mount) http.Handler {
	return g.forUs(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header // checked removes headers that no gRPC call uses
		g.checked(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serveMounted(w, r, m, header) })).ServeHTTP(w, r)
	}))
}

// forUs refuses requests of web pages that may not call the server, and requests for other hosts.
func (g *gateway) forUs(next http.Handler) http.Handler {
	return g.origins.allow(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Rebound(r, g.cfg.NeedCredential, g.cfg.TrustedProxies) {
			ignoreBody(w, r)
			writeError(w, r, http.StatusForbidden, newStatus(codes.PermissionDenied, "HOST_NOT_ALLOWED",
				"a request from this machine must name it as localhost; the operator allows other names behind a proxy with --http-trusted-proxies"))
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// serveMounted checks the caller, reads the body and lets the API answer.
func (g *gateway) serveMounted(w http.ResponseWriter, r *http.Request, m Mount, header http.Header) {
	if err := g.cfg.Check(metadata.NewIncomingContext(r.Context(), metadata.MD{"authorization": r.Header["Authorization"]}), m.Method); err != nil {
		g.refuse(w, r, m.Method, err)
		return
	}
	held := g.cfg.Hold()
	defer held.Release()
	if r.Body != http.NoBody && !g.readBody(w, r, held, maxMountedBody) {
		return
	}
	ctx, err := runtime.AnnotateContext(r.Context(), g.mux, r, m.Method)
	if err == nil {
		r = r.WithContext(ctx)
		r.Header = header
		err = m.Serve(w, r)
	}
	if err != nil {
		fail(r.Context(), nil, nil, w, r, err)
	}
}

// Rebound reports whether a request came over the loopback interface for another host. Then its
// sender may be a web page whose host name was made to resolve to this machine (DNS rebinding).
// This is not possible with TLS, for which the name needs a certificate. It does no harm if
// callers need a credential: such a page has none, since browsers send cookies only to the host
// that set them.
func Rebound(r *http.Request, needCredential bool, proxies []netip.Prefix) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || r.TLS != nil || needCredential {
		return false
	}
	sender, err := netip.ParseAddr(hostOf(r.RemoteAddr))
	if err == nil && within(proxies, sender) {
		return false
	}
	return auth.IsLoopback(hostOf(local.String())) && !isPrivate(hostOf(r.Host))
}

// isPrivate reports whether a host name cannot be that of a web site: it is empty, an address,
// the name of this machine, or a name that is never in public DNS, such as host.docker.internal.
// Browsers always send a name; programs may leave it out.
func isPrivate(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil || host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") {
		return true
	}
	name, err := os.Hostname()
	return err == nil && host == strings.ToLower(name)
}

// errorBody returns the JSON of an error, in the shape of the API to which the request belongs.
func errorBody(r *http.Request, code int, st *status.Status) []byte {
	if shape, ok := r.Context().Value(mountKey{}).(func(int, *status.Status) any); ok && shape != nil {
		if body, err := stdjson.Marshal(shape(code, st)); err == nil {
			return body
		}
	}
	body, err := newJSON().Marshal(st.Proto())
	if err != nil { // a detail of an unknown type
		body, _ = newJSON().Marshal(status.New(st.Code(), st.Message()).Proto())
	}
	return body
}

// shaped makes next answer with errors in the format of a mounted API.
func shaped(m Mount, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), mountKey{}, m.Error)))
	})
}
