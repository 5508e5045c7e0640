package web

import (
	"strings"
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
