package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/referencetexts"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestKilledWhileBuilding: a server that is killed during a build continues it after the
// restart, and embeds nothing twice except what was in flight.
func TestKilledWhileBuilding(t *testing.T) {
	t.Parallel()
	models := newTwoModels(t)
	counting := newCounting(t, &embedtest.Server{Model: "next-model", Dimensions: dimensions["next-model"]})
	models.next = counting.server
	flags := models.flags(t, storetest.URL(t))
	server, addr := serveChild(t, flags...)
	a := newAPI(t, addr)
	texts, before := map[string]bool{}, map[string]bool{}
	for _, text := range referencetexts.Texts("en") {
		before[text] = true
	}
	for i := range reports {
		if err := a.writeReport(t.Context(), i, 0); err != nil {
			t.Fatal(err)
		}
		for paragraph := range strings.SplitSeq(reportText(i, 0), "\n\n") {
			texts[paragraph] = true
		}
	}
	created, err := a.spaces.CreateSpace(t.Context(), &accordv1.CreateSpaceRequest{ModelServer: "next"})
	if err != nil {
		t.Fatal(err)
	}
	// The server is killed once while it embeds the reference texts, which come first, and
	// once while it embeds documents.
	for _, sampled := range []map[string]bool{before, texts} {
		eventually(t, func() bool { once, _ := counting.embeddedOf(sampled); return once > len(sampled)/2 })
		if err := server.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = server.Wait() // it was killed above
		server, addr = serveChild(t, flags...)
		a = newAPI(t, addr)
	}
	waitReady(t, a.spaces, created.GetSpace().GetName())
	for what, sampled := range map[string]map[string]bool{"reference texts": before, "documents": texts} {
		once, again := counting.embeddedOf(sampled)
		if once != len(sampled) || again > counting.most {
			t.Errorf("%s: %d of %d texts were embedded, %d of them twice, with at most %d in flight", what, once, len(sampled), again, counting.most)
		}
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
}

// counting is a slow model server that counts the texts it gets.
type counting struct {
	server *httptest.Server
	mu     sync.Mutex
	asked  map[string]int // texts of all complete requests
	most   int            // maximum number of texts in flight
	flying int
}

func newCounting(t *testing.T, model *embedtest.Server) *counting {
	t.Helper()
	c := &counting{asked: map[string]int{}}
	c.server = embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client disconnected
		}
		var texts struct{ Input []string }
		_ = json.Unmarshal(body, &texts) // texts stay empty for other requests
		c.count(texts.Input)
		time.Sleep(20 * time.Millisecond)
		r.Body = io.NopCloser(bytes.NewReader(body))
		model.ServeHTTP(w, r)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.flying -= len(texts.Input)
	}))
	return c
}

func (c *counting) count(texts []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range texts {
		c.asked[text]++
	}
	c.flying += len(texts)
	c.most = max(c.most, c.flying)
}

// embeddedOf returns how many of the texts were embedded once, and how many more than once.
func (c *counting) embeddedOf(texts map[string]bool) (once, again int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for text := range texts {
		if n := c.asked[text]; n > 0 {
			once++
			again += n - 1
		}
	}
	return once, again
}
