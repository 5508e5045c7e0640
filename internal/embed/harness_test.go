package embed

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// open returns a client of the server at url that retries without delay.
func open(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.checks.retry.Pause, c.recovery = time.Millisecond, time.Millisecond
	return c
}

// swap is a handler that tests can exchange while the server runs.
type swap struct{ handler atomic.Pointer[http.Handler] }

func (s *swap) to(handler http.Handler) { s.handler.Store(&handler) }

func (s *swap) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*s.handler.Load()).ServeHTTP(w, r) }

// connected returns a client that is connected with model "first", and its server.
func connected(t *testing.T, cfg Config) (*Client, *swap) {
	t.Helper()
	server := new(swap)
	server.to(&embedtest.Server{Model: "first", Dimensions: 8})
	cfg.URL = embedtest.Serve(t, server).URL
	c := open(t, cfg)
	if _, err := c.Profile(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn := c.connected.Load()
	conn.queries.lane.retry.Pause, conn.passages.lane.retry.Pause = time.Millisecond, time.Millisecond
	return c, server
}

// measure makes a client find out how long texts may be, as the first request for passages
// does.
func measure(t *testing.T, c *Client) {
	t.Helper()
	e, err := c.ownEncoder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.textLimitAndBeyond(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func make40() []string {
	texts := make([]string, 40)
	for i := range texts {
		texts[i] = fmt.Sprintf("text %d", i)
	}
	return texts
}
