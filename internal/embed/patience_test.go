package embed

import (
	"net/http"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// TestCheckBesideFingerprint: health does not wait behind a fingerprint, which a
// busy server takes seconds for.
func TestCheckBesideFingerprint(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	e, err := c.own(t.Context())
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
