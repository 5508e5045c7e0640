package embed

import (
	"net/http"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// TestCheckBesideFingerprint checks that health checks do not wait for a fingerprint,
// which takes a busy server seconds.
func TestCheckBesideFingerprint(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	e, err := c.ownEncoder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked, answer := make(chan struct{}, 2), make(chan struct{})
	instant := &embedtest.Server{Model: "first", Dimensions: 8}
	server.to(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			asked <- struct{}{}
			<-answer
		}
		instant.ServeHTTP(w, r)
	}))
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := e.Fingerprint(t.Context()); err != nil {
			t.Error(err)
		}
	})
	<-asked
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	close(answer)
	wg.Wait()
}
