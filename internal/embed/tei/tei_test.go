package tei_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/tei"
)

func open(t testing.TB, base *url.URL, key driver.Secret) driver.Driver {
	t.Helper()
	httpClient := httpjson.NewClient(8)
	t.Cleanup(httpClient.CloseIdleConnections)
	return tei.New(httpjson.Endpoint{Base: base, APIKey: key, HTTP: httpClient})
}

const info = `{"model_id":"intfloat/multilingual-e5-base","model_sha":"835193815a3936a24a0ee7dc9e3d48c1fbb19c55","model_dtype":"float16",
	"model_type":{"embedding":{"pooling":"mean"}},"max_concurrent_requests":512,"max_input_length":514,"max_batch_tokens":16384,
	"max_batch_requests":null,"max_client_batch_size":32,"auto_truncate":true,"tokenization_workers":4,"version":"1.9.3"}`

func server(t testing.TB) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /info", embedtest.Answer(http.StatusOK, info))
	mux.HandleFunc("POST /embed", func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Inputs    []string `json:"inputs"`
			Truncate  *bool    `json:"truncate"`
			Normalize *bool    `json:"normalize"`
		}
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.Truncate == nil || *req.Truncate || req.Normalize == nil || !*req.Normalize {
			t.Errorf("request %+v, error %v, want one that forbids to truncate and asks to normalise", req, err)
		}
		vectors := make([][]float32, len(req.Inputs))
		for i, text := range req.Inputs {
			vectors[i] = embedtest.Vector(text, 16)
		}
		w.Header().Set("x-compute-tokens", strconv.Itoa(embedtest.Tokens(req.Inputs)))
		embedtest.WriteJSON(w, vectors)
	})
	return mux
}

func refusal(status int, message string) string {
	kind := map[int]string{413: "Validation", 422: "Validation", 424: "Backend", 429: "Overloaded", 503: "Unhealthy"}[status]
	body, _ := json.Marshal(map[string]string{"error": message, "error_type": kind})
	return string(body)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	faults := embedtest.HTTPFaults(refusal, map[string]string{
		"object":      `{}`,
		"too few":     `[[1,0]]`,
		"too many":    `[[1,0],[1,0],[1,0]]`,
		"null number": `[[null,0],[1,0]]`,
		"null vector": `[null,[1,0]]`,
		"NaN":         `[[NaN,0],[1,0]]`,
	})
	faults = append(faults, embedtest.Fault{
		Name: "model failed", Start: embedtest.Answers(http.StatusFailedDependency, refusal(424, "out of memory")),
		Want: driver.Error{Status: http.StatusInternalServerError}, Says: `{"error":"out of memory"`,
	})
	embedtest.Run(t, embedtest.Subject{
		Model: "intfloat/multilingual-e5-base", Dimensions: 16,
		Info: driver.Info{
			Models: []driver.Model{{ID: "intfloat/multilingual-e5-base", Revision: "835193815a3936a24a0ee7dc9e3d48c1fbb19c55"}},
			Limits: driver.Limits{MaxTokens: 514, MaxBatchInputs: 32, MaxBatchTokens: 16384, MaxConcurrentInputs: 256, MaxBatchBytes: 1_000_000},
		},
		Open: open, Well: embedtest.Well(server(t)), Faults: faults,
	})
}

// Embed works if a version or a proxy reports no tokens, and if the base URL ends in /v1 as
// for OpenAI's format.
func TestEmbedWithoutTokens(t *testing.T) {
	t.Parallel()
	var path string
	base := embedtest.ServeURL(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		embedtest.Answer(http.StatusOK, `[[1,0]]`).ServeHTTP(w, r)
	})).JoinPath("behind", "v1")
	resp, err := open(t, base, "").Embed(t.Context(), driver.Request{Texts: []string{"a"}})
	if diff := cmp.Diff(driver.Response{Vectors: [][]float32{{1, 0}}}, resp); err != nil || diff != "" {
		t.Errorf("error %v, response (-want +got):\n%s", err, diff)
	}
	if path != "/behind/embed" {
		t.Errorf("asked for %q, want /behind/embed", path)
	}
}
