package gateway

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/server"
)

// callHeaders are the headers of a request that become metadata of the call.
var callHeaders = []string{"Accord-Wal-Position", "X-Request-Id", "Traceparent", "Tracestate"}

// otherHeaders are those that grpc-gateway itself reads: it passes Authorization as metadata,
// and uses Grpc-Timeout as the deadline.
var otherHeaders = []string{"Authorization", "Grpc-Timeout", "Te"}

// replyHeaders are the metadata of a reply that become headers.
var replyHeaders = []string{"Accord-Wal-Position", "Accord-Request-Id", "Accord-Trace-Id", "Accord-Version"}

func incomingHeader(name string) (string, bool) {
	return strings.ToLower(name), slices.Contains(callHeaders, name)
}

func outgoingHeader(key string) (string, bool) {
	name := http.CanonicalHeaderKey(key)
	return name, slices.Contains(replyHeaders, name)
}

// setHeaders copies metadata of a reply to its headers. With the prefix http.TrailerPrefix, it
// copies them to the trailers.
func setHeaders(w http.ResponseWriter, prefix string, md metadata.MD) {
	for key, values := range md {
		if name, ok := outgoingHeader(key); ok {
			w.Header()[prefix+name] = values
		}
	}
}

type peerKey struct{}

// forCall returns a request that has only the headers that its call uses, and the address of
// the client in its context.
func (g *gateway) forCall(r *http.Request) (*http.Request, error) {
	header := http.Header{}
	for _, name := range slices.Concat(callHeaders, otherHeaders) {
		for _, value := range r.Header[name] {
			if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) {
				return nil, fmt.Errorf("the header %s must be ASCII", name)
			}
			header[name] = append(header[name], value)
		}
	}
	r = r.WithContext(context.WithValue(r.Context(), peerKey{}, ClientAddr(r, g.cfg.TrustedProxies)))
	r.Header = header
	return r, nil
}

// peer returns the metadata that tells the gRPC server the address of the client.
func peer(ctx context.Context, _ *http.Request) metadata.MD {
	addr, _ := ctx.Value(peerKey{}).(string)
	return metadata.Pairs(server.PeerKey, addr)
}

// ClientAddr returns the address of the client. This is the address of the connection. If that
// is a trusted proxy, it is the last address in X-Forwarded-For that is not a trusted proxy.
func ClientAddr(r *http.Request, proxies []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		current, err := netip.ParseAddr(host)
		if err != nil || !within(proxies, current) {
			break
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		host = next.Unmap().String()
	}
	return host
}

// within reports whether an address is in one of the networks.
func within(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// hostOf returns the host of host:port or [host]:port, or of a host alone.
func hostOf(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return strings.Trim(addr, "[]")
}
