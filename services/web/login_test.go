package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func newSite(t *testing.T) *site {
	t.Helper()
	sealer, err := newSealer()
	if err != nil {
		t.Fatal(err)
	}
	return &site{sealer: sealer}
}

// TestSeal: a cookie gives the credential until the login ends, and only to the process that
// made it. It does not show the credential.
func TestSeal(t *testing.T) {
	s, now := newSite(t), time.Now()
	const key = "accord_id_secret"
	cookie := s.seal(key, now.Add(time.Hour))
	if strings.Contains(cookie, "secret") || s.open(cookie, now) != key {
		t.Errorf("cookie %q opens as %q", cookie, s.open(cookie, now))
	}
	changed := []byte(cookie)
	changed[len(changed)/2] ^= 1
	for what, got := range map[string]string{
		"after the end":      s.open(cookie, now.Add(time.Hour)),
		"of another process": newSite(t).open(cookie, now),
		"changed":            s.open(string(changed), now),
		"cut":                s.open(cookie[:10], now),
		"empty":              s.open("", now),
		"no base64":          s.open("%%%", now),
	} {
		if got != "" {
			t.Errorf("a cookie %s opens as %q", what, got)
		}
	}
}

// TestLocalPath: a login leads only to addresses on this server.
func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{
		"": "/", "/?q=a+b": "/?q=a+b", "/read/collections/a/documents/b?c=1-2#c=1-2": "/read/collections/a/documents/b?c=1-2#c=1-2",
		"https://example.org/": "/", "//example.org/": "/", "/\\example.org": "/", "\\\\example.org": "/", "javascript:alert(1)": "/",
		"example.org": "/", "///example.org": "/", "/%2F/example.org": "/", "http:example.org": "/", "/\x00": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// waitingBody is a form that does not arrive until a channel is closed.
type waitingBody struct {
	waits   *sync.WaitGroup // Done is called when the body is read
	arrives chan struct{}
}

// Read implements io.Reader.
func (b waitingBody) Read([]byte) (int, error) {
	b.waits.Done()
	<-b.arrives
	return 0, io.ErrUnexpectedEOF
}

// TestSlowLogins: login forms that never arrive do not keep others from the pages, and log
// nobody in.
func TestSlowLogins(t *testing.T) {
	pages := newPages(t, func(context.Context) error { return nil })
	var waiting, done sync.WaitGroup
	arrives := make(chan struct{})
	for range maxPages {
		waiting.Add(1)
		r := httptest.NewRequest(http.MethodPost, "/login", waitingBody{&waiting, arrives})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		done.Go(func() {
			w := httptest.NewRecorder()
			if pages.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
				t.Errorf("a form that did not arrive: %d", w.Code)
			}
		})
	}
	waiting.Wait()
	w := httptest.NewRecorder()
	if pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", http.NoBody)); w.Code != http.StatusOK {
		t.Errorf("a page beside them: %d", w.Code)
	}
	close(arrives)
	done.Wait()
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(url.Values{"key": {"accord_id_secret"}, "next": {"/admin"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	if pages.ServeHTTP(w, r); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin" {
		t.Errorf("a form that arrived: %d, %v", w.Code, w.Header())
	}
}
