package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestPprof: profiles are served on the loopback interface by default, until the context
// ends.
func TestPprof(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var out output
	ended := make(chan error, 1)
	go func() { ended <- servePprof(ctx, slog.New(slog.NewTextHandler(&out, nil)), ":0") }()
	var match []string
	eventually(t, func() bool {
		match = regexp.MustCompile(`url=(http://127\.0\.0\.1:\S+)`).FindStringSubmatch(out.String())
		return match != nil
	})
	answer, err := http.Get(match[1] + "heap?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(body), "heap profile") {
		t.Errorf("%.80s, error %v; want a heap profile", body, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := servePprof(t.Context(), slog.New(slog.DiscardHandler), ""); err != nil {
		t.Error(err)
	}
	if err := servePprof(t.Context(), slog.New(slog.DiscardHandler), "6060"); err == nil || !strings.Contains(err.Error(), "--pprof-addr") {
		t.Errorf("error %v; want one that names the flag", err)
	}
}
