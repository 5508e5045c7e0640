package metrics_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/accord-search/accord/internal/telemetry/metrics"
)

// none is a source without values.
func none(context.Context) (map[string]float64, error) { return nil, nil }

// TestScrapesShareOneReading: all of many scrapes at the same time are answered, although the
// database answers none of them for a while, and most wait for the same reading of it.
func TestScrapesShareOneReading(t *testing.T) {
	t.Parallel()
	const scrapes = 200
	var reads atomic.Int64
	begun, answer := make(chan struct{}, scrapes), make(chan struct{})
	m := metrics.New("test")
	m.Watch(metrics.Sources{PoolConnections: none, Spaces: none, ServersFailing: none, QueueDocuments: func(ctx context.Context) (map[string]float64, error) {
		begun <- struct{}{}
		select {
		case <-answer:
			return map[string]float64{"PENDING": float64(reads.Add(1))}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}})
	var arrived atomic.Int64
	handler := m.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if arrived.Add(1) == scrapes {
			close(answer)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	var all sync.WaitGroup
	for range scrapes {
		all.Go(func() {
			if err := scraped(server.URL); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(begun); n < 1 || n > scrapes/2 {
		t.Errorf("the source was read %d times for %d scrapes", n, scrapes)
	}
}

// scraped returns an error unless the answer has metrics.
func scraped(url string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || !strings.Contains(string(text), "accord_build_info")) {
		err = fmt.Errorf("status %d: %.100s", answer.StatusCode, text)
	}
	return err
}
