package llamacpp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/llamacpp"
)

const tooLarge = "input (514 tokens) is too large to process. increase the physical batch size (current batch size: 512)"

func open(t testing.TB, base *url.URL, key driver.Secret) driver.Driver {
	t.Helper()
	httpClient := httpjson.NewClient(8)
	t.Cleanup(httpClient.CloseIdleConnections)
	return llamacpp.New(httpjson.Endpoint{Base: base, APIKey: key, HTTP: httpClient})
}

// server simulates llama.cpp's server: OpenAI's format with its own additions.
type server struct {
	openai embedtest.Server
	models string // the answer to GET /v1/models
	props  http.Handler
	refuse http.Handler // answer to a text of more than 512 words
}

func newServer() *server {
	return &server{
		openai: embedtest.Server{Model: "test-model", Dimensions: 16},
		models: `{"models":[{"name":"test-model"}],"object":"list","data":[{"id":"test-model","object":"model","owned_by":"llamacpp",
			"meta":{"vocab_type":4,"n_vocab":250037,"n_ctx":4096,"n_ctx_train":8192,"n_embd":384}}]}`,
		props:  embedtest.Answer(http.StatusOK, `{"default_generation_settings":{"id":0,"n_ctx":2048},"total_slots":4}`),
		refuse: embedtest.Answer(http.StatusInternalServerError, embedtest.Refusal(500, tooLarge)),
	}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1/models":
		_, _ = io.WriteString(w, s.models)
	case "/props":
		s.props.ServeHTTP(w, r)
	default:
		body, _ := io.ReadAll(r.Body)
		var req embedtest.Request
		if json.Unmarshal(body, &req) == nil && embedtest.Tokens(req.Input) > 512 {
			s.refuse.ServeHTTP(w, r)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		s.openai.ServeHTTP(w, r)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	faults := embedtest.HTTPFaults(embedtest.Refusal, embedtest.MalformedEmbeddings)
	for i, message := range []string{tooLarge, "input is too large to process. increase the physical batch size"} {
		body := embedtest.Refusal(500, message)
		faults = append(faults, embedtest.Fault{
			Name: fmt.Sprintf("physical batch %d", i), Start: embedtest.Answers(http.StatusInternalServerError, body),
			Want: driver.Error{Status: http.StatusRequestEntityTooLarge}, Says: body,
		})
	}
	embedtest.Run(t, embedtest.Subject{
		Model: "test-model", Dimensions: 16,
		Info: driver.Info{
			Models: []driver.Model{{ID: "test-model", OwnedBy: llamacpp.Owner}},
			Limits: driver.Limits{MaxTokens: 512, MaxBatchInputs: 2048, MaxBatchTokens: 300_000, MaxConcurrentRequests: 2},
		},
		Open: open, Well: embedtest.Well(newServer()), Faults: faults,
	})
}

func TestMaxTokens(t *testing.T) {
	t.Parallel()
	const entry = `{"data":[{"id":"m","meta":%s}]}`
	for _, tc := range []struct {
		name, meta string
		props      http.Handler
		refuse     http.Handler
		want       int
	}{
		{"nothing reported", `null`, http.NotFoundHandler(), nil, 0},
		{"context of a slot", `{"n_ctx_train":8192}`, embedtest.Answer(200, `{"default_generation_settings":{"n_ctx":1024}}`), embedtest.Answer(400, embedtest.Refusal(400, "request (1026 tokens) exceeds the available context size (1024 tokens)")), 1024},
		{"props that want a key", `{"n_ctx_train":8192}`, embedtest.Answer(401, "no"), refusal(tooLarge), 512},
		{"refusal without number", `{"n_ctx_train":8192}`, http.NotFoundHandler(), refusal("input is too large to process. increase the physical batch size"), 8192},
		{"refusal in other words", `{"n_ctx_train":8192}`, http.NotFoundHandler(), refusal("failed to process the prompt"), 8192},
		{"refusal of another status", `{"n_ctx_train":8192}`, http.NotFoundHandler(), embedtest.Answer(501, "not supported"), 8192},
		{"long texts are taken", `{"n_ctx_train":8192}`, http.NotFoundHandler(), embedtest.Answer(200, `{"data":[{"index":0,"embedding":[1]}]}`), 8192},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newServer()
			s.models, s.props, s.refuse = fmt.Sprintf(entry, tc.meta), tc.props, tc.refuse
			info, err := open(t, embedtest.ServeURL(t, s), "").Describe(t.Context(), "")
			if err != nil || info.Limits.MaxTokens != tc.want {
				t.Errorf("got %d tokens, error %v, want %d", info.Limits.MaxTokens, err, tc.want)
			}
		})
	}
}

func refusal(message string) http.Handler {
	return embedtest.Answer(http.StatusInternalServerError, embedtest.Refusal(500, message))
}

// If the server is unavailable when the driver sends the long text, the driver must not
// conclude that the server has no limit.
func TestDescribeReportsUnavailability(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		refuse http.Handler
		want   driver.Error
	}{
		{"loading", embedtest.Answer(503, embedtest.Refusal(503, "Loading model")), driver.Error{Status: 503, Temporary: true}},
		{"overloaded", embedtest.Answer(429, "later"), driver.Error{Status: 429, Temporary: true}},
		{"no such key", embedtest.Answer(401, "Invalid API Key"), driver.Error{Status: 401}},
		{"a key for other things", embedtest.Answer(403, "no"), driver.Error{Status: 403}},
		{"a gateway before nothing", embedtest.Answer(502, "<html>"), driver.Error{Status: 502}},
		{"no answer", embedtest.Reset(), driver.Error{Temporary: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newServer()
			s.refuse = tc.refuse
			_, err := open(t, embedtest.ServeURL(t, s), "").Describe(t.Context(), "")
			var failure *driver.Error
			if !errors.As(err, &failure) || failure.Status != tc.want.Status || failure.Temporary != tc.want.Temporary {
				t.Errorf("got error %v, want one of status %d, temporary: %v", err, tc.want.Status, tc.want.Temporary)
			}
		})
	}
}

// The batch size is found out once, however often the server is described.
func TestBatchIsLearntOnce(t *testing.T) {
	t.Parallel()
	s := newServer()
	refused := 0
	s.refuse = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused++
		refusal(tooLarge).ServeHTTP(w, r)
	})
	d := open(t, embedtest.ServeURL(t, s), "")
	for range 3 {
		if _, err := d.Describe(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	if refused != 1 {
		t.Errorf("a text was refused %d times, want once", refused)
	}
	s.refuse = refusal(strings.ReplaceAll(tooLarge, "512", "256"))
	d.(driver.Forgetter).Forget()
	if info, err := d.Describe(t.Context(), ""); err != nil || info.Limits.MaxTokens != 256 {
		t.Errorf("after it was forgotten: got %d tokens, error %v, want 256", info.Limits.MaxTokens, err)
	}
}
