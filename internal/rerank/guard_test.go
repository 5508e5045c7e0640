package rerank

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/guard"
)

// TestPanicFailsTheCall checks that a panic while a request is made becomes an error of the
// call.
func TestPanicFailsTheCall(t *testing.T) {
	t.Parallel()
	c, err := Open(Config{URL: "http://localhost:1", Timeout: time.Minute, MaxTokens: 50})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.wire = wire{
		batch: func(*Client, context.Context) int { return 1 },
		body:  func(string, string, []string) any { panic("odd text") },
	}
	var panicked *guard.PanicError
	if _, err := c.Rerank(t.Context(), "ports", []string{"a", "b"}); !errors.As(err, &panicked) {
		t.Errorf("got error %v", err)
	}
}
