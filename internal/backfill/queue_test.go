package backfill_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/backfill"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
)

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// count returns how many lines contain a text.
func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// work runs a queue with two workers. It returns a function that stops it, and the log.
func work(t *testing.T, s *store.Store, m *model) (stop func(), log *lines) {
	t.Helper()
	log = &lines{}
	q := backfill.NewQueue(s, m, 2, slog.New(slog.NewTextHandler(log, nil)))
	q.Hasten()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx, m, calibrator{}) })
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(stop)
	return stop, log
}

// enqueue stores a document without vectors.
func enqueue(t *testing.T, s *store.Store, id, text string) {
	t.Helper()
	in := indexed(id, text)
	in.Deferred = true
	replace(t, s, in)
}

// becomes waits until a document has an index state, and returns the document.
func becomes(t *testing.T, s *store.Store, id string, want document.IndexState) document.Document {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		d, err := s.GetDocument(t.Context(), "c", id, true)
		if err != nil {
			t.Fatal(err)
		}
		if d.IndexState == want {
			return d
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s stays %v: %s", id, d.IndexState, d.IndexError)
		}
	}
}

// TestQueueOutage checks that documents wait while the model server fails, and are
// embedded once it works again. Each change is logged once.
func TestQueueOutage(t *testing.T) {
	t.Parallel()
	s, _ := begin(t, 0)
	m := &model{answered: func(int64) error { return errors.New("down") }}
	_, log := work(t, s, m)
	enqueue(t, s, "a", "One.")
	enqueue(t, s, "b", "Two.")
	for deadline := time.Now().Add(10 * time.Second); m.requests.Load() < 6 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if st, err := s.QueueStatus(t.Context(), "c", 1); err != nil || st.Pending != 2 || st.Failed != 0 || m.requests.Load() < 6 {
		t.Errorf("%+v after %d requests, error %v", st, m.requests.Load(), err)
	}
	if n := log.count("WARN"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, &log.text)
	}
	m.mu.Lock()
	m.answered = nil
	m.mu.Unlock()
	becomes(t, s, "a", document.IndexComplete)
	becomes(t, s, "b", document.IndexComplete)
	for deadline := time.Now().Add(5 * time.Second); log.count("INFO") == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := log.count("INFO"); n != 1 {
		t.Errorf("%d lines about the end of the outage, want 1:\n%s", n, &log.text)
	}
}

// TestQueuePoison checks that a document that makes a working model server fail or panic
// fails permanently after several tries, and that the other documents are embedded.
func TestQueuePoison(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		panics bool
		reason string
	}{
		{"error", false, "the model server fails on it, but embeds other texts; see the server's log"},
		{"panic", true, "its vectors could not be made; see the server's log"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := begin(t, 0)
			for i := range 5 {
				enqueue(t, s, fmt.Sprintf("d%d", i), fmt.Sprintf("Text %d.", i))
			}
			enqueue(t, s, "d3", "Poison.")
			work(t, s, &model{poison: "Poison.", panics: test.panics})
			if d := becomes(t, s, "d3", document.IndexFailed); d.IndexError != test.reason {
				t.Errorf("failed with %q", d.IndexError)
			}
			for _, id := range []string{"d0", "d1", "d2", "d4"} {
				becomes(t, s, id, document.IndexComplete)
			}
		})
	}
}

// TestQueueBesideWrites checks that a document that is changed while it is being embedded
// gets the vectors of its new text.
func TestQueueBesideWrites(t *testing.T) {
	t.Parallel()
	s, _ := begin(t, 0)
	enqueue(t, s, "d", "One.\n\nTwo.\n\nThree.")
	m := &model{}
	m.answered = func(requests int64) error {
		if requests == 1 {
			enqueue(t, s, "d", "Written meanwhile.")
		}
		return nil
	}
	work(t, s, m)
	d := becomes(t, s, "d", document.IndexComplete)
	if d.Text != "Written meanwhile." || !slices.Contains(m.texts(), d.Text) {
		t.Errorf("%q is indexed, embedded texts %q", d.Text, m.texts())
	}
}

// TestQueueStops checks that a queue releases its claim at once when it is stopped, and
// that texts with vectors are not embedded again.
func TestQueueStops(t *testing.T) {
	t.Parallel()
	s, _ := begin(t, 0)
	for i := range 10 {
		enqueue(t, s, fmt.Sprintf("d%d", i), fmt.Sprintf("Text %d.", i))
	}
	stopped := make(chan struct{})
	m := &model{answered: func(requests int64) error {
		if requests > 2 {
			<-stopped
			return context.Canceled
		}
		return nil
	}}
	stop, _ := work(t, s, m)
	for m.requests.Load() < 3 {
		time.Sleep(time.Millisecond)
	}
	time.AfterFunc(50*time.Millisecond, func() { close(stopped) })
	stop()
	rest := &model{}
	begun := time.Now()
	work(t, s, rest)
	for i := range 10 {
		becomes(t, s, fmt.Sprintf("d%d", i), document.IndexComplete)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("took %v: the claim was not released", took)
	}
	if n := len(rest.texts()); n != 6 {
		t.Errorf("%d texts embedded after four of ten", n)
	}
}

// TestQueueBesideSpaces checks that queued documents are embedded for the other spaces too.
func TestQueueBesideSpaces(t *testing.T) {
	t.Parallel()
	s, second := begin(t, 2)
	enqueue(t, s, "late", "Late.")
	m := &model{}
	work(t, s, m)
	run(t, s, m, second, ready)
	becomes(t, s, "late", document.IndexComplete)
	if st, err := s.SpaceStatus(t.Context(), "c", "second"); err != nil || st.Documents != 3 || st.Pending != 0 {
		t.Errorf("second space %+v, error %v", st, err)
	}
}
