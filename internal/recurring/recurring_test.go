package recurring

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestTask checks that only changes of the outcome are logged, and that pauses grow up to a
// bound while the task fails.
func TestTask(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	task := Task{Failure: "not listed", Logger: slog.New(slog.NewTextHandler(&out, nil))}
	broken := errors.New("broken")
	task.Note(t.Context(), nil)
	if out.Len() > 0 || task.Pause(time.Second) != time.Second {
		t.Errorf("after a success: pause %v, log %s", task.Pause(time.Second), &out)
	}
	for range 100 {
		task.Note(t.Context(), broken)
	}
	if got := strings.Count(out.String(), "not listed"); got != 1 || task.Pause(time.Second) != maxFactor*time.Second {
		t.Errorf("after 100 failures: %d lines, pause %v", got, task.Pause(time.Second))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	task.Note(ended, nil)
	if strings.Contains(out.String(), "works again") {
		t.Error("a try that was cut off counts")
	}
	task.Note(t.Context(), nil)
	task.Note(t.Context(), nil)
	if got := strings.Count(out.String(), "works again"); got != 1 || task.Pause(time.Second) != time.Second {
		t.Errorf("when it works again: %d lines, pause %v", got, task.Pause(time.Second))
	}
}
