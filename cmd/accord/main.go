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
	"regexp"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/accord-search/accord/internal/telemetry"
)

// cli has all subcommands with their flags. The tag of a flag has its environment
// variable and default. Flags override the environment.
type cli struct {
	Search searchCmd  `cmd:"" group:"documents" help:"Send a question to a server."`
	Get    getCmd     `cmd:"" group:"documents" help:"Print a document."`
	List   listCmd    `cmd:"" group:"documents" help:"List the documents of a collection."`
	Ingest ingestCmds `cmd:"" group:"documents" help:"Read files, split them into documents and send them to a server; or show how many documents a server has embedded."`
	MCP    mcpCmd     `cmd:"" name:"mcp" group:"documents" help:"Let an agent on this machine search and read, through the Model Context Protocol on standard input and output."`
	Delete deleteCmd  `cmd:"" group:"documents" help:"Delete the documents that match a filter."`

	Collection collectionCmd `cmd:"" group:"collections" help:"List, create, delete, export and import collections."`
	Space      spaceCmd      `cmd:"" group:"collections" help:"Change the model that a collection is embedded with."`
	Eval       evalCmd       `cmd:"" group:"collections" help:"Send the queries of a judged set to a server and print how good its answers are."`

	Serve   serveCmd   `cmd:"" group:"operation" help:"Run the gRPC server."`
	Status  statusCmd  `cmd:"" group:"operation" help:"Ask a running server for its health, collections and spaces."`
	Doctor  doctorCmd  `cmd:"" group:"operation" help:"Check the database, the model servers and the running server, and print what to do."`
	Key     keyCmd     `cmd:"" group:"operation" help:"Manage the API keys of a database."`
	Migrate migrateCmd `cmd:"" group:"operation" help:"Migrate a database to this binary's schema."`
	Clean   cleanCmd   `cmd:"" group:"operation" help:"Stop processes that serve --local left running, and delete its data."`

	Completion completionCmd `cmd:"" group:"other" help:"Print a script that completes this command in a shell."`
	Protos     protosCmd     `cmd:"" group:"other" help:"Write the protos of the API and all protos that they import to a folder."`
	Version    versionCmd    `cmd:"" group:"other" help:"Print the version."`
	Complete   completeCmd   `cmd:"" name:"__complete" hidden:"" help:"Print the words that may follow; the completion scripts use it."`

	LogLevel  slog.Level `default:"info" env:"ACCORD_LOG_LEVEL" help:"Minimum level of the log on standard error: debug, info, warn or error."`
	LogFormat string     `default:"text" enum:"text,json" env:"ACCORD_LOG_FORMAT" help:"Format of the log: text or json."`
}

// groups are the headings of --help.
var groups = []kong.Group{
	{Key: "documents", Title: "Documents"},
	{Key: "collections", Title: "Collections and models"},
	{Key: "operation", Title: "Operation"},
	{Key: "database", Title: "Database"},
	{Key: "embedding", Title: "Model servers"},
	{Key: "reranking", Title: "Reranking"},
	{Key: "filter", Title: "Filter"},
	{Key: "server", Title: "Server"},
	{Key: "security", Title: "Security"},
	{Key: "limits", Title: "Limits"},
	{Key: "http", Title: "HTTP"},
	{Key: "telemetry", Title: "Metrics and logs"},
	{Key: "other", Title: "Other"},
}

// description is at the top of --help.
const description = `Answers questions over documents in several languages with the exact passages that answer them.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing found, 4 answered although a part of the search did not work.

Examples:

  accord serve --local --seed seeds
  accord ingest seeds
  accord search "what was agreed on digital economy"
  accord status`

// examples returns the part of a command's --help with examples.
func examples(lines ...string) string { return "Examples:\n\n  " + strings.Join(lines, "\n  ") }

// exitError ends a command with an exit code. The command has already printed its error.
type exitError int

// Error implements error.
func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Exit codes of commands that have already reported what went wrong.
const (
	errReported exitError = 1 // the command failed, in whole or in part
	errNothing  exitError = 3 // nothing was found
	errDegraded exitError = 4 // a part of the search did not work
)

// printHelp prints the help of a command, followed by the help of its default subcommand,
// if any, since the command accepts its flags.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	err := kong.DefaultHelpPrinter(options, ctx)
	command := ctx.Selected()
	if err != nil || command == nil || command.DefaultCmd == nil || options.Summary {
		return err
	}
	fmt.Fprintf(ctx.Stdout, "\nWithout a subcommand it is %s:\n\n", command.DefaultCmd.FullPath())
	ctx.Path = append(ctx.Path, &kong.Path{Parent: command, Command: command.DefaultCmd})
	return kong.DefaultHelpPrinter(options, ctx)
}

func main() {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores SIGHUP, so it stays ignored
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process
	os.Exit(run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr}))
}

// run parses the arguments and runs a command. It returns the exit code: 0, 1 if the
// command failed, 2 for wrong usage, or that of an exitError.
func run(ctx context.Context, args []string, io streams) int {
	io = io.plain()
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("accord"),
		kong.Description(description),
		kong.ExplicitGroups(groups),
		kong.ShortUsageOnError(),
		kong.Writers(raw(io.out), io.err), // not escaped: the help wraps to the width of the terminal
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Help(printHelp),
	)
	if err != nil {
		fmt.Fprintln(io.err, "accord:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help ends here
		return exited
	}
	if err != nil {
		parser.FatalIfErrorf(variableError{err}) // prints the usage; it returns, since the parser's Exit returns
		return 2
	}
	log := c.logger(io.err)
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(log, io)
	var exit exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	}
	fmt.Fprintln(io.err, "accord:", message(err))
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// usageError is an error about the value of a flag that is found while the command runs.
type usageError struct{ error }

// variableError is an error of kong about an environment variable. It leaves out the value,
// which may be secret.
type variableError struct{ error }

var valueRE = regexp.MustCompile(` \(from envar (\w+)=".*"\)`)

// Error implements error.
func (e variableError) Error() string { return valueRE.ReplaceAllString(e.error.Error(), " (from $1)") }

// Unwrap returns kong's error.
func (e variableError) Unwrap() error { return e.error }

// logger returns a logger with the level and format of the flags.
func (c *cli) logger(to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(telemetry.LogHandler(slog.NewJSONHandler(to, options)))
	}
	return slog.New(telemetry.LogHandler(slog.NewTextHandler(to, options)))
}
