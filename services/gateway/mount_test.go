package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// TestOtherHosts: a page whose host name was made to resolve to this machine reaches neither
// the API nor what is mounted beside it. A proxy that the operator trusts does.
func TestOtherHosts(t *testing.T) {
	t.Parallel()
	conn, err := grpc.NewClient("passthrough:///absent", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	status := func(path, host string, proxies ...netip.Prefix) int {
		api, err := New(t.Context(), Config{
			Conn: conn, Check: func(context.Context, string) error { return nil }, TrustedProxies: proxies, Logger: slog.New(slog.DiscardHandler),
			Mounts: []Mount{{Patterns: []string{"/v1/mounted/"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		s := httptest.NewServer(api)
		defer s.Close()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	const absent = "/v1/absent"
	for host, want := range map[string]int{"localhost:80": http.StatusNotFound, "127.0.0.1": http.StatusNotFound, "[::1]:8080": http.StatusNotFound, "evil.example": http.StatusForbidden} {
		if got := status(absent, host); got != want {
			t.Errorf("%s for %s: %d, want %d", absent, host, got, want)
		}
	}
	if got := status("/v1/mounted/x", "evil.example"); got != http.StatusForbidden {
		t.Errorf("what is mounted: %d", got)
	}
	if got := status(absent, "accord.example", netip.MustParsePrefix("127.0.0.0/8")); got != http.StatusNotFound {
		t.Errorf("from a trusted proxy: %d", got)
	}
}
