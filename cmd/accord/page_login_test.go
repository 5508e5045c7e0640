package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// form posts a form, as a page of this origin does unless the header says otherwise, and returns
// the answer. It follows no redirect.
func (w web) form(t *testing.T, path string, values url.Values) head {
	t.Helper()
	w = w.with("Content-Type", "application/x-www-form-urlencoded")
	answer, _ := w.do(t, http.MethodPost, path, values.Encode())
	return answer
}

// logIn returns a visitor who is logged in with a key.
func (w web) logIn(t *testing.T, key string) web {
	t.Helper()
	answer := w.form(t, "/login", url.Values{"key": {key}, "next": {"/?q=port"}})
	cookie, err := http.ParseSetCookie(answer.header.Get("Set-Cookie"))
	if err != nil || answer.code != http.StatusSeeOther || answer.header.Get("Location") != "/?q=port" {
		t.Fatalf("login: %d, %v", answer.code, answer.header)
	}
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.MaxAge <= 0 || strings.Contains(cookie.Value, key) {
		t.Errorf("cookie %v", cookie)
	}
	return w.with("Cookie", cookie.Name+"="+cookie.Value)
}

// serveVisitors starts a server that requires keys, and returns a client that follows no
// redirects.
func serveVisitors(t *testing.T, flags ...string) (web, guarded) {
	t.Helper()
	w := serveWeb(t, append([]string{"--auth", "keys"}, flags...)...)
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return w, guarded{addr: w.addr, database: w.database}
}

// TestLoginOfPages: without a key every page leads to the login, and with a key the visitor may
// do what the key allows.
func TestLoginOfPages(t *testing.T) {
	t.Parallel()
	w, g := serveVisitors(t)
	admin := w.with("Authorization", "Bearer "+g.key(t, "--role", "admin"))
	for _, collection := range []string{"open", "closed"} {
		admin.want(t, http.StatusOK, http.MethodPost, "/v1/collections", `{"collectionId":"`+collection+`"}`)
		admin.want(t, http.StatusOK, http.MethodPut, "/v1/collections/"+collection+"/documents/a", `{"text":"The port opened.","languageCode":"en"}`)
	}
	for _, path := range []string{"/", "/?q=port", "/read/collections/open/documents/a", "/admin"} {
		answer, _ := w.do(t, http.MethodGet, path, "")
		if to, _ := url.Parse(answer.header.Get("Location")); answer.code != http.StatusSeeOther || to.Path != "/login" || to.Query().Get("next") != path {
			t.Errorf("%s without a key: %d, %v", path, answer.code, answer.header)
		}
	}
	for _, key := range []string{"", "wrong", "accord_aaaaaaaaaaaaaaaa_wrong", strings.Repeat("x", 5000), "a\x00b", "schlüssel"} {
		if answer := w.form(t, "/login", url.Values{"key": {key}}); answer.code != http.StatusUnauthorized || answer.header.Get("Set-Cookie") != "" {
			t.Errorf("login with %.20q: %d", key, answer.code)
		}
	}
	key := g.key(t, "--collections", "open")
	reader := w.logIn(t, key)
	if v := reader.open(t, "/?in=open&mode=words&q=port"); len(v.links) != 1 || strings.Contains(v.all, "closed") || !strings.Contains(v.all, "Log out") {
		t.Errorf("a reader sees %s", v.all)
	}
	reader.open(t, "/read/collections/open/documents/a")
	reader.want(t, http.StatusForbidden, http.MethodGet, "/?in=closed&q=port", "")
	reader.want(t, http.StatusForbidden, http.MethodGet, "/read/collections/closed/documents/a", "")
	reader.want(t, http.StatusForbidden, http.MethodGet, "/admin", "")
	if _, report := reader.upload(t, "open", map[string]string{"b.txt": "Words."}); !strings.Contains(report, "Your key does not allow this") {
		t.Errorf("a reader imports: %s", report)
	}
	w.logIn(t, g.key(t, "--role", "write")).open(t, "/admin")

	if answer := reader.form(t, "/logout", nil); !strings.Contains(answer.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("logout: %v", answer.header)
	}
	mustAccord(t, "key", "revoke", "--database-url", g.database, keyID(key))
	time.Sleep(time.Second) // the server caches a key for less than a second
	if answer, _ := reader.do(t, http.MethodGet, "/", ""); answer.code != http.StatusSeeOther {
		t.Errorf("after the key was revoked: %d", answer.code)
	}
}

// TestPostsOfOtherSites: no page of another site can log in, log out or import. A link on another
// site gets a page that opens the address again, from this site.
func TestPostsOfOtherSites(t *testing.T) {
	t.Parallel()
	w, g := serveVisitors(t)
	key := g.key(t, "--role", "write")
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://example.org"} {
		other := w.with(name, value)
		for _, path := range []string{"/login", "/logout", "/admin/import"} {
			if answer := other.form(t, path, url.Values{"key": {key}}); answer.code != http.StatusForbidden || answer.header.Get("Set-Cookie") != "" {
				t.Errorf("%s with %s: %d, %v", path, value, answer.code, answer.header)
			}
		}
	}
	answer, page := w.with("Sec-Fetch-Site", "cross-site").do(t, http.MethodGet, `/?q=%22%3E%3Cscript%3E`, "")
	if answer.code != http.StatusOK || !strings.Contains(page, `http-equiv="refresh"`) || strings.Contains(page, `"><script>`) {
		t.Errorf("a link of another site: %d, %s", answer.code, page)
	}
}

// TestLoginCookieWithTLS: with TLS, browsers send the cookie only with TLS. The same holds behind
// a trusted proxy with TLS.
func TestLoginCookieWithTLS(t *testing.T) {
	t.Parallel()
	own := newAuthority(t).issue(t, "server")
	w, g := serveVisitors(t, "--tls-cert", own.cert, "--tls-key", own.key)
	pem, err := os.ReadFile(own.ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	w.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	if answer := w.form(t, "/login", url.Values{"key": {g.key(t)}}); !strings.Contains(answer.header.Get("Set-Cookie"), "; Secure") {
		t.Errorf("with TLS: %v", answer.header)
	}
	w, g = serveVisitors(t, "--http-trusted-proxies", "127.0.0.2/32")
	key := url.Values{"key": {g.key(t)}}
	proxied := w.with("X-Forwarded-Proto", "https")
	if answer := proxied.form(t, "/login", key); strings.Contains(answer.header.Get("Set-Cookie"), "; Secure") {
		t.Errorf("a stranger says that it used TLS: %v", answer.header)
	}
	check := w.client.CheckRedirect
	proxied = proxied.from(t, "127.0.0.2")
	proxied.client.CheckRedirect = check
	if answer := proxied.form(t, "/login", key); !strings.Contains(answer.header.Get("Set-Cookie"), "; Secure") {
		t.Errorf("behind a proxy with TLS: %v", answer.header)
	}
}

// TestNamesOfOthers: a web page whose host name was made to resolve to this machine (DNS
// rebinding) can neither read nor import.
func TestNamesOfOthers(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	at, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	for host, code := range map[string]int{"evil.example:" + at.Port(): http.StatusForbidden, "localhost:" + at.Port(): http.StatusOK, at.Host: http.StatusOK} {
		for _, path := range []string{"/", "/admin"} {
			request, err := http.NewRequestWithContext(limited(t), http.MethodGet, w.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			answer, err := w.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Body.Close(); answer.StatusCode != code {
				t.Errorf("%s%s: %d, want %d", host, path, answer.StatusCode, code)
			}
		}
	}
}
