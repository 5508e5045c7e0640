package metrics

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// scrape returns the status and the text of an answer.
func scrape(t *testing.T, handler http.Handler) (status int, text string) {
	t.Helper()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return answer.Code, answer.Body.String()
}

// TestManyScrapes: all of many scrapes at the same time are answered, although the source of one
// metric waits until all have arrived, and they share its readings.
func TestManyScrapes(t *testing.T) {
	t.Parallel()
	const clients = 40
	var readings, arrived atomic.Int64
	all := make(chan struct{})
	none := func(context.Context) (map[string]float64, error) { return nil, nil }
	m := New("test")
	m.Watch(Sources{PoolConnections: none, Spaces: none, ServersFailing: none, QueueDocuments: func(ctx context.Context) (map[string]float64, error) {
		readings.Add(1)
		select {
		case <-all:
		case <-ctx.Done():
		}
		return map[string]float64{"PENDING": 1}, nil
	}})
	handler, failed := m.Handler(), make(chan string)
	for range clients {
		go func() {
			if arrived.Add(1) == clients {
				close(all)
			}
			status, text := scrape(t, handler)
			if status == http.StatusOK && strings.Contains(text, `accord_queue_documents{state="PENDING"} 1`) {
				text = ""
			}
			failed <- text
		}()
	}
	for range clients {
		if text := <-failed; text != "" {
			t.Errorf("a scrape is answered with %.200s", text)
		}
	}
	if n := readings.Load(); n > clients/2 {
		t.Errorf("the source was read %d times for %d scrapes", n, clients)
	}
}

// unread is a client that does not read its answer until it is closed.
type unread struct {
	http.ResponseWriter
	begun, end chan struct{}
}

// Write implements http.ResponseWriter.
func (u unread) Write(p []byte) (int, error) {
	close(u.begun)
	<-u.end
	return len(p), nil
}

// TestSlowScrapes: clients that do not read their answers make no others wait, and further scrapes
// are refused only above the maximum.
func TestSlowScrapes(t *testing.T) {
	t.Parallel()
	const slow = 2 * encodedAtOnce
	handler := newScrapes(New("test").registry, slow+1)
	end, ended := make(chan struct{}), make(chan struct{})
	read := func() (begun chan struct{}) {
		begun = make(chan struct{})
		go func() {
			handler.ServeHTTP(unread{httptest.NewRecorder(), begun, end}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
			ended <- struct{}{}
		}()
		return begun
	}
	for range slow {
		<-read()
	}
	if status, text := scrape(t, handler); status != http.StatusOK || !strings.Contains(text, "accord_build_info") {
		t.Errorf("beside slow clients a scrape gets %d, %.200s", status, text)
	}
	<-read()
	if status, _ := scrape(t, handler); status != http.StatusServiceUnavailable {
		t.Errorf("a scrape above the maximum gets %d", status)
	}
	close(end)
	for range slow + 1 {
		<-ended
	}
	if status, _ := scrape(t, handler); status != http.StatusOK {
		t.Errorf("afterwards a scrape gets %d", status)
	}
}
