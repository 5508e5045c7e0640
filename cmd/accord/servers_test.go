package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/modelservers"
)

func TestServerFile(t *testing.T) {
	t.Setenv("ACCORD_TEST_KEY", "k1")
	folder := t.TempDir()
	keyFile := writeFile(t, folder, "key", "k2\n")
	path := writeFile(t, folder, "servers.yaml", `
servers:
  zed:
    url: tei+http://gpu:8080
    model: BAAI/bge-m3
    query_prefix: ""
    max_tokens: 1024
    dimensions: 256
    api_key_env: ACCORD_TEST_KEY
    batch_inputs: 32
    batch_tokens: 4096
    batch_bytes: 65536
    query_timeout: 1.5s
    passage_timeout: 2m
    max_query_requests: 3
    max_passage_requests: 4
  alpha: {url: http://127.0.0.1:1, passage_prefix: "passage: ", api_key_file: `+keyFile+`}
`)
	empty, passage := "", "passage: "
	want := []modelservers.Server{
		{Name: "zed", Config: embed.Config{
			URL: "tei+http://gpu:8080", Model: "BAAI/bge-m3", QueryPrefix: &empty, MaxTokens: 1024, Dimensions: 256, APIKey: "k1",
			BatchInputs: 32, BatchTokens: 4096, BatchBytes: 65536, QueryTimeout: 1500 * time.Millisecond, PassageTimeout: 2 * time.Minute,
			MaxQueryRequests: 3, MaxPassageRequests: 4,
		}},
		{Name: "alpha", Config: embed.Config{URL: "http://127.0.0.1:1", PassagePrefix: &passage, APIKey: "k2"}},
	}
	got, err := serverFile{path}.read()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
}

// TestFaultyServerFile: errors have the line of the fault.
func TestFaultyServerFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what, content string
		says          []string
	}{
		{"nothing", "", []string{"is empty; it must have the key servers"}},
		{"no YAML", "servers: [", []string{"line 1"}},
		{"a list", "- a", []string{"line 1: the file must be a mapping of keys"}},
		{"unknown key at the top", "server:\n  a: {url: x}", []string{`line 1: unknown key "server"`}},
		{"no servers", "servers:", []string{"line 1: servers must be a mapping of keys"}},
		{"no settings", "servers:\n  a: http://x", []string{`line 2: server "a" must be a mapping of keys`}},
		{"twice", "servers:\n  a: {url: x}\n  a: {url: y}", []string{`line 3: servers has the key "a" twice`}},
		{"a key twice", "servers:\n  a:\n    url: x\n    url: y", []string{`line 4: server "a" has the key "url" twice`}},
		{"unknown key", "servers:\n  a:\n    url: x\n    motel: y", []string{`line 4: server "a": unknown key "motel"; the keys are api_key_env, `}},
		{"the key itself", "servers:\n  a: {url: x, api_key: s3cret}", []string{`unknown key "api_key"`, "api_key_env, api_key_file"}},
		{"no URL", "servers:\n  a: {model: x}", []string{`line 2: server "a": url is missing`}},
		{"text for a number", "servers:\n  a: {url: x, max_tokens: many}", []string{`server "a": max_tokens must be a whole number of at least 0, not "many"`}},
		{"negative", "servers:\n  a: {url: x, dimensions: -1}", []string{`dimensions must be a whole number of at least 0, not "-1"`}},
		{"no unit", "servers:\n  a: {url: x, query_timeout: 5}", []string{`query_timeout must be a duration above 0 such as 5s`}},
		{"no time", "servers:\n  a: {url: x, passage_timeout: 0s}", []string{`passage_timeout must be a duration above 0 such as 5s, not "0s"`}},
		{"list for a text", "servers:\n  a: {url: x, model: [y]}", []string{`server "a": model must be a string`}},
		{"variable that is not set", "servers:\n  a: {url: x, api_key_env: ACCORD_TEST_ABSENT}", []string{`server "a": api_key_env names the variable ACCORD_TEST_ABSENT`}},
		{"file that is not there", "servers:\n  a: {url: x, api_key_file: /absent/key}", []string{`server "a": api_key_file: open /absent/key`}},
		{"empty key", "servers:\n  a: {url: x, api_key_file: " + os.DevNull + "}", []string{os.DevNull + " is empty"}},
		{"two keys", "servers:\n  a: {url: x, api_key_file: a, api_key_env: b}", []string{"api_key_env and api_key_file are both set"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, t.TempDir(), "servers.yaml", test.content)
			_, err := serverFile{path}.read()
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range append(test.says, path) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error has a key: %v", err)
			}
		})
	}
	if _, err := (serverFile{filepath.Join(t.TempDir(), "absent")}).read(); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("missing file: %v", err)
	}
}

// TestServers checks which server is the default.
func TestServers(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:1"
	path := writeFile(t, t.TempDir(), "servers.yaml", "servers:\n  b: {url: "+url+"}\n  a: {url: "+url+"}\n")
	taken := writeFile(t, t.TempDir(), "servers.yaml", "servers:\n  default: {url: "+url+"}\n")
	for _, test := range []struct {
		what  string
		flags embeddingFlags
		want  []string
		says  string
	}{
		{"flags alone", embeddingFlags{EmbeddingURL: url}, []string{"default"}, ""},
		{"file alone", embeddingFlags{EmbeddingServers: path}, []string{"b", "a"}, ""},
		{"both", embeddingFlags{EmbeddingURL: url, EmbeddingServers: path}, []string{"default", "b", "a"}, ""},
		{"of one name", embeddingFlags{EmbeddingURL: url, EmbeddingServers: taken}, nil, `"default": another one has that name`},
		{"neither", embeddingFlags{}, nil, "no model server"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			servers, err := test.flags.open(slog.New(slog.DiscardHandler), nil)
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("error %v, want one with %q", err, test.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(servers.Close)
			if diff := cmp.Diff(test.want, servers.Names()); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}
