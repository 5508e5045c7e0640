package main

import (
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	database, model := storetest.Empty(t), embedtest.Serve(t, newModel()).URL

	code, _, errOut := accord(t, "serve", "--grpc-addr", "127.0.0.1:0", "--database-url", database, "--embedding-url", model)
	if code != 1 || !strings.Contains(errOut, "accord migrate") {
		t.Errorf("serve before migrate: exit code %d, %q", code, errOut)
	}
	if out := mustAccord(t, "migrate", "--plan", "--database-url", database); !regexp.MustCompile(`^(would apply \S+\n)+$`).MatchString(out) {
		t.Errorf("plan: %q", out)
	}
	if out := mustAccord(t, "migrate", "--database-url", database); !regexp.MustCompile(`^(applied \S+\n)+$`).MatchString(out) {
		t.Errorf("first migration: %q", out)
	}
	if out := mustAccord(t, "migrate", "--database-url", database); out != "the schema is up to date\n" {
		t.Errorf("second migration: %q", out)
	}
	serve(t, "--database-url", database, "--embedding-url", model)
}

func TestServeOnTakenPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	taken := listener.Addr().String()
	code, _, errOut := accord(t, "serve", "--grpc-addr", taken, "--database-url", storetest.URL(t), "--embedding-url", "http://"+taken)
	if code != 1 || !strings.Contains(errOut, taken) || !strings.Contains(errOut, "--grpc-addr") {
		t.Errorf("exit code %d, %q", code, errOut)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	nobody := freeAddr(t)
	goodDatabase, goodModel := storetest.URL(t), embedtest.Serve(t, newModel()).URL
	server := func(handler http.Handler) string { return embedtest.Serve(t, handler).URL }
	for _, test := range []struct {
		what, database, model string
		code                  int
		says                  []string
	}{
		{"all well", goodDatabase, goodModel, 0, []string{"database: PostgreSQL 1", "pgvector 0.", "model server default: test-model, 32 dimensions", "all well"}},
		{"nothing set", "", "", 1, []string{"set ACCORD_DATABASE_URL", "set ACCORD_EMBEDDING_URL"}},
		{"no schema", storetest.Empty(t), goodModel, 1, []string{"accord migrate", "model server default: test-model"}},
		{"no Postgres", "postgres://user:s3cret@" + nobody + "/x", goodModel, 1, []string{"database: ", "check that ACCORD_DATABASE_URL", "model server default: test-model"}},
		{"no such database", strings.Replace(goodDatabase, "/accord_", "/no_", 1), goodModel, 1, []string{"does not exist", "check that ACCORD_DATABASE_URL"}},
		{"bad database URL", "postgres://user:s3cret@host:port/x", goodModel, 1, []string{"check that ACCORD_DATABASE_URL"}},
		{"no model server", goodDatabase, "http://" + nobody, 1, []string{"database: PostgreSQL", nobody, "names a running server"}},
		{"bad model URL", goodDatabase, "gopher://user:s3cret@x", 1, []string{`scheme "gopher"`}},
		{"no such path", goodDatabase, server(http.NotFoundHandler()), 1, []string{"404", "ACCORD_EMBEDDING_MODEL"}},
		{"no model server but a page", goodDatabase, server(embedtest.Answer(200, "<html>hello")), 1, []string{"hello", "an embedding server of the kind"}},
		{"wrong key", goodDatabase, server(embedtest.Answer(401, "no key")), 1, []string{"401", "ACCORD_EMBEDDING_API_KEY"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			code, out, errOut := accord(t, "doctor", "--addr", nobody, "--database-url", test.database, "--embedding-url", test.model)
			if code != test.code || errOut != "" {
				t.Errorf("exit code %d, want %d; standard error %q", code, test.code, errOut)
			}
			for _, part := range test.says {
				if !strings.Contains(out, part) {
					t.Errorf("output lacks %q:\n%s", part, out)
				}
			}
			if strings.Contains(out, "s3cret") {
				t.Errorf("output has a password:\n%s", out)
			}
		})
	}
}
