package openai_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/openai"
)

func client(t *testing.T) *http.Client {
	t.Helper()
	c := httpjson.NewClient(8)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestConformance(t *testing.T) {
	t.Parallel()
	httpClient := client(t)
	server := &embedtest.Server{Model: "test-model", OwnedBy: "someone", Dimensions: 16}
	embedtest.Run(t, embedtest.Subject{
		Model: server.Model, Dimensions: server.Dimensions,
		Info: driver.Info{
			Models: []driver.Model{{ID: server.Model, OwnedBy: server.OwnedBy}},
			Limits: driver.Limits{MaxBatchInputs: 2048, MaxBatchTokens: 300_000},
		},
		Open: func(_ testing.TB, base *url.URL, key driver.Secret) driver.Driver {
			return openai.New(openai.Config{Endpoint: httpjson.Endpoint{Base: base, APIKey: key, HTTP: httpClient}})
		},
		Well:   embedtest.Well(server),
		Faults: embedtest.HTTPFaults(embedtest.Refusal, embedtest.MalformedEmbeddings),
	})
}

func TestEmbedSends(t *testing.T) {
	t.Parallel()
	fake := &embedtest.Server{Model: "test-model", Dimensions: 4}
	base, err := url.Parse(embedtest.Serve(t, fake).URL)
	if err != nil {
		t.Fatal(err)
	}
	d := openai.New(openai.Config{Endpoint: httpjson.Endpoint{Base: base, APIKey: "sk-1", HTTP: client(t)}})
	if _, err := d.Embed(t.Context(), driver.Request{Model: "m", Texts: []string{"a"}, Input: driver.Passage}); err != nil {
		t.Fatal(err)
	}
	want := []embedtest.Request{{Model: "m", Input: []string{"a"}, EncodingFormat: "float", Authorization: "Bearer sk-1"}}
	if diff := cmp.Diff(want, fake.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestBasePath(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                      "/v1/embeddings",
		"/":                     "/v1/embeddings",
		"/v1":                   "/v1/embeddings",
		"/v1/":                  "/v1/embeddings",
		"/api/openai":           "/api/openai/embeddings",
		"/deploy?version=2024a": "/deploy/embeddings?version=2024a",
	} {
		var got string
		server := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.String()
			embedtest.Answer(http.StatusOK, `{"data":[{"index":0,"embedding":[1]}]}`).ServeHTTP(w, r)
		}))
		u, err := url.Parse(server.URL + base)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := openai.New(openai.Config{Endpoint: httpjson.Endpoint{Base: u, HTTP: client(t)}}).Embed(t.Context(), driver.Request{Texts: []string{"a"}}); err != nil {
			t.Errorf("base %q: %v", base, err)
		}
		if got != want {
			t.Errorf("base %q: asked for %q, want %q", base, got, want)
		}
	}
}

func TestDescribeWithoutList(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed} {
		u, err := url.Parse(embedtest.Serve(t, embedtest.Answer(status, "no")).URL)
		if err != nil {
			t.Fatal(err)
		}
		info, err := openai.New(openai.Config{Endpoint: httpjson.Endpoint{Base: u, HTTP: client(t)}}).Describe(t.Context(), "")
		if err != nil || len(info.Models) != 0 {
			t.Errorf("status %d: got %v, %v, want no models and no error", status, info, err)
		}
	}
}

func TestDescribeLimits(t *testing.T) {
	t.Parallel()
	u := embedtest.ServeURL(t, embedtest.Answer(http.StatusOK, `{"data":[
		{"id":"chat","max_model_len":32768},
		{"id":"vllm","max_model_len":8192},
		{"id":"llama","meta":{"n_ctx_train":512,"n_ctx":4096}},
		{"id":"untold","meta":null}
	]}`))
	d := openai.New(openai.Config{Endpoint: httpjson.Endpoint{Base: u, HTTP: client(t)}})
	for model, want := range map[string]int{"": 32768, "vllm": 8192, "llama": 512, "untold": 0, "not listed": 0} {
		info, err := d.Describe(t.Context(), model)
		if err != nil || info.Limits.MaxTokens != want {
			t.Errorf("model %q: %d tokens, error %v, want %d", model, info.Limits.MaxTokens, err, want)
		}
	}
	only := embedtest.ServeURL(t, embedtest.Answer(http.StatusOK, `{"data":[{"id":"/models/a.gguf","meta":{"n_ctx_train":512}}]}`))
	d = openai.New(openai.Config{Endpoint: httpjson.Endpoint{Base: only, HTTP: client(t)}})
	if info, err := d.Describe(t.Context(), "another name"); err != nil || info.Limits.MaxTokens != 512 {
		t.Errorf("the only model: %d tokens, error %v, want 512", info.Limits.MaxTokens, err)
	}
}
