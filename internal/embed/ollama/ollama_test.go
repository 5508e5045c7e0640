package ollama_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/ollama"
)

func open(t testing.TB, base *url.URL, key driver.Secret) driver.Driver {
	t.Helper()
	httpClient := httpjson.NewClient(8)
	t.Cleanup(httpClient.CloseIdleConnections)
	return ollama.New(httpjson.Endpoint{Base: base, APIKey: key, HTTP: httpClient})
}

const (
	tags = `{"models":[{"name":"bge-m3:latest","model":"bge-m3:latest","modified_at":"2025-05-01T10:00:00Z","size":1157672605,
		"digest":"7907646426070047a77226ac3e684fbbe8410524f7b4a74d02837e43f2146bab","details":{"family":"bert"}}]}`
	shown = `{"parameters":"num_ctx                        4096\nstop                           \"x\"",
		"model_info":{"general.architecture":"bert","bert.context_length":8192,"bert.embedding_length":1024},"capabilities":["embedding"]}`
)

func server(t testing.TB, shown http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /api/tags", embedtest.Answer(http.StatusOK, tags))
	mux.Handle("POST /api/show", shown)
	mux.HandleFunc("POST /api/embed", func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Model     string   `json:"model"`
			Input     []string `json:"input"`
			Truncate  *bool    `json:"truncate"`
			KeepAlive string   `json:"keep_alive"`
		}
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.Truncate == nil || *req.Truncate || req.KeepAlive == "" {
			t.Errorf("request %+v, error %v, want one that forbids to truncate and keeps the model", req, err)
		}
		vectors := make([][]float32, len(req.Input))
		for i, text := range req.Input {
			vectors[i] = embedtest.Vector(text, 16)
		}
		embedtest.WriteJSON(w, map[string]any{
			"model": req.Model, "embeddings": vectors, "total_duration": 14143917, "load_duration": 1019500,
			"prompt_eval_count": embedtest.Tokens(req.Input),
		})
	})
	return mux
}

func refusal(_ int, message string) string {
	body, _ := json.Marshal(map[string]string{"error": message})
	return string(body)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	faults := embedtest.HTTPFaults(refusal, map[string]string{
		"no data":     `{}`,
		"too few":     `{"model":"m","embeddings":[[1,0]]}`,
		"too many":    `{"model":"m","embeddings":[[1,0],[1,0],[1,0]]}`,
		"null number": `{"model":"m","embeddings":[[1,null],[1,0]]}`,
		"null vector": `{"model":"m","embeddings":[[1,0],null]}`,
		"NaN":         `{"model":"m","embeddings":[[NaN,0],[1,0]]}`,
	})
	notPulled := refusal(404, `model "bge-m3:latest" not found, try pulling it first`)
	faults = append(faults,
		embedtest.Fault{
			Name: "too long for the model", Start: embedtest.Answers(400, refusal(400, "the input length exceeds the context length")),
			Want: driver.Error{Status: http.StatusBadRequest}, Says: `{"error":"the input length`,
		},
		embedtest.Fault{
			Name: "not pulled", Start: embedtest.Answers(404, notPulled), Want: driver.Error{Status: http.StatusNotFound}, Says: notPulled, Describes: true,
		},
		embedtest.Fault{
			Name: "queue full", Start: embedtest.Answers(503, refusal(503, "server busy, please try again. maximum pending requests exceeded")),
			Want: driver.Error{Status: http.StatusServiceUnavailable, Temporary: true}, Says: `{"error":"server busy`, Describes: true,
		},
		embedtest.Fault{
			Name: "NaN that it cannot write", Start: embedtest.Answers(500, refusal(500, "failed to encode response: json: unsupported value: NaN")),
			Want: driver.Error{Status: http.StatusInternalServerError, Err: driver.ErrMalformed}, Says: `{"error":"failed to encode`,
		},
	)
	embedtest.Run(t, embedtest.Subject{
		Model: "bge-m3:latest", Dimensions: 16,
		Info: driver.Info{
			Models: []driver.Model{{ID: "bge-m3:latest", Revision: "7907646426070047a77226ac3e684fbbe8410524f7b4a74d02837e43f2146bab"}},
			Limits: driver.Limits{MaxTokens: 4096},
		},
		Open: open, Well: embedtest.Well(server(t, embedtest.Answer(http.StatusOK, shown))), Faults: faults,
	})
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, shown string
		want        int
		problem     string
	}{
		{"context alone", `{"model_info":{"nomic-bert.context_length":2048}}`, 2048, ""},
		{"context of the architecture", `{"model_info":{"general.architecture":"gemma3","clip.context_length":77,"gemma3.context_length":2048,"vision.context_length":256}}`, 2048, ""},
		{"contexts of nobody knows what", `{"model_info":{"clip.context_length":77,"gemma3.context_length":2048}}`, 0, ""},
		{"parameter alone", `{"parameters":"num_ctx 1024"}`, 1024, ""},
		{"parameter above the context", `{"parameters":"num_ctx 8192","model_info":{"bert.context_length":512}}`, 512, ""},
		{"parameter that is not a number", `{"parameters":"num_ctx many"}`, 0, ""},
		{"nothing", `{}`, 0, ""},
		{"a chat model", `{"capabilities":["completion","tools"]}`, 0, "the model is for completion, tools"},
	} {
		base := embedtest.ServeURL(t, server(t, embedtest.Answer(http.StatusOK, tc.shown)))
		info, err := open(t, base, "").Describe(t.Context(), "")
		if tc.problem != "" {
			var failure *driver.Error
			if !errors.As(err, &failure) || failure.Status != http.StatusBadRequest || !strings.Contains(err.Error(), tc.problem) {
				t.Errorf("%s: got error %v, want one of status 400 with %q", tc.name, err, tc.problem)
			}
			continue
		}
		if err != nil || info.Limits.MaxTokens != tc.want {
			t.Errorf("%s: got %d tokens, error %v, want %d", tc.name, info.Limits.MaxTokens, err, tc.want)
		}
	}
}

func TestDescribeEmpty(t *testing.T) {
	t.Parallel()
	base := embedtest.ServeURL(t, embedtest.Answer(http.StatusOK, `{"models":[]}`))
	info, err := open(t, base, "").Describe(t.Context(), "")
	if diff := cmp.Diff(driver.Info{}, info); err != nil || diff != "" {
		t.Errorf("error %v, info (-want +got):\n%s", err, diff)
	}
}
