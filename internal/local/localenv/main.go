// Command localenv runs another command while the local runtime is running, with
// ACCORD_TEST_DATABASE_URL and ACCORD_TEST_EMBEDDING_URL set to its servers, and
// exits with that command's exit code. `make test` and `make bench` use it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/accord-search/accord/internal/local"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "localenv:", err)
		code = 1
	}
	os.Exit(code)
}

func run(ctx context.Context) (code int, err error) {
	dir := flag.String("dir", ".tools/local", "folder of the local runtime")
	flag.Parse()
	if flag.NArg() == 0 {
		return 0, errors.New("usage: localenv [-dir DIR] COMMAND [ARG…]")
	}
	runtime, err := local.Start(ctx, local.Config{Dir: *dir, Postgres: true, ModelServer: true, NoFsync: true, Progress: os.Stderr})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, runtime.Stop(context.WithoutCancel(ctx))) }()

	cmd := exec.CommandContext(ctx, flag.Arg(0), flag.Args()[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(),
		"ACCORD_TEST_DATABASE_URL="+runtime.DatabaseURL(), "ACCORD_TEST_EMBEDDING_URL="+runtime.EmbeddingURL())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}
