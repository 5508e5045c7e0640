// Command accord is a server that answers questions over collections of documents, and
// its client.
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

// cli has all subcommands with their flags. The tag of a flag has its environment
// variable and default. Flags override the environment.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the gRPC server."`
	Ingest  ingestCmds `cmd:"" help:"Read files, split them into documents and send them to a server; or show how many documents a server has embedded."`
	Search  searchCmd  `cmd:"" help:"Send a question to a server."`
	Get     getCmd     `cmd:"" help:"Print a document."`
	Delete  deleteCmd  `cmd:"" help:"Delete the documents that match a filter."`
	Space   spaceCmd   `cmd:"" help:"Change the model that a collection is embedded with."`
	Eval    evalCmd    `cmd:"" help:"Send the queries of a judged set to a server and print how good its answers are."`
	Migrate migrateCmd `cmd:"" help:"Migrate a database to this binary's schema."`
	Doctor  doctorCmd  `cmd:"" help:"Check the database and the model servers, and print what to do."`
	Clean   cleanCmd   `cmd:"" help:"Stop processes that serve --local left running, and delete its data."`

	LogLevel slog.Level `default:"info" env:"ACCORD_LOG_LEVEL" help:"Minimum level of the log on standard error: debug, info, warn or error."`
}

// streams are the outputs of a command, so that tests can replace them.
type streams struct {
	out, err io.Writer
}

// errReported ends a command with exit code 1 after it has printed what went wrong.
var errReported = errors.New("reported")

func main() {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // ignored under nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process
	os.Exit(run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr}))
}

// run parses the arguments and runs a command. It returns the exit code: 0, 1 if the
// command failed, 2 for wrong usage.
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
		parser.FatalIfErrorf(err) // prints the usage and returns, since Exit does
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
