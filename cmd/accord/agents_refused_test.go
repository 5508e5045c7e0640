package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/driver"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// These are bodies of requests to MCP, the body of a search in OpenAI's shape, and the path of
// the API in that shape.
const (
	mcpInitialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
	mcpSearch     = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"query":"port","collection":"%s"}}}`
	storeSearch   = `{"query":"port"}`
	stores        = "/v1/vector_stores"
)

func (w web) forAgents() web {
	return w.with("Content-Type", "application/json").with("Accept", "application/json, text/event-stream")
}

// TestKeysOfAgents: MCP and OpenAI's shape check keys and their collections as the other
// APIs do.
func TestKeysOfAgents(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--auth", "keys").forAgents()
	g := guarded{addr: w.addr, database: w.database}
	admin := dialWith(t, clientFlags{Addr: w.addr, credentialFlags: credentialFlags{APIKey: driver.Secret(g.key(t, "--role", "admin"))}})
	for _, id := range []string{"news", "laws"} {
		if _, err := admin.collections.CreateCollection(limited(t), &accordv1.CreateCollectionRequest{CollectionId: id}); err != nil {
			t.Fatal(err)
		}
	}
	key := g.key(t, "--collections", "news")
	reader := w.with("Authorization", "Bearer "+key)
	for _, stranger := range []web{w, w.with("Authorization", "Bearer garbage")} {
		for path, body := range map[string]string{"/mcp": mcpInitialize, stores + "/news/search": storeSearch} {
			answer, content := stranger.do(t, http.MethodPost, path, body)
			if answer.code != http.StatusUnauthorized || !strings.HasPrefix(answer.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s without a valid key: %d, %v, %s", path, answer.code, answer.header, content)
			}
		}
		if content := stranger.want(t, http.StatusUnauthorized, http.MethodGet, stores, ""); !strings.Contains(content, `"code":"invalid_api_key"`) {
			t.Errorf("the error of OpenAI's shape: %s", content)
		}
	}
	reader.want(t, http.StatusOK, http.MethodPost, "/mcp", mcpInitialize)
	if content := reader.want(t, http.StatusOK, http.MethodPost, "/mcp", fmt.Sprintf(mcpSearch, "news")); strings.Contains(content, `"isError":true`) {
		t.Errorf("its own collection: %s", content)
	}
	if content := reader.want(t, http.StatusOK, http.MethodPost, "/mcp", fmt.Sprintf(mcpSearch, "laws")); !strings.Contains(content, `"isError":true`) || !strings.Contains(content, "list_collections shows the collections that this key may read") {
		t.Errorf("another collection: %s", content)
	}
	reader.want(t, http.StatusOK, http.MethodPost, stores+"/news/search", storeSearch)
	if content := reader.want(t, http.StatusForbidden, http.MethodPost, stores+"/laws/search", storeSearch); !strings.Contains(content, `"type":"permission_error"`) || !strings.Contains(content, `"COLLECTION_DENIED"`) {
		t.Errorf("another collection: %s", content)
	}
	reader.want(t, http.StatusForbidden, http.MethodGet, stores+"/laws/files/a", "")
	if content := reader.want(t, http.StatusOK, http.MethodGet, stores, ""); !strings.Contains(content, `"news"`) || strings.Contains(content, `"laws"`) {
		t.Errorf("stores: %s", content)
	}
	var out struct{ Collections []struct{ Name string } }
	w.agent(t, key).call(t, "list_collections", nil, &out)
	if len(out.Collections) != 1 || out.Collections[0].Name != "collections/news" {
		t.Errorf("collections: %+v", out)
	}
}

// TestLimitsOfAgents: callers without a key are limited by their address, and a refusal says when
// to try again.
func TestLimitsOfAgents(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--max-rate-per-caller", "0.001").forAgents()
	a, b := w.from(t, "127.0.0.2"), w.from(t, "127.0.0.3")
	a.want(t, http.StatusOK, http.MethodPost, "/mcp", fmt.Sprintf(mcpSearch, "default"))
	if content := a.want(t, http.StatusOK, http.MethodPost, "/mcp", fmt.Sprintf(mcpSearch, "default")); !strings.Contains(content, `"isError":true`) || !strings.Contains(content, "try again in") {
		t.Errorf("the second call: %s", content)
	}
	answer, content := a.do(t, http.MethodGet, stores, "")
	if answer.code != http.StatusTooManyRequests || answer.header.Get("Retry-After") == "" || !strings.Contains(content, `"rate_limit_error"`) {
		t.Errorf("the third call: %d, %v, %s", answer.code, answer.header, content)
	}
	b.want(t, http.StatusOK, http.MethodGet, stores, "")
}

// TestPagesCannotCallAgents: web pages of other origins, and pages whose host name was made to
// resolve to this machine (DNS rebinding), can neither search nor read nor write.
func TestPagesCannotCallAgents(t *testing.T) {
	t.Parallel()
	w := serveWeb(t).forAgents()
	host := func(w web, host, method, path, body string) int {
		request, err := http.NewRequestWithContext(limited(t), method, w.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header, request.Host = w.header, host
		answer, err := w.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for _, name := range []string{"evil.example", "evil.example:8080", "localhost.evil.example"} {
		if code := host(w, name, http.MethodPost, "/mcp", mcpInitialize); code != http.StatusForbidden {
			t.Errorf("MCP for the host %s: %d", name, code)
		}
		if code := host(w, name, http.MethodGet, stores, ""); code != http.StatusForbidden {
			t.Errorf("stores for the host %s: %d", name, code)
		}
		if code := host(w, name, http.MethodPut, webNote, `{"text":"One."}`); code != http.StatusForbidden {
			t.Errorf("a write for the host %s: %d", name, code)
		}
	}
	for _, name := range []string{"localhost", "localhost:1", "127.0.0.1", "[::1]:8080", "10.0.0.1", "host.docker.internal:8080"} {
		if code := host(w, name, http.MethodGet, stores, ""); code != http.StatusOK {
			t.Errorf("stores for the host %s: %d", name, code)
		}
	}
	page := w.with("Origin", "https://evil.example")
	page.want(t, http.StatusForbidden, http.MethodPost, "/mcp", mcpInitialize)
	page.want(t, http.StatusForbidden, http.MethodPost, stores+"/default/search", storeSearch)
	proxied := serveWeb(t, "--http-trusted-proxies", "127.0.0.1/32")
	if code := host(proxied, "search.example", http.MethodGet, stores, ""); code != http.StatusOK {
		t.Errorf("behind a trusted proxy: %d", code)
	}
}

// TestAgentsAreRefused: each kind of invalid request to MCP is refused with its own status or
// error.
func TestAgentsAreRefused(t *testing.T) {
	t.Parallel()
	w := serveWeb(t).forAgents()
	for _, test := range []struct {
		method, body string
		code         int
		says         string
	}{
		{http.MethodPost, "[" + mcpInitialize + "]", http.StatusBadRequest, "one JSON-RPC message per request"},
		{http.MethodPost, "", http.StatusBadRequest, "non-empty body"},
		{http.MethodPost, "{", http.StatusBadRequest, "malformed payload"},
		{http.MethodPost, strings.Repeat(" ", 2<<20) + mcpInitialize, http.StatusRequestEntityTooLarge, "size limit"},
		{http.MethodGet, "", http.StatusMethodNotAllowed, ""},
		{http.MethodDelete, "", http.StatusMethodNotAllowed, ""},
		{http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"drop"}}`, http.StatusOK, "unknown tool"},
		{http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"accord://collections/default/documents/a#c=9-1"}}`, http.StatusOK, "Resource not found"},
		{http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"accord://collections/default/documents/absent"}}`, http.StatusOK, "Resource not found"},
	} {
		if content := w.want(t, test.code, test.method, "/mcp", test.body); !strings.Contains(content, test.says) {
			t.Errorf("%s %.100s: %s, want %q", test.method, test.body, content, test.says)
		}
	}
	w.with("Content-Type", "text/plain").want(t, http.StatusUnsupportedMediaType, http.MethodPost, "/mcp", mcpInitialize)
}

// TestAgentsTakeAnything: whatever a client sends to MCP and to OpenAI's shape, the server does
// not fail.
func TestAgentsTakeAnything(t *testing.T) {
	t.Parallel()
	w := serveWeb(t).forAgents()
	w.want(t, http.StatusOK, http.MethodPut, webNote, `{"text":"The port of Chancay opened in 2024.","metadata":{"a":"1"}}`)
	random := rand.New(rand.NewPCG(7, 15))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	for i := range 20_000 {
		method, path, body := http.MethodPost, "/mcp", randomJSON(random, pick(mcpBodies), mcpPieces)
		if i%2 == 0 {
			method, path, body = pick([]string{"GET", "GET", "POST", "POST", "DELETE"}), pick(storePaths)+pick(storeQueries), randomJSON(random, pick(storeBodies), storePieces)
		}
		request, err := http.NewRequestWithContext(limited(t), method, w.url+path, strings.NewReader(body))
		if err != nil {
			continue // the client itself refuses the path
		}
		request.Header = w.header.Clone()
		request.Header.Set(pick([]string{"X-A", "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name", "Accept", "Mcp-Session-Id"}), pick([]string{"2025-06-18", "2026-07-28", "x", "search", "*/*"}))
		answer, err := w.client.Do(request)
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		content, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode >= 500 || strings.Contains(string(content), "internal error") {
			t.Errorf("%s %s %s: %d: %s", method, path, body, answer.StatusCode, content)
		}
		if strings.HasPrefix(path, stores) && answer.StatusCode >= 400 && !strings.HasPrefix(string(content), `{"error":{`) {
			t.Errorf("%s %s: not an error of OpenAI: %s", method, path, content)
		}
	}
	w.ready(t)
}

var (
	mcpBodies = []string{
		mcpInitialize, fmt.Sprintf(mcpSearch, "default"), `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"query":"port","limit":1,"kinds":["article"],"metadata":{"a":"1"}}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_passages","arguments":{"citations":["accord://collections/default/documents/note#c=1-5"],"context":3}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_document","arguments":{"document":"note","start":3,"limit":2}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_documents","arguments":{"cursor":"x","published_after":"2024-01-01"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"accord://collections/default/documents/note#c=1-5"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{}}`, `{"jsonrpc":"2.0","id":1,"method":"ping"}`, `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`,
	}
	mcpPieces    = []string{`null`, `1`, `-1`, `1e999`, `"x"`, `[]`, `{}`, `true`, `"search"`, `"2026-07-28"`, `"accord://"`, `"#c=999999999-1"`, `"\ud800"`, `[[[[`, "\x00", "\xff", `2147483648`, `0.5`}
	storePaths   = []string{stores, stores + "/default", stores + "/default/search", stores + "/default/search", stores + "/default/files", stores + "/default/files/note", stores + "/default/files/note/content", stores + "/absent", stores + "/A%20B/files", stores + "//", stores + "/default/files/%00", stores + "/default/x/y/z"}
	storeQueries = []string{"", "", "", "?limit=1", "?limit=x", "?limit=-1", "?after=note", "?after=%00", "?before=note&order=desc", "?order=up", "?filter=failed", "?x=y", "?a=%zz"}
	storeBodies  = []string{
		storeSearch, `{"query":["port","note"],"max_num_results":2,"ranking_options":{"ranker":"none","score_threshold":0.1},"rewrite_query":true}`,
		`{"query":"port","filters":{"type":"eq","key":"a","value":"1"}}`, `{"query":"port","filters":{"type":"and","filters":[{"type":"in","key":"accord.language","value":["en"]},{"type":"gte","key":"accord.publish_time","value":1700000000}]}}`,
		`{"query":"port","filters":{"type":"or","filters":[{"type":"ne","key":"a","value":true}]}}`, `{"query":""}`, ``,
	}
	storePieces = []string{`null`, `1`, `-1`, `1e999`, `"x"`, `[]`, `{}`, `true`, `"and"`, `"gt"`, `"accord.kind"`, `1e15`, `"2024-01-01"`, `"\ud800"`, `[[[[`, "\x00", "\xff", `{"type":"and","filters":[]}`}
)

// randomJSON returns JSON in which, half of the time, some values are replaced by others.
func randomJSON(random *rand.Rand, body string, pieces []string) string {
	if random.IntN(2) == 0 {
		return body
	}
	var values []string
	decoder := json.NewDecoder(strings.NewReader(body))
	for {
		at := decoder.InputOffset()
		if _, err := decoder.Token(); err != nil {
			break
		}
		values = append(values, strings.TrimLeft(body[at:decoder.InputOffset()], " ,:"))
	}
	for range random.IntN(3) {
		if len(values) > 0 {
			body = strings.Replace(body, values[random.IntN(len(values))], pieces[random.IntN(len(pieces))], 1)
		}
	}
	return body
}
