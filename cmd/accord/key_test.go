package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestRevokedKey: after a key is revoked, calls on its open connection are refused, and
// an idle import ends.
func TestRevokedKey(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	key := g.key(t, "--role", "write")
	c := g.dial(t, key)
	if err := c.write(t, "collections/default/documents/a"); err != nil {
		t.Fatal(err)
	}
	idle, err := c.ingest.ImportDocuments(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := idle.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: &accordv1.ImportSettings{}}}); err != nil {
		t.Fatal(err)
	}
	mustAccord(t, "key", "revoke", keyID(key), "--database-url", g.database)
	_, err = idle.Recv()
	refused(t, "the open stream", err, codes.Unauthenticated, "CREDENTIALS_INVALID")
	refused(t, "the open connection", c.find(t, ""), codes.Unauthenticated, "CREDENTIALS_INVALID")
	if code, _, errOut := accord(t, "key", "revoke", keyID(key), "--database-url", g.database); code != 1 || !strings.Contains(errOut, "not found") {
		t.Errorf("revoked again: exit code %d, %s", code, errOut)
	}
}

// TestRotatedKey: while keys are rotated with a grace period, no call fails. Without one,
// the old secret is refused.
func TestRotatedKey(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	key := g.key(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	old := g.dial(t, key)
	go func() {
		for ctx.Err() == nil {
			if _, err := old.search.ListDocuments(context.Background(), &accordv1.ListDocumentsRequest{}); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	next := strings.TrimSpace(mustAccord(t, "key", "rotate", keyID(key), "--database-url", g.database, "--grace", "1h"))
	c := g.dial(t, next)
	eventually(t, func() bool { return c.find(t, "") == nil })
	time.Sleep(2 * time.Second) // longer than servers cache keys, to show that the old secret is still accepted
	stop()
	if err := <-ended; err != nil {
		t.Errorf("a call with the old secret in its grace period: %v", err)
	}
	last := strings.TrimSpace(mustAccord(t, "key", "rotate", keyID(key), "--database-url", g.database, "--grace", "0"))
	eventually(t, func() bool { return status.Code(c.find(t, "")) == codes.Unauthenticated })
	refused(t, "the oldest secret", old.find(t, ""), codes.Unauthenticated, "CREDENTIALS_INVALID")
	refused(t, "the last secret", g.dial(t, last).find(t, ""), codes.OK, "")
}

// TestKeyCommands: lists contain no secrets, and bad input is refused without a connection
// to the database.
func TestKeyCommands(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	key := g.key(t, "--role", "write", "--collections", "collections/news,a-*", "--expires-in", "1h")
	if err := g.dial(t, key).find(t, "collections/news"); status.Code(err) != codes.NotFound {
		t.Errorf("the key: %v", err)
	}
	for _, format := range []string{"text", "json"} {
		out := mustAccord(t, "key", "list", "-o", format, "--database-url", g.database)
		if !strings.Contains(out, keyID(key)) || !strings.Contains(out, "write") || !strings.Contains(out, "news") {
			t.Errorf("the list lacks the key:\n%s", out)
		}
		if strings.Contains(out, key) || strings.Contains(out, strings.Split(key, "_")[2]) {
			t.Errorf("the list has the secret:\n%s", out)
		}
	}
	for _, test := range []struct{ says, args string }{
		{"--role must be one of", "create --name x --role root"},
		{"news", "create --name x --collections NEWS,news"},
		{"--expires-in must not be negative", "create --name x --expires-in=-1h"},
		{"--name must have 1 to 100 printable characters", "create --name=\x1b[31m"},
		{"--grace must not be negative", "rotate x --grace=-1h"},
	} {
		args := append([]string{"key"}, strings.Fields(test.args)...)
		code, _, errOut := accord(t, append(args, "--database-url", "postgres://127.0.0.1:1/x")...)
		if code != 2 || !strings.Contains(errOut, test.says) {
			t.Errorf("%s: exit code %d, want 2 and %q:\n%s", test.args, code, test.says, errOut)
		}
	}
	if code, _, errOut := accord(t, "key", "list", "--database-url", storetest.Empty(t)); code != 1 || !strings.Contains(errOut, "accord migrate") {
		t.Errorf("without the schema: exit code %d, %s", code, errOut)
	}
}

// TestSeedsOfGuardedServer: a server that requires keys can still ingest its seeds.
func TestSeedsOfGuardedServer(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t, "--seed", small(t))
	c := g.dial(t, g.key(t))
	eventually(t, func() bool {
		reply, err := c.search.ListDocuments(limited(t), &accordv1.ListDocumentsRequest{})
		return err == nil && len(reply.GetDocuments()) == 3
	})
}

// TestKeysOfCommands: commands send their key, but never over a connection that others can
// read.
func TestKeysOfCommands(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	key := g.key(t, "--role", "write")
	file := writeFile(t, t.TempDir(), "key", key+"\n")
	mustAccord(t, "ingest", "--addr", g.addr, "--api-key-file", file, small(t))
	mustAccord(t, "search", "port", "--addr", g.addr, "--api-key", key)
	reader := g.key(t)
	eventually(t, func() bool { // status exits with 1 until the server is warm
		code, _, _ := accord(t, "status", "--addr", g.addr, "--api-key", reader)
		return code == 0
	})
	for _, test := range []struct {
		what, says string
		args       []string
	}{
		{"no key", "ACCORD_API_KEY", []string{"--addr", g.addr}},
		{"another machine", "the API key is not sent to example.com:50051 without TLS", []string{"--addr", "example.com:50051", "--api-key", key}},
		{"a look-alike", "without TLS", []string{"--addr", "127.0.0.1.example.com:1", "--api-key", key}},
		{"two keys", "both set", []string{"--api-key", key, "--api-key-file", file}},
		{"no file", "--api-key-file", []string{"--api-key-file", file + ".absent"}},
		{"an empty file", "is empty", []string{"--api-key-file", writeFile(t, t.TempDir(), "empty", "\n")}},
		{"a line break", "check that it is complete", []string{"--api-key", key + "\nx"}},
		{"no such authority", "--ca", []string{"--ca", file + ".absent"}},
		{"an authority that is none", "no PEM certificate", []string{"--ca", file}},
		{"a certificate without its key", "needs both --cert and --key", []string{"--cert", file}},
		{"a key without its certificate", "needs both --cert and --key", []string{"--key", file}},
	} {
		code, out, errOut := accord(t, append([]string{"search", "port"}, test.args...)...)
		if code != 1 || !strings.Contains(errOut, test.says) {
			t.Errorf("%s: exit code %d, want 1 and %q:\n%s", test.what, code, test.says, errOut)
		}
		if strings.Contains(out+errOut, key) {
			t.Errorf("%s: the output has the key", test.what)
		}
	}
}
