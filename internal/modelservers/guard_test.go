package modelservers

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/guard"
)

// TestPanicFailsTheQuestion checks that a panic while a server is asked is an error of
// those who wait for the answer.
func TestPanicFailsTheQuestion(t *testing.T) {
	t.Parallel()
	s, err := Open([]Server{{Name: "default", Config: embed.Config{URL: "http://localhost:1"}}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	answer := s.runShared("question", time.Minute, func(context.Context) (any, error) { panic("odd answer") })
	var panicked *guard.PanicError
	if _, err := await(t.Context(), answer); !errors.As(err, &panicked) {
		t.Errorf("got error %v", err)
	}
}

// TestPanicWhileMeasuring checks that a panic while a model is measured is an error. A
// missing encoder panics.
func TestPanicWhileMeasuring(t *testing.T) {
	t.Parallel()
	var panicked *guard.PanicError
	if _, _, err := measure(t.Context(), nil); !errors.As(err, &panicked) {
		t.Errorf("got error %v", err)
	}
}
