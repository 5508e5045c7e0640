package driver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/driver"
)

func TestSecretShowsNowhere(t *testing.T) {
	t.Parallel()
	config := struct{ Key driver.Secret }{"sk-value"}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, verb+"\n", config)
		fmt.Fprintf(&out, verb+"\n", config.Key)
	}
	if err := json.NewEncoder(&out).Encode(config); err != nil {
		t.Fatal(err)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("message", "key", config.Key, "config", config)
	}
	for _, form := range []string{"sk-value", fmt.Sprintf("%x", "sk-value")} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret shows:\n%s", out.String())
		}
	}
	if got := string(config.Key); got != "sk-value" {
		t.Errorf("string(secret) = %q", got)
	}
}
