package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// at returns a request for a host that arrived at an address of this machine.
func at(host, local string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/v1/collections", http.NoBody)
	r.Host, r.RemoteAddr = host, "127.0.0.1:50000"
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(local))))
}

// TestRebound: only a name that a web site may have is refused, and only on the loopback
// interface without TLS and without a trusted proxy.
func TestRebound(t *testing.T) {
	t.Parallel()
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"evil.example": true, "evil.example:8080": true, "localhost.evil.example": true, "internal.example.": true, "127.0.0.1.example": true, "com": true, "xinternal": true,
		"localhost": false, "LocalHost:8080": false, "localhost.": false, "accord.localhost": false, "127.0.0.1": false, "[::1]:8080": false, "10.0.2.2:8080": false, "": false,
		"host.docker.internal:8080": false, own: false, own + ":8080": false,
	} {
		if got := Rebound(at(host, "127.0.0.1:8080"), false, nil); got != want {
			t.Errorf("%q on the loopback interface: %v", host, got)
		}
		if Rebound(at(host, "192.0.2.1:8080"), false, nil) || Rebound(at(host, "127.0.0.1:8080"), true, nil) || Rebound(at(host, "127.0.0.1:8080"), false, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}) {
			t.Errorf("%q on another interface, with a credential, or from a trusted proxy", host)
		}
	}
	secure := at("search.example", "127.0.0.1:8443")
	if secure.TLS = new(tls.ConnectionState); Rebound(secure, false, nil) {
		t.Error("with TLS")
	}
}

// TestReboundAPI: a web page whose host name was made to resolve to this machine cannot call a
// server that asks for no credential. Callers with credentials may use any name.
func TestReboundAPI(t *testing.T) {
	t.Parallel()
	conn, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
		return nil, errors.New("there is no server")
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for needed, want := range map[bool]int{false: http.StatusForbidden, true: http.StatusServiceUnavailable} {
		api, err := New(t.Context(), Config{Conn: conn, NeedCredential: needed, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for host, code := range map[string]int{"evil.example": want, "localhost": http.StatusServiceUnavailable} {
			w := httptest.NewRecorder()
			api.ServeHTTP(w, at(host, "127.0.0.1:8080"))
			if w.Code != code || strings.Contains(w.Body.String(), "HOST_NOT_ALLOWED") != (code == http.StatusForbidden) {
				t.Errorf("credential needed: %v, host %s: %d, %s", needed, host, w.Code, w.Body)
			}
		}
	}
}
