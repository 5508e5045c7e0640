package metrics

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestBounded: a scrape beyond the maximum is refused, until another one has ended.
func TestBounded(t *testing.T) {
	t.Parallel()
	running, end := make(chan struct{}), make(chan struct{})
	handler := bounded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		running <- struct{}{}
		<-end
	}), 2)
	status := func() int {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		return answer.Code
	}
	ended := make(chan int)
	for range 2 {
		go func() { ended <- status() }()
		<-running
	}
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("the third scrape gets %d", got)
	}
	close(end)
	for range 2 {
		if got := <-ended; got != http.StatusOK {
			t.Errorf("a scrape within the maximum gets %d", got)
		}
	}
	go func() { <-running }()
	if got := status(); got != http.StatusOK {
		t.Errorf("afterwards a scrape gets %d", got)
	}
}
