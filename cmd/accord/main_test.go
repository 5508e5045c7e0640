package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// patience is how long a test waits for an event. A busy machine takes a minute to embed
// the seeds.
const patience = 4 * time.Minute

// asCommand is an environment variable that makes the test binary behave as the command,
// so that tests can kill it.
const asCommand = "ACCORD_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		_ = os.Unsetenv(memoryVariable) // as the command, it has the limit of the command
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr}))
	}
	os.Exit(runTests(m))
}

// memoryVariable sets the soft memory limit of a Go program.
const memoryVariable = "GOMEMLIMIT"

// runTests runs the tests. Ingests keep their notes about stored files in a folder that only
// this run uses. They do not limit the memory of this process, which has many servers: with
// the limit of one ingest, it would do little else than collect garbage.
func runTests(m *testing.M) int {
	state, err := os.MkdirTemp("", "accord-ingest-")
	if err == nil {
		err = errors.Join(os.Setenv("ACCORD_INGEST_STATE", state), os.Setenv(memoryVariable, "off"))
	}
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(state)
	return m.Run()
}

// output collects the output of a command, and can be read while the command runs.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

// String returns the output so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

// accord runs a command until it ends.
func accord(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out, errOut output
	code = run(ctx, args, streams{out: &out, err: &errOut})
	return code, out.String(), errOut.String()
}

// mustAccord runs a command, fails the test if it fails, and returns its standard
// output.
func mustAccord(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errOut := accord(t, args...)
	if code != 0 {
		t.Fatalf("accord %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

var listening = regexp.MustCompile(`(?:msg=listening addr=|"msg":"listening","addr":")([^\s"]+)`)

// serve runs a server with the given flags until the test ends, and returns its address.
func serve(t testing.TB, flags ...string) (addr string) {
	t.Helper()
	addr, _ = serveLogged(t, flags...)
	return addr
}

// serveLogged is like serve, and also returns what the server writes to standard error.
func serveLogged(t testing.TB, flags ...string) (addr string, log *output) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var out, errOut output
	ended := make(chan int, 1)
	args := append([]string{"serve", "--grpc-addr", "127.0.0.1:0", "--stop-timeout", "1s"}, flags...)
	go func() { ended <- run(ctx, args, streams{out: &out, err: &errOut}) }()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("serve: exit code %d\n%s", code, errOut.String())
		}
	})
	var match []string
	eventually(t, func() bool {
		match = listening.FindStringSubmatch(errOut.String())
		if len(ended) > 0 {
			t.Fatalf("serve ended:\n%s", errOut.String())
		}
		return match != nil
	})
	return match[1], &errOut
}

// serveInstant runs a server with a new database and an instant model.
func serveInstant(t *testing.T, flags ...string) (addr string) {
	t.Helper()
	url := embedtest.Serve(t, newModel()).URL
	return serve(t, append([]string{"--database-url", storetest.URL(t), "--embedding-url", url}, flags...)...)
}

func newModel() *embedtest.Server { return &embedtest.Server{Model: "test-model", Dimensions: 32} }

// eventually waits until condition holds.
func eventually(t testing.TB, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("the condition did not hold within %v", patience)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// golden compares got with a file of testdata. With -update it first writes got to the
// file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; -update rewrites it (-want +got):\n%s", path, diff)
	}
}

// writeFile writes a file in a folder and returns its path.
func writeFile(t *testing.T, folder, file, content string) string {
	t.Helper()
	path := filepath.Join(folder, file)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// freeAddr returns an address that nothing listens on.
func freeAddr(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestHelpOfDefaultCommand checks that the help of a command with a default subcommand
// lists the flags of the default and all subcommands.
func TestHelpOfDefaultCommand(t *testing.T) {
	t.Parallel()
	help := mustAccord(t, "ingest", "--help")
	for _, want := range []string{"accord ingest files <paths>", "--dry-run", "accord ingest --no-wait seeds", "ingest status"} {
		if !strings.Contains(help, want) {
			t.Errorf("help lacks %q:\n%s", want, help)
		}
	}
}

func TestHelpListsEveryFlag(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(false) {
		t.Run(command.Path(), func(t *testing.T) { // not parallel: kong's model is not safe for concurrent use
			help := mustAccord(t, append(strings.Fields(command.Path()), "--help")...)
			if command.Help == "" || !strings.Contains(strings.Join(strings.Fields(help), " "), command.Help) {
				t.Errorf("help lacks the purpose of the command:\n%s", help)
			}
			withExamples := help
			if command.Parent.Type == kong.CommandNode {
				withExamples += mustAccord(t, command.Parent.Name, "--help")
			}
			if !command.Hidden && !strings.Contains(withExamples, "Examples:\n\n    ") {
				t.Errorf("neither this help nor that of the command above has examples:\n%s", help)
			}
			for _, group := range command.AllFlags(false) {
				for _, f := range group {
					for _, env := range f.Envs {
						if !strings.Contains(help, "$"+env) {
							t.Errorf("help lacks %s", env)
						}
					}
					shown := strings.NewReplacer("[no-]", "").Replace(help)
					if !strings.Contains(shown, "--"+f.Name) || f.Help == "" {
						t.Errorf("help lacks --%s", f.Name)
					}
					if f.HasDefault && f.Default != "" && !strings.Contains(help, f.Default) {
						t.Errorf("help lacks the default %s of --%s", f.Default, f.Name)
					}
				}
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	nobody := freeAddr(t)
	folder := t.TempDir()
	empty := writeFile(t, folder, "empty.txt", "")
	for _, test := range []struct {
		what string
		args []string
		code int
		says string
	}{
		{"nothing", nil, 2, "Usage: accord"},
		{"unknown command", []string{"frobnicate"}, 2, "frobnicate"},
		{"unknown flag", []string{"serve", "--nope"}, 2, "--nope"},
		{"bad duration", []string{"serve", "--stop-timeout", "soon"}, 2, "soon"},
		{"no query", []string{"search"}, 2, "query"},
		{"bad output", []string{"search", "x", "-o", "xml"}, 2, "xml"},
		{"bad date", []string{"search", "x", "--after", "yesterday"}, 2, "yesterday"},
		{"no database", []string{"serve", "--embedding-url", "http://" + nobody}, 2, "ACCORD_DATABASE_URL"},
		{"no model server", []string{"serve", "--database-url", "postgres://" + nobody}, 2, "ACCORD_EMBEDDING_URL"},
		{"bad timeout", []string{"serve", "--local", "--stop-timeout", "0s"}, 2, "above 0"},
		{"bad text limit", []string{"serve", "--local", "--max-text-bytes", "0"}, 2, "--max-text-bytes"},
		{"too many workers", []string{"serve", "--local", "--embedding-workers", "100"}, 2, "--embedding-workers must be 0 to 32"},
		{"nothing to ingest", []string{"ingest", "--no-wait"}, 2, "paths"},
		{"bad model URL", []string{"serve", "--database-url", "postgres://" + nobody, "--embedding-url", "ftp://x"}, 1, "ftp"},
		{"nobody to search", []string{"search", "x", "--addr", nobody}, 1, "accord serve"},
		{"nobody to get from", []string{"get", "x", "--addr", nobody}, 1, "accord serve"},
		{"nobody to send to", []string{"ingest", "../../seeds", "--addr", nobody}, 1, "accord serve"},
		{"empty file", []string{"ingest", "--dry-run", empty}, 1, "empty.txt: is empty"},
		{"absent file", []string{"ingest", "--dry-run", filepath.Join(folder, "absent")}, 1, "absent: cannot be read"},
		{"database that refuses", []string{"migrate", "--database-url", "postgres://user:s3cret@" + nobody + "/x"}, 1, "unavailable"},
		{"no database to migrate", []string{"migrate"}, 2, "set ACCORD_DATABASE_URL"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			code, out, errOut := accord(t, test.args...)
			said := out + errOut
			if code != test.code || !strings.Contains(said, test.says) {
				t.Errorf("exit code %d, want %d; want output with %q:\n%s", code, test.code, test.says, said)
			}
			if strings.Contains(said, "s3cret") {
				t.Errorf("output has a password:\n%s", said)
			}
		})
	}
}
