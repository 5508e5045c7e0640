package modelservers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/space"
)

// patience is how long a test waits for an event.
const patience = 30 * time.Second

// model returns a fast server. All such servers have the same model, whatever its
// name.
func model(name string) *embedtest.Server { return &embedtest.Server{Model: name, Dimensions: 64} }

// socket is a handler that tests can exchange while the server runs.
type socket struct{ handler atomic.Pointer[http.Handler] }

func plugged(h http.Handler) *socket {
	s := &socket{}
	s.plug(h)
	return s
}

func (s *socket) plug(h http.Handler) { s.handler.Store(&h) }

// ServeHTTP implements http.Handler.
func (s *socket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*s.handler.Load()).ServeHTTP(w, r)
}

func down() http.Handler { return embedtest.Answer(http.StatusServiceUnavailable, "loading") }

// named is a server with a name.
type named struct {
	name    string
	handler http.Handler
}

// open returns servers over real connections.
func open(t *testing.T, list ...named) *Servers {
	t.Helper()
	var servers []Server
	for _, n := range list {
		servers = append(servers, Server{n.name, embed.Config{
			URL: "openai+" + embedtest.Serve(t, n.handler).URL, QueryTimeout: time.Second, PassageTimeout: time.Second,
		}})
	}
	s, err := Open(servers, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// offered returns the space that a server with the handler offers, as if it were stored and
// active.
func offered(t *testing.T, name string, handler http.Handler) space.Space {
	t.Helper()
	sp, err := open(t, named{name, handler}).Offer(callContext(t), name)
	if err != nil {
		t.Fatal(err)
	}
	sp.Collection, sp.State, sp.WindowTokens = "talks", space.Active, 0
	return sp
}

func callContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// fingerprints counts how often a server was asked for a certain probe text.
func fingerprints(m *embedtest.Server) (n int) {
	for _, r := range m.Requests() {
		for _, text := range r.Input {
			if strings.HasSuffix(text, "来年の会議は京都で開かれる予定です。") {
				n++
			}
		}
	}
	return n
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:1"
	for _, test := range []struct {
		what    string
		servers []Server
		says    string
	}{
		{"none", nil, "no model server"},
		{"capitals", []Server{{"GPU", embed.Config{URL: url}}}, `"GPU": its name must be`},
		{"empty", []Server{{"", embed.Config{URL: url}}}, "its name must be"},
		{"twice", []Server{{"a", embed.Config{URL: url}}, {"a", embed.Config{URL: url}}}, `"a": another one`},
		{"bad URL", []Server{{"a", embed.Config{URL: url}}, {"b", embed.Config{URL: "gopher://user:s3cret@x"}}}, `"b": `},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			_, err := Open(test.servers, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want one that says %q", err, test.says)
			}
		})
	}
}

func TestOffer(t *testing.T) {
	t.Parallel()
	s := open(t, named{"default", model("m/one")}, named{"bge", model("two")})
	if diff := cmp.Diff([]string{"default", "bge"}, s.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	got, err := s.Offer(callContext(t), "")
	if err != nil {
		t.Fatal(err)
	}
	p := got.Profile
	if p.Model != "m/one" || p.Dimensions != 64 {
		t.Errorf("profile %+v", p)
	}
	want := space.Space{
		ID:    space.Identity{Model: p.Model, Dimensions: 64, MaxTokens: p.MaxTokens, Windowing: space.WindowingSentences}.ID(),
		Model: "m/one", Dimensions: 64, Server: "default", Windowing: space.WindowingSentences,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(space.Space{}, "Profile", "Fingerprint", "WindowTokens")); diff != "" {
		t.Errorf("space (-want +got):\n%s", diff)
	}
	if len(got.Fingerprint) == 0 || len(got.Fingerprint[0]) != 64 || got.WindowTokens < 1 || got.WindowTokens > p.MaxTokens {
		t.Errorf("fingerprint of %d vectors, windows of %d tokens", len(got.Fingerprint), got.WindowTokens)
	}
	if second, err := s.Offer(callContext(t), "bge"); err != nil || second.Model != "two" || second.Server != "bge" {
		t.Errorf("of the second: %+v, error %v", second, err)
	}
	_, err = s.Offer(callContext(t), "absent")
	if !errors.Is(err, space.ErrUnknownServer) || !strings.Contains(err.Error(), "default, bge") {
		t.Errorf("of none: %v", err)
	}
}

// TestServing checks which server is found for a space, and the errors if none is found.
func TestServing(t *testing.T) {
	t.Parallel()
	stored := offered(t, "gpu", model("one"))
	nameless := stored
	nameless.Fingerprint = nil
	for _, test := range []struct {
		what    string
		space   space.Space
		servers []named
		server  string // expected server
		err     error
		says    []string
	}{
		{what: "its own", space: stored, servers: []named{{"default", model("one")}, {"gpu", model("one")}}, server: "gpu"},
		{what: "another name for the model", space: stored, servers: []named{{"default", model("one-gguf")}}, server: "default"},
		{what: "its own is down", space: stored, servers: []named{{"default", model("one")}, {"gpu", down()}}, server: "default"},
		{what: "its own has another model now", space: stored, servers: []named{{"gpu", embedtest.Backwards{Server: model("one")}}, {"b", model("x")}}, server: "b"},
		{
			what: "another model of that name", space: stored, servers: []named{{"gpu", embedtest.Backwards{Server: model("one")}}}, err: space.ErrModelMismatch,
			says: []string{
				"collections/talks was embedded with one (space " + stored.ID, "Dimensions:64", "model server gpu offers one with 64 dimensions (likeness 0.",
				"ACCORD_EMBEDDING_URL", "accord space create",
			},
		},
		{
			what: "other dimensions", space: stored, servers: []named{{"a", &embedtest.Server{Model: "small", Dimensions: 32}}, {"b", embedtest.Backwards{Server: model("two")}}},
			err: space.ErrModelMismatch, says: []string{"model server a offers small with 32 dimensions (", "model server b offers two with 64 dimensions (likeness"},
		},
		{
			what: "one may be it", space: stored, servers: []named{{"gpu", embedtest.Backwards{Server: model("one")}}, {"b", down()}}, err: embed.ErrUnavailable,
			says: []string{"model server gpu offers one", "model server b cannot be asked", "503"},
		},
		{what: "by its id", space: nameless, servers: []named{{"a", model("two")}, {"b", model("one")}}, server: "b"},
		{what: "by its id, none", space: nameless, servers: []named{{"a", model("two")}}, err: space.ErrModelMismatch, says: []string{"model server a offers two with 64 dimensions:"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			s := open(t, test.servers...)
			got, err := s.Serving(callContext(t), test.space)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if err != nil {
				return
			}
			want := test.space
			want.WindowTokens, want.Fingerprint = got.WindowTokens, got.Fingerprint
			if diff := cmp.Diff(want, got); diff != "" || got.WindowTokens < 1 || len(got.Fingerprint) == 0 {
				t.Errorf("windows of %d tokens, space (-want +got):\n%s", got.WindowTokens, diff)
			}
			if found, err := s.providerOf(t.Context(), test.space); err != nil || found.server.name != test.server {
				t.Errorf("served by %+v, error %v, want %s", found, err, test.server)
			}
		})
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	s := open(t, named{"other", embedtest.Backwards{Server: model("one")}}, named{"default", model("one")})
	ctx := callContext(t)
	query, err := s.EmbedQuery(ctx, sp, "ports")
	if diff := cmp.Diff(embedtest.Vector("ports", 64), query); diff != "" || err != nil {
		t.Errorf("query: error %v (-want +got):\n%s", err, diff)
	}
	want := []document.Embedding{{Vector: embedtest.Vector("one", 64)}, {Vector: embedtest.Vector("two", 64)}}
	passages, err := s.EmbedPassages(ctx, sp, []string{"one", "two"})
	if diff := cmp.Diff(want, passages); diff != "" || err != nil {
		t.Errorf("passages: error %v (-want +got):\n%s", err, diff)
	}
	each := make([]document.Embedding, 2)
	err = s.EmbedEach(ctx, sp, []string{"one", "two"}, func(start int, batch []document.Embedding) error {
		copy(each[start:], batch)
		return nil
	})
	if diff := cmp.Diff(want, each); diff != "" || err != nil {
		t.Errorf("each: error %v (-want +got):\n%s", err, diff)
	}
	stranger := sp
	stranger.Fingerprint = slices.Repeat([][]float32{embedtest.Vector("x", 64)}, len(sp.Fingerprint))
	_, queryErr := s.EmbedQuery(ctx, stranger, "x")
	_, passagesErr := s.EmbedPassages(ctx, stranger, []string{"x"})
	eachErr := s.EmbedEach(ctx, stranger, []string{"x"}, nil)
	for _, err := range []error{queryErr, passagesErr, eachErr} {
		if !errors.Is(err, space.ErrModelMismatch) {
			t.Errorf("of a space of the same id and another model: %v", err)
		}
	}
}
