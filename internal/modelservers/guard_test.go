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

// TestPanicFailsTheQuestion checks that if asking a server panics, all who wait for the
// answer get an error.
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

// TestPanicWhileMeasuring checks that a panic while a model is measured becomes an error. A
// missing encoder causes the panic.
func TestPanicWhileMeasuring(t *testing.T) {
	t.Parallel()
	var panicked *guard.PanicError
	if _, _, err := measure(t.Context(), nil); !errors.As(err, &panicked) {
		t.Errorf("got error %v", err)
	}
}
