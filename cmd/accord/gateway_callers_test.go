package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestHTTPKeys: keys with their roles and collections also apply over HTTP.
func TestHTTPKeys(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--auth", "keys")
	g := guarded{addr: w.addr, database: w.database}
	bearer := func(flags ...string) web { return w.with("Authorization", "Bearer "+g.key(t, flags...)) }
	reader, writer, other := bearer(), bearer("--role", "write"), bearer("--role", "write", "--collections", "other")
	answer, body := w.do(t, http.MethodGet, webNote, "")
	if answer.code != http.StatusUnauthorized || !strings.HasPrefix(answer.header.Get("WWW-Authenticate"), "Bearer") || !strings.Contains(body, "CREDENTIALS_MISSING") {
		t.Errorf("without a key: %d, %v, %s", answer.code, answer.header, body)
	}
	reader.want(t, http.StatusForbidden, http.MethodPut, webNote, `{"text":"One."}`)
	other.want(t, http.StatusForbidden, http.MethodPut, webNote, `{"text":"One."}`)
	writer.want(t, http.StatusOK, http.MethodPut, webNote, `{"text":"One."}`)
	reader.want(t, http.StatusOK, http.MethodGet, webNote, "")
	reader.want(t, http.StatusOK, http.MethodPost, webDocuments+":list", `{"filter":{"conditions":[{"field":"title","exists":false}]}}`)
	w.want(t, http.StatusUnauthorized, http.MethodPost, webDocuments+":list", "{}")
	reader.want(t, http.StatusForbidden, http.MethodPost, webDocuments+":import", "{}\n")
	w.want(t, http.StatusOK, http.MethodGet, "/healthz", "")
}

// TestHTTPCallers: limits apply to the address of the HTTP client. X-Forwarded-For is used only
// if it comes from a trusted proxy.
func TestHTTPCallers(t *testing.T) {
	t.Parallel()
	list := func(w web, code int) { w.want(t, code, http.MethodGet, "/v1/collections", "") }
	w := serveWeb(t, "--max-rate-per-caller", "0.001")
	a, b := w.from(t, "127.0.0.2"), w.from(t, "127.0.0.3")
	list(a, http.StatusOK)
	answer, body := a.with("X-Forwarded-For", "192.0.2.1").do(t, http.MethodGet, "/v1/collections", "")
	if answer.code != http.StatusTooManyRequests || answer.header.Get("Retry-After") == "" || !strings.Contains(body, "RATE_LIMITED") {
		t.Errorf("the second call: %d, %v, %s", answer.code, answer.header, body)
	}
	list(b, http.StatusOK)

	w = serveWeb(t, "--max-rate-per-caller", "0.001", "--http-trusted-proxies", "127.0.0.2/32")
	proxy, stranger := w.from(t, "127.0.0.2"), w.from(t, "127.0.0.3")
	list(proxy.with("X-Forwarded-For", "192.0.2.1"), http.StatusOK)
	list(proxy.with("X-Forwarded-For", "203.0.113.9, 192.0.2.1"), http.StatusTooManyRequests)
	list(proxy.with("X-Forwarded-For", "192.0.2.2"), http.StatusOK)
	list(stranger.with("X-Forwarded-For", "192.0.2.3"), http.StatusOK)
	list(stranger.with("X-Forwarded-For", "192.0.2.4"), http.StatusTooManyRequests)
}

// TestHTTPOrigins: pages of allowed origins may call the API, and others may not.
func TestHTTPOrigins(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--http-cors-origins", "https://app.example")
	app, other := w.with("Origin", "https://app.example"), w.with("Origin", "https://other.example")
	answer, _ := app.do(t, http.MethodPut, webNote, `{"text":"One."}`)
	if answer.code != http.StatusOK || answer.header.Get("Access-Control-Allow-Origin") != "https://app.example" {
		t.Errorf("the origin that is allowed: %d, %v", answer.code, answer.header)
	}
	other.want(t, http.StatusForbidden, http.MethodPut, webNote, `{"text":"Two."}`)
	if answer, _ := other.do(t, http.MethodGet, webNote, ""); answer.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("another origin may read")
	}
}

// TestHTTPTLS: HTTP uses the certificates of gRPC. With mutual TLS, the API needs a client
// certificate, and health does not.
func TestHTTPTLS(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	own, mine := a.issue(t, "server"), a.issue(t, "client")
	w := serveWeb(t, "--tls-cert", own.cert, "--tls-key", own.key, "--tls-client-ca", own.ca)
	ca, err := os.ReadFile(own.ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	with := func(certificates ...tls.Certificate) web {
		w := w
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}, ForceAttemptHTTP2: true}
		t.Cleanup(transport.CloseIdleConnections)
		w.client = &http.Client{Transport: transport}
		return w
	}
	certificate, err := tls.LoadX509KeyPair(mine.cert, mine.key)
	if err != nil {
		t.Fatal(err)
	}
	if answer, body := with(certificate).do(t, http.MethodGet, "/v1/collections", ""); answer.code != http.StatusOK || answer.version != 2 {
		t.Errorf("%d by HTTP/%d: %s", answer.code, answer.version, body)
	}
	with().want(t, http.StatusUnauthorized, http.MethodGet, "/v1/collections", "")
	with().want(t, http.StatusOK, http.MethodGet, "/healthz", "")
}

// TestHTTPImport: each line is answered in order while the import runs. If the import ends
// early, the last line says why.
func TestHTTPImport(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	lines, send := io.Pipe()
	request, err := http.NewRequestWithContext(limited(t), http.MethodPost, w.url+webDocuments+":import", lines)
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	line := func(text string) {
		go func() { _, err := io.WriteString(send, text+"\n"); sent <- err }()
	}
	line("broken")
	answer, err := w.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	results := bufio.NewScanner(answer.Body)
	result := func(want string) {
		t.Helper()
		if !results.Scan() || !strings.Contains(results.Text(), want) {
			t.Errorf("%q, %v; want %q", results.Text(), results.Err(), want)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
	result("line 1 is not JSON")
	for i := range 3 {
		line(fmt.Sprintf(`{"name":"collections/default/documents/d%d","text":"Trade grew."}`, i))
		result(fmt.Sprintf("d%d", i))
	}
	line(`{"name":"collections/default/documents/d3"}`)
	result("WRITE_OUTCOME_FAILED")
	if err := send.Close(); err != nil {
		t.Fatal(err)
	}
	if results.Scan() || answer.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("after the end: %q, %v", results.Text(), answer.Header)
	}
	wantLongLineRefused(t, w)
	w.want(t, http.StatusBadRequest, http.MethodPost, "/v1/collections/NONE/documents:import", "")
}

// wantLongLineRefused checks that a line which is too long ends an import with an error, after
// the answers to the lines before it. The document d0 must be stored already.
func wantLongLineRefused(t *testing.T, w web) {
	t.Helper()
	body := w.want(t, http.StatusOK, http.MethodPost, webDocuments+":import", `{"name":"collections/default/documents/d0","text":"Trade grew."}`+"\n"+strings.Repeat("x", 49<<20))
	if got := strings.Split(strings.TrimSpace(body), "\n"); len(got) != 2 || !strings.Contains(got[0], "UNCHANGED") || !strings.Contains(got[1], `"error":`) {
		t.Errorf("a line that is too long: %s", body)
	}
}

// TestLargestDocument: a client with the default limits of gRPC can read the largest document
// in parts, and HTTP returns the whole document.
func TestLargestDocument(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--default-timeout", "2m", "--stop-timeout", "1m") // the race detector makes this text slow
	text := strings.Repeat(strings.Repeat("数字经济合作", 20)+".\n\n", 4<<20/364)
	text += strings.Repeat("a", 4<<20-len(text))
	w.want(t, http.StatusOK, http.MethodPut, webNote+"?waitForIndex=false", fmt.Sprintf(`{"text":%q,"languageCode":"zh"}`, text))
	conn, err := grpc.NewClient(w.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var whole strings.Builder
	for start, length := int32(0), int32(1); start < length; {
		part, err := accordv1.NewSearchServiceClient(conn).GetDocument(limited(t), &accordv1.GetDocumentRequest{
			Name: "collections/default/documents/note", TextRange: &accordv1.TextRange{Start: start, End: start + 1_000_000},
		})
		if err != nil {
			t.Fatal(err)
		}
		whole.WriteString(part.GetDocument().GetText())
		start, length = part.GetTextRange().GetEnd(), part.GetTextLength()
	}
	if whole.String() != text {
		t.Errorf("%d bytes of %d", whole.Len(), len(text))
	}
	if body := w.want(t, http.StatusOK, http.MethodGet, webNote, ""); len(body) < len(text) {
		t.Errorf("over HTTP: %d bytes", len(body))
	}
}

// TestHTTPRandomRequests: the server answers every request, and no request makes it fail.
func TestHTTPRandomRequests(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.want(t, http.StatusOK, http.MethodPut, webNote, `{"text":"One."}`)
	address, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	for range 10_000 {
		request := httptest.NewRequest(pick(randomMethods), "/", strings.NewReader(randomBody(random)))
		path := pick(randomPaths) + pick(randomQueries)
		request.RequestURI, request.URL = "", &url.URL{Scheme: "http", Host: address.Host, Opaque: "//" + address.Host + path}
		request.Header.Set(pick(randomHeaders), pick(randomValues))
		answer, err := w.client.Do(request)
		if err != nil {
			if strings.Contains(err.Error(), "invalid") { // the client itself refused it
				continue
			}
			if strings.Contains(err.Error(), ": write: ") { // the server refused it before it read the whole body
				continue
			}
			t.Fatalf("%s %s %v: %v", request.Method, path, request.Header, err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode >= 500 && answer.StatusCode != http.StatusGatewayTimeout { // Grpc-Timeout may cause a 504
			t.Errorf("%s %s %v: %d: %s", request.Method, path, request.Header, answer.StatusCode, body)
		}
	}
	w.ready(t)
}

var (
	randomMethods = []string{"GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"}
	randomPaths   = []string{
		webNote, webNote, webDocuments, webDocuments + ":search", webDocuments + ":search", webDocuments + ":import", webDocuments + ":delete", webDocuments + ":list", webDocuments + ":retryFailed",
		"/v1/collections", "/v1/collections/default", "/v1/collections/default/spaces", "/v1/collections/default/spaces/x", "/v1/collections/default/spaces/x:activate",
		"/v1/collections/default/spaces/x:documentVectors", "/v1/collections/default/ingestStatus", "/v1/collections/%00", "/v1/collections/%e4%bd", "/v1/collections/a%2fb",
		"/v1/collections/../x", "/v1//", "/v1/collections/" + strings.Repeat("a", 3000), "/v1/collections/default/documents/:", "/docs", "/openapi.json", "/metrics", "/v1/:search",
	}
	randomQueries = []string{
		"", "", "", "?pageSize=-1", "?pageSize=9999999999", "?pageSize=2", "?pageToken=x", "?view=9", "?view=DOCUMENT_VIEW_BASIC", "?textRange.start=1&textRange.end=3", "?textRange.end=x",
		"?filter.languages=en", "?filter.metadata[a]=b", "?filter.metadata=b", "?filter.metadata[=b", "?filter.publishedAfter=x", "?filter=x", "?waitForIndex=false", "?force=true", "?etag=x",
		"?document=x&etag=y", "?=", "?&&", "?precondition.etag=x&precondition.mustNotExist=true", "?name=x", "?parent=collections/other", "?document.name=x",
	}
	randomHeaders = []string{"X-A", "Authorization", "If-Match", "If-None-Match", "Grpc-Timeout", "Content-Type", "Accord-Wal-Position", "X-Forwarded-For", "X-HTTP-Method-Override", "Te", "Origin", "Accept", "Grpc-Metadata-Accord-Peer", "Traceparent"}
	randomValues  = []string{"", "x", "*", `"x"`, "1S", "0n", "99999999H", "trailers", "16/B374D848", "127.0.0.1", "DELETE", "application/x-www-form-urlencoded", "Bearer x", "é", "00-1-1-1"}
	randomPieces  = []string{`{`, `}`, `"query"`, `:`, `"x"`, `,`, `[`, `]`, `null`, `1e999`, `-1`, `true`, `"text"`, `"filter"`, `"\ud800"`, "\n", "\xff", `"pageSize"`, `"document"`, `"force"`}
	randomBodies  = []string{
		``, `{}`, `{"query":"port"}`, `{"query":"port","pageToken":"x"}`, `{"text":"Two."}`, `{"text":"` + strings.Repeat("a", 5<<20) + `"}`, `{"name":"collections/default/documents/d","text":"Three."}` + "\n{}\nx",
		`{"query":"port","filter":{"documents":["x"],"kinds":[9,9]}}`, `{"collectionId":"c"}`, `{"collectionId":"c","modelServer":"none"}`, `{"filter":{},"force":false}`, `{"compareQueries":["x"],"minOverlap":1}`,
		strings.Repeat(`{"filter":`, 20000), `{"query":"x","filter":{"conditions":[` + strings.Repeat(`{"noCondition":{"conditions":[`, 3000), `{"query":"x","filter":{"conditions":[{"field":"metadata.n","number":{"gt":1e308}}]},"facets":["kind"],"orderBy":"publish_time"}`, `{"query":"x","diversity":"NaN"}`, `{"query":"x","minRelevance":1e400}`, `{"query":"x","filter":{"publishedAfter":"0000-01-01T00:00:00Z"}}`,
	}
)

// randomBody returns a body that is a valid request, a broken one, or empty.
func randomBody(random *rand.Rand) string {
	if body := randomBodies[random.IntN(len(randomBodies))]; random.IntN(3) > 0 && (len(body) < 1000 || random.IntN(50) == 0) {
		return body
	}
	var body strings.Builder
	for range random.IntN(12) {
		body.WriteString(randomPieces[random.IntN(len(randomPieces))])
	}
	return body.String()
}
