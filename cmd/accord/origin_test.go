package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// listOf returns the lines of a .jsonl file with a document for each id.
func listOf(ids ...string) (lines string) {
	for _, id := range ids {
		lines += strings.ReplaceAll(`{"id":"%","title":"A title","language_code":"en","text":"Text of %."}`+"\n", "%", id)
	}
	return lines
}

// storedDocument returns a document of collections/default.
func storedDocument(t *testing.T, addr, id string) *accordv1.Document {
	t.Helper()
	var d accordv1.Document
	if err := protojson.Unmarshal([]byte(mustAccord(t, "get", id, "-o", "json", "--addr", addr)), &d); err != nil {
		t.Fatal(err)
	}
	return &d
}

// TestTwoFolders: a folder does not replace or remove what came from another folder,
// unless a flag says so.
func TestTwoFolders(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	a, b := t.TempDir(), t.TempDir()
	writeFile(t, a, "a.txt", "The port of the first folder opened on Monday.\n")
	writeFile(t, a, "list.jsonl", listOf("x", "y"))
	writeFile(t, b, "a.txt", "The port of the second folder opened on Friday.\n")
	writeFile(t, b, "list.jsonl", listOf("z"))
	ingest := func(wantCode int, says string, args ...string) {
		t.Helper()
		code, _, report := accord(t, append([]string{"ingest", "--addr", addr}, args...)...)
		if code != wantCode || !strings.Contains(report, says) {
			t.Fatalf("ingest %s: exit code %d, want %d, and a report with %q:\n%s", strings.Join(args, " "), code, wantCode, says, report)
		}
	}
	holds := func(want string) {
		t.Helper()
		if diff := cmp.Diff(want, held(t, addr)); diff != "" {
			t.Fatalf("documents on the server (-want +got):\n%s", diff)
		}
	}
	ingest(0, "3 new", a)
	ingest(1, "failed     collections/default/documents/a (a.txt): is stored from another folder; the stored document stays", b)
	ingest(1, "documents stored from another folder: 1; use --prefix NAME", b)
	holds("a x y z") // list.jsonl of the second folder has removed no document of the first folder
	if d := storedDocument(t, addr, "a"); !strings.Contains(d.GetText(), "first folder") || strings.Contains(protojson.Format(d), filepath.ToSlash(a)) {
		t.Errorf("after the second folder: %v", d)
	}

	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(a, link); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(here, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{a, a + "/", relative, link, filepath.Join(a, "..", filepath.Base(a))} {
		ingest(0, "0 new, 0 changed, 3 unchanged", same)
	}
	ingest(0, "1 unchanged", filepath.Join(a, "a.txt"))
	ingest(1, "is stored from another folder", filepath.Join(b, "a.txt"))
}

// TestPrefix: with prefixes, the documents of two folders are separate, and each ingest
// prunes only its own.
func TestPrefix(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	a, b := t.TempDir(), t.TempDir()
	writeFile(t, a, "a.txt", "The port of the first folder opened on Monday.\n")
	writeFile(t, b, "a.txt", "The port of the second folder opened on Friday.\n")
	mustAccord(t, "ingest", "--addr", addr, a)
	mustAccord(t, "ingest", "--addr", addr, "--prefix", "second", b)
	if got := held(t, addr); got != "a second-a" {
		t.Errorf("documents %q", got)
	}
	if file := storedDocument(t, addr, "second-a").GetMetadata()["file"]; file != "second/a.txt" {
		t.Errorf("metadata file %q", file)
	}
}

// TestMovedFolder: --replace-root takes over the documents of a folder that moved. With
// --root, a folder can move without --replace-root.
func TestMovedFolder(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string]struct{ first, then []string }{
		"replace root": {nil, []string{"--replace-root"}},
		"named root":   {[]string{"--root", "news"}, []string{"--root", "news"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := serveInstant(t)
			before, after := filepath.Join(t.TempDir(), "before"), filepath.Join(t.TempDir(), "after")
			if err := os.Mkdir(before, 0o700); err != nil {
				t.Fatal(err)
			}
			writeFile(t, before, "list.jsonl", listOf("x", "y"))
			mustAccord(t, append([]string{"ingest", "--addr", addr, before}, flags.first...)...)
			if err := os.Rename(before, after); err != nil {
				t.Fatal(err)
			}
			writeFile(t, after, "list.jsonl", listOf("x"))
			mustAccord(t, append([]string{"ingest", "--addr", addr, after}, flags.then...)...)
			if got := held(t, addr); got != "x" {
				t.Errorf("documents %q", got)
			}
			code, _, report := accord(t, "ingest", "--addr", addr, "--root", "another", after)
			if code != 1 || !strings.Contains(report, "is stored from another folder") {
				t.Errorf("from another root: exit code %d\n%s", code, report)
			}
		})
	}
}

// TestPruneFailure: a document that cannot be deleted is reported, and the other files
// are still pruned.
func TestPruneFailure(t *testing.T) {
	t.Parallel()
	database := storetest.URL(t)
	addr := serve(t, "--database-url", database, "--embedding-url", embedtest.Serve(t, newModel()).URL)
	folder := t.TempDir()
	writeFile(t, folder, "first.jsonl", listOf("a", "b"))
	writeFile(t, folder, "second.jsonl", listOf("c", "d", "e"))
	mustAccord(t, "ingest", "--addr", addr, folder)
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
		CREATE TRIGGER refuse BEFORE DELETE ON documents FOR EACH ROW WHEN (OLD.document_id = 'b') EXECUTE FUNCTION refuse()`)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, folder, "first.jsonl", listOf("a"))
	writeFile(t, folder, "second.jsonl", listOf("c"))
	code, _, report := accord(t, "ingest", "--addr", addr, folder)
	if code != 1 || !strings.Contains(report, "failed     first.jsonl: documents that it no longer has may remain: ") || !strings.Contains(report, "1 failed, 2 removed") {
		t.Errorf("exit code %d\n%s", code, report)
	}
	if got := held(t, addr); got != "a b c" {
		t.Errorf("documents %q", got)
	}
}

// meeting holds back the first answer to each of several clients until all of them have
// one.
type meeting struct {
	mu      sync.Mutex
	missing int
	all     chan struct{} // closed when all have arrived
}

func newMeeting(clients int) *meeting { return &meeting{missing: clients, all: make(chan struct{})} }

// connect returns a function that connects to a server, for clientFlags. The first answer
// to the method is held back.
func (m *meeting) connect(addr, method string) func(...grpc.DialOption) (*grpc.ClientConn, error) {
	var first sync.Once
	hold := func(ctx context.Context, called string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		err := invoke(ctx, called, req, reply, conn, opts...)
		if called == method {
			first.Do(func() { m.arrive(ctx) })
		}
		return err
	}
	return func(options ...grpc.DialOption) (*grpc.ClientConn, error) {
		return grpc.NewClient(addr, append(options, grpc.WithChainUnaryInterceptor(hold), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	}
}

// arrive waits until all clients have arrived.
func (m *meeting) arrive(ctx context.Context) {
	m.mu.Lock()
	if m.missing--; m.missing == 0 {
		close(m.all)
	}
	m.mu.Unlock()
	select {
	case <-m.all:
	case <-ctx.Done():
	}
}

// TestTwoIngestsAtOnce: two ingests that both found nothing stored write documents of the
// same names. Every document comes from one of the folders, and each ingest reports exactly
// those that it did not write. Two ingests of the same folder both succeed.
func TestTwoIngestsAtOnce(t *testing.T) {
	t.Parallel()
	const documents = 40
	var first, second strings.Builder
	for i := range documents {
		fmt.Fprintf(&first, `{"id":"d%d","language_code":"en","text":"Text %d of a folder."}`+"\n", i, i)
		fmt.Fprintf(&second, `{"id":"d%d","language_code":"en","text":"Another text %d."}`+"\n", documents-1-i, i)
	}
	for _, test := range []struct {
		what    string
		roots   [2]string
		noWait  bool
		written int // number of documents that the two ingests together write or leave unchanged
	}{
		{"two folders", [2]string{"one", "two"}, false, documents},
		{"two folders, without waiting", [2]string{"one", "two"}, true, documents},
		{"the same folder, changed in the meantime", [2]string{"one", "one"}, false, 2 * documents},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			addr, together := serveInstant(t), newMeeting(2)
			var (
				wait    sync.WaitGroup
				reports [2]output
				errs    [2]error
			)
			for i, content := range []string{first.String(), second.String()} {
				folder := t.TempDir()
				writeFile(t, folder, "list.jsonl", content)
				cmd := ingestCmd{
					Paths: []string{folder}, Root: test.roots[i], Collection: "collections/default", MaxFileBytes: 1 << 20, NoWait: test.noWait,
					Output: "text", clientFlags: clientFlags{Addr: addr, connect: together.connect(addr, accordv1.SearchService_ListDocuments_FullMethodName)},
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				wait.Go(func() { errs[i] = cmd.Run(ctx, streams{out: io.Discard, err: &reports[i]}) })
			}
			wait.Wait()
			stored, written := map[string]string{}, 0
			for n := range documents {
				d := storedDocument(t, addr, fmt.Sprintf("d%d", n))
				stored[d.GetName()] = d.GetMetadata()[rootKey]
			}
			for i, root := range test.roots {
				report, refused := reports[i].String(), 0
				for name, owner := range stored {
					says := strings.Contains(report, "failed     "+name+" (list.jsonl): is stored from another folder; the stored document stays\n")
					if says != (owner != root) {
						t.Errorf("%s is stored from %s; the report of %s says that it failed: %v\n%s", name, owner, root, says, report)
					}
					if says {
						refused++
					}
				}
				if want := fmt.Sprintf(" %d failed,", refused); !strings.Contains(report, want) || (refused > 0) != errors.Is(errs[i], errReported) {
					t.Errorf("%s: error %v, want a report with %q:\n%s", root, errs[i], want, report)
				}
				written += documents - refused
			}
			if written != test.written {
				t.Errorf("%d documents were written, want %d", written, test.written)
			}
		})
	}
}
