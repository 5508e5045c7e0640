package main

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// pieces are what random requests are made of: values that are right, nearly right, and harmful.
var pieces = strings.Split("|port|digital economy|经济|اقتصاد|🙂|a|default|nowhere|en|zh-Hant|x_|words|meaning|paragraph|1|0|-1|11|99999999999|1-2|0-9|3-1|2-2|0-2147483647|"+
	"2024-01-01|9999-12-31|0000-00-00|%|%ff|%00|\x00|\xff|\r\n|\"'><script>x</script>|javascript:x|//example.org|../..|\u202e|ﷺ|"+strings.Repeat("long ", 500), "|")

// names are the parameters of pages, and unknown ones.
var names = []string{"q", "q", "in", "mode", "language", "source", "kind", "from", "to", "order", "after", "page", "c", "w", "next", "key", "x", ""}

// randomRequest returns the method, the path and the body of a request to a page.
func randomRequest(random *rand.Rand) (method, path, body string) {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	values := url.Values{}
	for range random.IntN(6) {
		values.Add(pick(names...), pick(pieces...))
	}
	path = pick("/", "/", "/read/collections/default/documents/a", "/read/collections/"+url.PathEscape(pick(pieces...))+"/documents/"+url.PathEscape(pick(pieces...)),
		"/login", "/admin", "/logout", "/admin/import", "/assets/"+url.PathEscape(pick(pieces...)), "/"+url.PathEscape(pick(pieces...)))
	query := values.Encode()
	if random.IntN(8) == 0 {
		query = url.PathEscape(pick(pieces...)) + pick("&", ";", "=", "%", "%zz", "#") + query
	}
	return pick("GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE"), path + "?" + query, query
}

// TestRandomRequestsToPages: no request makes the server fail or panic. ACCORD_TEST_REQUESTS is
// the number of requests.
func TestRandomRequestsToPages(t *testing.T) {
	t.Parallel()
	count := 600
	if raw := os.Getenv("ACCORD_TEST_REQUESTS"); raw != "" {
		count, _ = strconv.Atoi(raw)
	}
	w := serveWeb(t)
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w.put(t, "a", map[string]any{"text": unusual, "languageCode": "en"})
	seed := rand.Uint64()
	random, codes := rand.New(rand.NewPCG(seed, 0)), map[int]int{}
	for range count {
		method, path, body := randomRequest(random)
		kind := []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain"}[random.IntN(4)]
		if _, err := url.Parse(path); err != nil {
			continue
		}
		answer, page := w.with("Content-Type", kind).do(t, method, path, body)
		codes[answer.code]++
		if answer.code >= 500 || strings.Contains(page, "<script>x") || strings.HasPrefix(answer.header.Get("Location"), "//") {
			t.Errorf("seed %d: %s %q with %q: %d, %v", seed, method, path, body, answer.code, answer.header)
		}
	}
	if codes[http.StatusOK] < count/10 || codes[http.StatusBadRequest] < count/20 {
		t.Errorf("the requests are not varied enough: %v", codes)
	}
	t.Logf("seed %d: answers by status: %v", seed, codes)
}
