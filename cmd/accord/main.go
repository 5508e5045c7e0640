// Command accord serves questions over a collection of documents, and is the
// client of such a server.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is every subcommand with its flags; a flag's environment variable and
// default stand in its tag. Flags win over the environment.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the gRPC server."`
	Ingest  ingestCmds `cmd:"" help:"Read files, split them into documents and send them to a server; or say how far a server has embedded them."`
	Search  searchCmd  `cmd:"" help:"Ask a server a question."`
	Get     getCmd     `cmd:"" help:"Print a document."`
	Delete  deleteCmd  `cmd:"" help:"Delete documents that a filter lets through."`
	Space   spaceCmd   `cmd:"" help:"Change the model that a collection is embedded with."`
	Eval    evalCmd    `cmd:"" help:"Ask a server the queries of a judged set and print how good its answers are."`
	Migrate migrateCmd `cmd:"" help:"Bring a database to this binary's schema."`
	Doctor  doctorCmd  `cmd:"" help:"Check the database and the model server, and say what to do."`
	Clean   cleanCmd   `cmd:"" help:"Stop what serve --local left running and remove its data."`

	LogLevel slog.Level `default:"info" env:"ACCORD_LOG_LEVEL" help:"Least level that is logged to standard error: debug, info, warn or error."`
}

// streams are what a command reads and writes, so that tests can hold them.
type streams struct {
	out, err io.Writer
}

// errReported ends a command with exit code 1 when everything that there is to
// say has been said.
var errReported = errors.New("reported")

func main() {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not heed the first
	os.Exit(run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr}))
}

// run parses arguments and runs a command; it returns the exit code: 0, 1 for
// a command that failed, 2 for wrong usage.
func run(ctx context.Context, args []string, io streams) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("accord"),
		kong.Description("Answers questions over documents in several languages with the exact passages that answer them."),
		kong.ShortUsageOnError(),
		kong.Writers(io.out, io.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(io.err, "accord:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		parser.FatalIfErrorf(err) // says so with the usage, and comes back, as Exit does
		return 2
	}
	log := slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: c.LogLevel}))
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(log, io)
	switch {
	case err == nil:
		return 0
	case !errors.Is(err, errReported):
		fmt.Fprintln(io.err, "accord:", message(err))
	}
	return 1
}
