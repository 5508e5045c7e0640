package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// web is a client of a server's HTTP address.
type web struct {
	addr, url, database string
	client              *http.Client
	header              http.Header // sent with each request
}

func serveWeb(t *testing.T, flags ...string) web {
	t.Helper()
	w := web{database: storetest.URL(t), client: &http.Client{Transport: &http.Transport{}}, header: http.Header{}}
	t.Cleanup(w.client.CloseIdleConnections)
	addr, log := serveLogged(t, append([]string{
		"--database-url", w.database, "--embedding-url", embedtest.Serve(t, newModel()).URL, "--http-addr", "127.0.0.1:0",
	}, flags...)...)
	eventually(t, func() bool { return metricsURL.MatchString(log.String()) })
	w.addr, w.url = addr, metricsURL.FindStringSubmatch(log.String())[1]
	return w
}

// from returns a client that calls from another address of the loopback interface.
func (w web) from(t *testing.T, ip string) web {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	w.client = &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	t.Cleanup(w.client.CloseIdleConnections)
	return w
}

// with returns a client that also sends a header.
func (w web) with(name, value string) web {
	w.header = maps.Clone(w.header)
	w.header.Set(name, value)
	return w
}

// head is the status and the header of an answer.
type head struct {
	code, version int
	header        http.Header
}

// do sends a request and returns the answer and its body.
func (w web) do(t *testing.T, method, path, body string) (head, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(limited(t), method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(request.Header, w.header)
	answer, err := w.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return head{answer.StatusCode, answer.ProtoMajor, answer.Header}, string(content)
}

// want sends a request, checks the status of the answer, and returns its body.
func (w web) want(t *testing.T, code int, method, path, body string) string {
	t.Helper()
	answer, content := w.do(t, method, path, body)
	if answer.code != code {
		t.Errorf("%s %s: %d, want %d: %s", method, path, answer.code, code, content)
	}
	return content
}

// ready waits until the server says that it is ready. It is not ready at first, and its health
// check may be late on a busy machine.
func (w web) ready(t *testing.T) {
	t.Helper()
	eventually(t, func() bool {
		answer, _ := w.do(t, http.MethodGet, "/readyz", "")
		return answer.code == http.StatusOK
	})
}

const (
	webDocuments = "/v1/collections/default/documents"
	webNote      = webDocuments + "/note"
)

// TestHTTPAnswersAsGRPC: replies and errors are the same as with gRPC, and a page token from one
// works with the other.
func TestHTTPAnswersAsGRPC(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	var lines string
	for n, id := range []string{"a", "b", "c"} {
		lines += fmt.Sprintf(`{"name":"collections/default/documents/%s","text":"The port of Chancay opened in 2024.","languageCode":"en","source":"s","metadata":{"n":"%d"}}`+"\n", id, n)
	}
	w.want(t, http.StatusOK, http.MethodPost, webDocuments+":import", lines) // waits for the calibration, so that scores stay the same
	conditions := &accordv1.Filter{Conditions: []*accordv1.Condition{
		{Field: "metadata.n", Test: &accordv1.Condition_Number{Number: &accordv1.NumberRange{Gt: proto.Float64(.5)}}},
		{Field: "source", Test: &accordv1.Condition_NoneOf{NoneOf: &accordv1.Values{Values: []string{"other"}}}},
	}}
	c, ctx := dialWith(t, clientFlags{Addr: w.addr}), limited(t)
	first, err := c.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{PageSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	token := first.GetNextPageToken()
	for _, test := range []callOfBoth{
		{http.MethodPost, webDocuments + ":search", `{"query":"port of Chancay","pageSize":2}`, &accordv1.SearchResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.search.Search(ctx, &accordv1.SearchRequest{Query: "port of Chancay", PageSize: 2})
		}},
		{http.MethodPost, webDocuments + ":search", `{"query":"","page_size":-1}`, nil, func(ctx context.Context) (proto.Message, error) {
			return c.search.Search(ctx, &accordv1.SearchRequest{PageSize: -1})
		}},
		{http.MethodGet, webDocuments + "/a", "", &accordv1.GetDocumentResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: "collections/default/documents/a"})
		}},
		{http.MethodGet, webDocuments + "/absent", "", nil, func(ctx context.Context) (proto.Message, error) {
			return c.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: "collections/default/documents/absent"})
		}},
		{http.MethodGet, webDocuments + "?pageSize=2&pageToken=" + token, "", &accordv1.ListDocumentsResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{PageSize: 2, PageToken: token})
		}},
		{http.MethodGet, webDocuments + "?filter.sources=s&filter.metadata[x]=y", "", &accordv1.ListDocumentsResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{Filter: &accordv1.Filter{Sources: []string{"s"}, Metadata: map[string]string{"x": "y"}}})
		}},
		{http.MethodPost, webDocuments + ":list", `{"pageSize":2,"filter":{"conditions":[{"field":"metadata.n","number":{"gt":0.5}},{"field":"source","noneOf":{"values":["other"]}}]}}`, &accordv1.ListDocumentsResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{PageSize: 2, Filter: conditions})
		}},
		{http.MethodPost, webDocuments + ":list", `{"pageSize":2,"pageToken":"` + token + `"}`, &accordv1.ListDocumentsResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{PageSize: 2, PageToken: token})
		}},
		{http.MethodPost, webDocuments + ":list", `{"filter":{"conditions":[{"field":"size","exists":true},{}]}}`, nil, func(ctx context.Context) (proto.Message, error) {
			return c.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{Filter: &accordv1.Filter{Conditions: []*accordv1.Condition{{Field: "size", Test: &accordv1.Condition_Exists{Exists: true}}, {}}}})
		}},
		{http.MethodPost, webDocuments + ":search", `{"query":"port of Chancay","filter":{"conditions":[{"field":"metadata.n","exists":true}]},"orderBy":"publish_time desc","facets":["metadata.n","publish_year"]}`, &accordv1.SearchResponse{}, func(ctx context.Context) (proto.Message, error) {
			filter := &accordv1.Filter{Conditions: []*accordv1.Condition{{Field: "metadata.n", Test: &accordv1.Condition_Exists{Exists: true}}}}
			return c.search.Search(ctx, &accordv1.SearchRequest{Query: "port of Chancay", Filter: filter, OrderBy: "publish_time desc", Facets: []string{"metadata.n", "publish_year"}})
		}},
		{http.MethodGet, "/v1/collections/default", "", &accordv1.GetCollectionResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.collections.GetCollection(ctx, &accordv1.GetCollectionRequest{Name: "collections/default"})
		}},
		{http.MethodPost, webDocuments + ":delete", `{"filter":{"sources":["s"]},"validateOnly":true}`, &accordv1.DeleteDocumentsResponse{}, func(ctx context.Context) (proto.Message, error) {
			return c.ingest.DeleteDocuments(ctx, &accordv1.DeleteDocumentsRequest{Filter: &accordv1.Filter{Sources: []string{"s"}}, ValidateOnly: true})
		}},
	} {
		test.compare(ctx, t, w)
	}
	if body := w.want(t, http.StatusOK, http.MethodGet, "/v1/collections/default", ""); !strings.Contains(body, `"documentCount":"3"`) {
		t.Errorf("a number of 64 bits is not a string: %s", body)
	}
}

// callOfBoth is one call over HTTP and over gRPC.
type callOfBoth struct {
	method, path, body string
	reply              proto.Message // empty reply of the method, or nil if the call fails
	call               func(context.Context) (proto.Message, error)
}

// compare checks that both give the same reply or error.
func (c callOfBoth) compare(ctx context.Context, t *testing.T, w web) {
	t.Helper()
	want, err := c.call(ctx)
	got := c.reply
	if err != nil {
		want, got = status.Convert(err).Proto(), &spb.Status{}
	}
	answer, body := w.do(t, c.method, c.path, c.body)
	if e := protojson.Unmarshal([]byte(body), got); e != nil {
		t.Errorf("%s: %v: %s", c.path, e, body)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform(), protocmp.IgnoreMessages(&accordv1.SearchInfo{})); diff != "" { // SearchInfo has durations, which differ
		t.Errorf("%s (-gRPC +HTTP):\n%s", c.path, diff)
	}
	if (err == nil) != (answer.code == http.StatusOK) || answer.header.Get("Accord-Request-Id") == "" || answer.header.Get("Accord-Version") == "" || answer.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: %d, %v", c.path, answer.code, answer.header)
	}
}

// TestHTTPRefuses: each kind of invalid request is refused with its own status.
func TestHTTPRefuses(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	for _, test := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{http.MethodPost, webDocuments + ":search", `{"query":"x","foo":1}`, http.StatusBadRequest, `unknown field`},
		{http.MethodPost, webDocuments + ":search", `{"query":"x"} {}`, http.StatusBadRequest, `not JSON of this method`},
		{http.MethodPost, webDocuments + ":search", "{\"query\":\"\xff\"}", http.StatusBadRequest, `not JSON of this method`},
		{http.MethodGet, webDocuments + "?pagesize=1", "", http.StatusBadRequest, `unknown query parameter`},
		{http.MethodGet, webDocuments + "?pageToken=%ff", "", http.StatusBadRequest, `UTF-8`},
		{http.MethodGet, webDocuments + "?pageSize=x", "", http.StatusBadRequest, `pageSize`},
		{http.MethodGet, webDocuments + "?filter.conditions[0].field=source", "", http.StatusBadRequest, `filter.conditions`},
		{http.MethodGet, webDocuments + "?filter.conditions=source", "", http.StatusBadRequest, `documents:list`},
		{http.MethodGet, webDocuments + "?filter.metadata[a[b]]=c", "", http.StatusBadRequest, `no brackets`},
		{http.MethodGet, webDocuments + "?a=%zz", "", http.StatusBadRequest, `UTF-8`},
		{http.MethodPost, webDocuments + ":search?pageSize=1", `{"query":"x"}`, http.StatusBadRequest, `INVALID_HTTP_REQUEST`},
		{http.MethodPost, webDocuments + ":list?pageSize=1", "", http.StatusBadRequest, `no query parameters`},
		{http.MethodPost, "/v1/collections?collectionId=notes", "{}", http.StatusBadRequest, `no query parameters`},
		{http.MethodGet, "/v1/server?x=y", "", http.StatusBadRequest, `no query parameters`},
		{http.MethodGet, "/v1/collections/default?x=y", "", http.StatusBadRequest, `no query parameters`},
		{http.MethodDelete, "/v1/collections/default/spaces/x?validateOnly=true", "", http.StatusBadRequest, `no query parameters`},
		{http.MethodGet, webDocuments + "?parent=collections/other", "", http.StatusBadRequest, `in the path or the body`},
		{http.MethodPut, webNote + "?document.title=x", `{"text":"x"}`, http.StatusBadRequest, `in the path or the body`},
		{http.MethodPatch, webNote, "{}", http.StatusMethodNotAllowed, "HTTP method"},
		{http.MethodGet, "/v1/absent", "", http.StatusNotFound, "no method has this path"},
		{http.MethodPost, webDocuments + ":search", `{"query":"` + strings.Repeat("x", 17<<20) + `"}`, http.StatusRequestEntityTooLarge, "larger than max"},
		{http.MethodPost, webDocuments + ":search", strings.Repeat("x", 49<<20), http.StatusRequestEntityTooLarge, "size limit"},
		{http.MethodPost, webDocuments + ":import?x=y", "", http.StatusBadRequest, "unknown query parameter"},
	} {
		if body := w.want(t, test.code, test.method, test.path, test.body); !strings.Contains(body, test.says) || json.Unmarshal([]byte(body), &struct{}{}) != nil {
			t.Errorf("%s %s: %s, want %q", test.method, test.path, body, test.says)
		}
	}
	for _, header := range []string{"Origin", "Sec-Fetch-Site"} {
		value := map[string]string{"Origin": "https://example.org", "Sec-Fetch-Site": "cross-site"}[header]
		w.with(header, value).want(t, http.StatusForbidden, http.MethodPost, webDocuments+":retryFailed", "{}")
	}
}

// TestHTTPConditions: If-Match and If-None-Match have the effect of the API's preconditions.
func TestHTTPConditions(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	answer, _ := w.with("If-None-Match", "*").do(t, http.MethodPut, webNote, `{"text":"One."}`)
	etag := answer.header.Get("ETag")
	w.with("If-None-Match", "*").want(t, http.StatusPreconditionFailed, http.MethodPut, webNote, `{"text":"Two."}`)
	w.with("If-Match", `"other"`).want(t, http.StatusPreconditionFailed, http.MethodPut, webNote, `{"text":"Two."}`)
	if answer, body := w.with("If-None-Match", etag).do(t, http.MethodGet, webNote, ""); answer.code != http.StatusNotModified || body != "" || answer.header.Get("ETag") != etag {
		t.Errorf("get what is known: %d, %q, %v", answer.code, body, answer.header)
	}
	w.with("If-Match", etag).want(t, http.StatusOK, http.MethodPut, webNote, `{"text":"Two."}`)
	w.with("If-None-Match", etag).want(t, http.StatusOK, http.MethodGet, webNote, "")
	w.with("If-Match", etag).want(t, http.StatusPreconditionFailed, http.MethodDelete, webNote, "")
	for _, bad := range []string{"*", "x", `W/"x"`, `"x", "y"`} {
		w.with("If-Match", bad).want(t, http.StatusBadRequest, http.MethodDelete, webNote, "")
	}
	for _, path := range []string{"/v1/collections/default", "/v1/collections/default/spaces/x"} { // only documents have ETags
		w.with("If-Match", `"x"`).want(t, http.StatusBadRequest, http.MethodDelete, path, "")
	}
	answer, _ = w.do(t, http.MethodGet, webNote, "")
	w.with("If-Match", answer.header.Get("ETag")).want(t, http.StatusOK, http.MethodDelete, webNote, "")
	w.want(t, http.StatusNotFound, http.MethodGet, webNote, "")
}

// TestHTTPDocs: the page of the API describes the methods and loads nothing from other servers.
func TestHTTPDocs(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--auth", "keys")
	page := w.want(t, http.StatusOK, http.MethodGet, "/docs", "")
	if !strings.Contains(page, "documents:search") || strings.Contains(page, "<script") || strings.Contains(page, "http://") || strings.Contains(page, "https://") {
		t.Errorf("the page:\n%.2000s", page)
	}
	w.want(t, http.StatusOK, http.MethodGet, "/docs.css", "")
	var doc struct{ Paths map[string]any }
	if err := json.NewDecoder(bytes.NewBufferString(w.want(t, http.StatusOK, http.MethodGet, "/openapi.json", ""))).Decode(&doc); err != nil || len(doc.Paths) < 10 {
		t.Errorf("openapi.json: %v, %d paths", err, len(doc.Paths))
	}
}
