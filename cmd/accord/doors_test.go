package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// doorsOf has a request for each HTTP API that reads a collection.
var doorsOf = map[string]struct{ path, body string }{
	"HTTP":           {"/v1/collections/%s/documents:search", storeSearch},
	"MCP":            {"/mcp", mcpSearch},
	"OpenAI's shape": {"/v1/vector_stores/%s/search", storeSearch},
}

// leak matches what an answer to a stranger must not contain: addresses, SQL, and names of
// libraries or of Go files.
var leak = regexp.MustCompile(`(?i)postgres|pgx|SQLSTATE|select |127\.0\.0\.1|localhost|embedding_url|\.go:|goroutine|jose|sha-?256`)

// knock searches a collection with one of the HTTP APIs in doorsOf. It returns the status, or 403
// if MCP says that access to the collection is denied, and the body of the answer.
func (w web) knock(t *testing.T, door, collection string) (int, string) {
	t.Helper()
	path, body := doorsOf[door].path, doorsOf[door].body
	if strings.Contains(path, "%s") {
		path = fmt.Sprintf(path, collection)
	} else {
		body = fmt.Sprintf(body, collection)
	}
	answer, content := w.do(t, http.MethodPost, path, body)
	if answer.code == http.StatusOK && strings.Contains(content, `"isError":true`) {
		answer.code = http.StatusForbidden
	}
	return answer.code, content
}

// TestRefusedAtEveryDoor: gRPC, HTTP, MCP, OpenAI's shape and the pages refuse the same callers,
// and their answers reveal nothing internal.
func TestRefusedAtEveryDoor(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	w, g := serveVisitors(t, append(p.flags(t), "--auth", "keys,oidc")...)
	w = w.forAgents()
	for what, test := range map[string]struct {
		credential string
		http       int
		grpc       codes.Code
	}{
		"no credential":      {"", http.StatusUnauthorized, codes.Unauthenticated},
		"a made-up key":      {"accord_" + strings.Repeat("a", 16) + "_" + strings.Repeat("a", 52), http.StatusUnauthorized, codes.Unauthenticated},
		"an expired key":     {g.key(t, "--expires-in", "1ns"), http.StatusUnauthorized, codes.Unauthenticated},
		"an expired token":   {p.token(t, map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), http.StatusUnauthorized, codes.Unauthenticated},
		"another audience":   {p.token(t, map[string]any{"aud": "other"}), http.StatusUnauthorized, codes.Unauthenticated},
		"alg none":           {unsigned, http.StatusUnauthorized, codes.Unauthenticated},
		"HS256":              {p.sign(t, jose.HS256, []byte(p.public), nil), http.StatusUnauthorized, codes.Unauthenticated},
		"another collection": {g.key(t, "--role", "admin", "--collections", "news"), http.StatusForbidden, codes.PermissionDenied},
		"a token's other":    {p.token(t, map[string]any{"accord_collections": "news"}), http.StatusForbidden, codes.PermissionDenied},
	} {
		if err := g.dial(t, test.credential).find(t, "collections/default"); status.Code(err) != test.grpc || leak.MatchString(err.Error()) {
			t.Errorf("%s over gRPC: %v", what, err)
		}
		caller := w
		if test.credential != "" {
			caller = w.with("Authorization", "Bearer "+test.credential)
		}
		for door := range doorsOf {
			code, content := caller.knock(t, door, "default")
			if code != test.http || leak.MatchString(content) || test.credential != "" && strings.Contains(content, test.credential) {
				t.Errorf("%s over %s: %d, %s", what, door, code, content)
			}
		}
		wantLoginRefused(t, w, what, test.credential, test.http)
	}
}

// wantLoginRefused checks that a credential opens no page of the collection default.
func wantLoginRefused(t *testing.T, w web, what, credential string, code int) {
	t.Helper()
	answer := w.form(t, "/login", url.Values{"key": {credential}})
	if code == http.StatusUnauthorized {
		if answer.code != code || answer.header.Get("Set-Cookie") != "" {
			t.Errorf("%s logs in: %d, %v", what, answer.code, answer.header)
		}
		return
	}
	cookie, err := http.ParseSetCookie(answer.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	page, content := w.with("Cookie", cookie.Name+"="+cookie.Value).do(t, http.MethodGet, "/?in=default&q=port", "")
	if page.code != code || leak.MatchString(strings.ReplaceAll(content, w.url, "")) {
		t.Errorf("%s sees a page: %d, %s", what, page.code, content)
	}
}

// TestRevokedAtEveryDoor: a second after a key is revoked, every API refuses it, even on
// connections that are already open.
func TestRevokedAtEveryDoor(t *testing.T) {
	t.Parallel()
	w, g := serveVisitors(t)
	key := g.key(t)
	c, reader := g.dial(t, key), w.forAgents().with("Authorization", "Bearer "+key)
	refused(t, "before, over gRPC", c.find(t, ""), codes.OK, "")
	for door := range doorsOf {
		if code, content := reader.knock(t, door, "default"); code != http.StatusOK {
			t.Fatalf("before, over %s: %d, %s", door, code, content)
		}
	}
	mustAccord(t, "key", "revoke", "--database-url", g.database, keyID(key))
	time.Sleep(time.Second)
	refused(t, "after, over gRPC", c.find(t, ""), codes.Unauthenticated, "CREDENTIALS_INVALID")
	for door := range doorsOf {
		if code, content := reader.knock(t, door, "default"); code != http.StatusUnauthorized {
			t.Errorf("after, over %s: %d, %s", door, code, content)
		}
	}
}

// TestHTTPWrongCertificate: with mutual TLS, every HTTP API refuses a certificate of another
// authority.
func TestHTTPWrongCertificate(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	own, wrong := a.issue(t, "server"), newAuthority(t).issue(t, "client")
	w := serveWeb(t, "--tls-cert", own.cert, "--tls-key", own.key, "--tls-client-ca", own.ca).forAgents()
	roots := x509.NewCertPool()
	ca, err := os.ReadFile(own.ca)
	if err != nil {
		t.Fatal(err)
	}
	roots.AppendCertsFromPEM(ca)
	certificate, err := tls.LoadX509KeyPair(wrong.cert, wrong.key)
	if err != nil {
		t.Fatal(err)
	}
	for what, always := range map[string]bool{"offered": false, "sent although the server names another authority": true} {
		config := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}}
		if always {
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate, nil }
		}
		transport := &http.Transport{TLSClientConfig: config}
		t.Cleanup(transport.CloseIdleConnections)
		for _, path := range []string{"/v1/collections", "/v1/vector_stores", "/mcp", "/", "/admin"} {
			request, err := http.NewRequestWithContext(limited(t), http.MethodGet, w.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := (&http.Client{Transport: transport}).Do(request)
			if err != nil { // the server ended the handshake
				continue
			}
			if answer.Body.Close(); answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("a wrong certificate, %s: %s answers %d", what, path, answer.StatusCode)
			}
		}
	}
}
