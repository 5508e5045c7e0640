package embed

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

func TestMaxTokens(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, model            string
		configured, told, want int
	}{
		{"nothing known", "m", 0, 0, 512},
		{"reported", "m", 0, 8192, 8192},
		{"known", "bge-m3", 0, 0, 8192},
		{"reported less than known", "bge-m3", 0, 2048, 2048},
		{"known less than reported", "multilingual-e5-small", 0, 514, 512},
		{"configured", "multilingual-e5-small", 256, 514, 256},
		{"configured more", "m", 4096, 512, 4096},
	} {
		mux := http.NewServeMux()
		mux.Handle("GET /v1/models", embedtest.Answer(200, fmt.Sprintf(`{"data":[{"id":%q,"max_model_len":%d}]}`, tc.model, tc.told)))
		mux.Handle("POST /v1/embeddings", embedtest.Answer(200, `{"data":[{"index":0,"embedding":[1,0]}]}`))
		c := open(t, Config{URL: embedtest.Serve(t, mux).URL, MaxTokens: tc.configured})
		profile, err := c.Profile(t.Context())
		if err != nil || profile.MaxTokens != tc.want {
			t.Errorf("%s: %d tokens, error %v, want %d", tc.name, profile.MaxTokens, err, tc.want)
		}
	}
}

func TestDimensions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		model      string
		configured int
		mismatch   bool
		warns      bool
	}{
		{name: "not known", model: "m"},
		{name: "other dimensions than known for the name", model: "bge-m3", warns: true},
		{name: "configured", model: "bge-m3", configured: 8},
		{name: "the server cuts none", model: "bge-m3", configured: 16, mismatch: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			server := &embedtest.Server{Model: tc.model, Dimensions: 8}
			c := open(t, Config{
				URL: embedtest.Serve(t, server).URL, Dimensions: tc.configured, Logger: slog.New(slog.NewTextHandler(&out, nil)),
			})
			profile, err := c.Profile(t.Context())
			switch {
			case tc.mismatch:
				if !errors.Is(err, ErrModelMismatch) || !strings.Contains(err.Error(), "16 dimensions are configured") {
					t.Errorf("got error %v, want %v that names the dimensions", err, ErrModelMismatch)
				}
				return
			case err != nil || profile.Dimensions != 8:
				t.Fatalf("%d dimensions, error %v, want 8", profile.Dimensions, err)
			}
			if got := strings.Contains(out.String(), "expected=1024"); got != tc.warns {
				t.Errorf("warned: %v, want %v:\n%s", got, tc.warns, out.String())
			}
			if _, err := c.EmbedQuery(t.Context(), "q"); err != nil {
				t.Fatal(err)
			}
			for _, req := range server.Requests() {
				if req.Dimensions != tc.configured {
					t.Errorf("%d dimensions are asked for, want %d", req.Dimensions, tc.configured)
				}
			}
		})
	}
}
