package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/tree"
)

// ingestCmds are the subcommands of ingest. Reading files is the default.
type ingestCmds struct {
	Files  ingestCmd       `cmd:"" default:"withargs" help:"Read files, split them into documents and send them to a server."`
	Status ingestStatusCmd `cmd:"" help:"Show how many documents wait for vectors, have them or failed, and why they failed."`
}

type ingestCmd struct {
	Paths      []string       `arg:"" help:"Files and folders: text, Markdown, HTML, JSON, PDF, DOCX, ODT, EPUB, mail, CSV, feeds, and archives of these. Write ./files or ./status for a folder of that name."`
	Collection collectionName `default:"collections/default" help:"Collection to write to."`

	Include []string `sep:"none" placeholder:"PATTERN" help:"Read only files of a folder that match, such as '*.html' or 'news/**/2024-*'; may be repeated."`
	Exclude []string `sep:"none" placeholder:"PATTERN" help:"Leave out files and folders that match, such as 'drafts/'; may be repeated, and wins over --include."`
	All     bool     `help:"Also read files again that have not changed since they were stored."`
	Prune   bool     `help:"Also remove the documents of files that the folders no longer have."`
	Watch   bool     `help:"Afterwards keep watching the files, and send those that change, until ctrl-C. With --prune, also remove the documents of files that are deleted."`

	Prefix       string `help:"Prefix for the names of the files, with a slash between, so that documents of two folders get different ids."`
	Root         string `help:"Name that identifies the folder, instead of a digest of its path: for a folder that moves or is ingested on several machines."`
	ReplaceRoot  bool   `help:"Also replace and remove documents that were ingested from another folder, for example before the folder moved."`
	NoWait       bool   `help:"Do not wait for the documents' vectors, which are made in the background; until then documents are found only by words."`
	DryRun       bool   `help:"Only read and split the files and print the documents; needs no server."`
	Diff         bool   `help:"With --dry-run: compare with what the server has, and print what would be new, changed or removed."`
	Explain      bool   `help:"Show why each document begins where it does, and has its title, date and language; and what was dropped as page furniture, and why."`
	MaxFileBytes int64  `default:"16777216" env:"ACCORD_MAX_FILE_BYTES" help:"Maximum size of what is held in memory as a whole, in bytes: a file, or a line, row or message of one. JSON Lines, tables, mailboxes and archives may be larger."`
	Columns      string `enum:"metadata,text" default:"metadata" help:"How to store the columns of a table that are not its text: as metadata, or as text with the columns' names."`
	Readers      int    `default:"0" help:"Number of files that are read at a time, up to 64; 0 means one for each CPU."`
	State        string `env:"ACCORD_INGEST_STATE" placeholder:"FOLDER" help:"Folder with notes of which files are stored, so that they are not read again; by default accord/ingest in the user's cache folder."`
	Output       string `short:"o" enum:"text,json" default:"text" help:"text, or json: one line for each document, and a last one with the summary."`

	clientFlags `embed:""`
}

// Help returns the examples of --help.
func (*ingestCmd) Help() string {
	return examples(
		"accord ingest seeds",
		"accord ingest --dry-run --explain seeds",
		"accord ingest --dry-run --diff seeds",
		"accord ingest --exclude drafts/ --watch --prune notes",
		"accord ingest --collection news --prefix 2024 archive/2024",
		"accord ingest --no-wait seeds",
	)
}

// Validate checks that the flags fit together. kong calls it after parsing.
func (c *ingestCmd) Validate() error {
	switch {
	case c.Diff && !c.DryRun:
		return errors.New("--diff only compares: give --dry-run too")
	case c.DryRun && c.Watch:
		return errors.New("--watch sends what changes: leave out --dry-run")
	case c.DryRun && c.Prune && !c.Diff:
		return errors.New("--prune needs a server: leave out --dry-run, or give --diff too")
	case c.Readers < 0 || c.Readers > maxReaders:
		return fmt.Errorf("--readers must be 0 to %d", maxReaders)
	}
	_, err := tree.ParseGlobs(c.Include, c.Exclude)
	return err
}

// memoryLimit is the soft memory limit of the Go runtime in bytes, unless GOMEMLIMIT is set.
// Without it, half of the memory used for a file or for the language detection models would
// be garbage.
const memoryLimit = 400 << 20

// Run reads the files and sends or prints their documents. Unreadable files and refused
// documents are reported, and do not stop the others.
func (c *ingestCmd) Run(ctx context.Context, io streams) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if c.State == "" && c.connect == nil {
		if cache, err := os.UserCacheDir(); err == nil { // without a cache folder, nothing is remembered
			c.State = filepath.Join(cache, "accord", "ingest")
		}
	}
	if c.Watch {
		return c.watch(ctx, io)
	}
	_, err := c.ingest(ctx, io)
	return err
}

// ingest does the work of Run. retriable reports whether some of the failures may
// succeed in another try.
func (c *ingestCmd) ingest(ctx context.Context, io streams) (retriable bool, err error) {
	r := newReport(io, c.Output == "json", c.Explain)
	r.dry = c.DryRun
	globs, err := tree.ParseGlobs(c.Include, c.Exclude)
	if err != nil {
		return false, err
	}
	files := tree.Walk(c.Paths, globs)
	switch {
	case c.Diff:
		err = c.diff(ctx, files, r)
	case c.DryRun:
		err = c.dryRun(ctx, files, r)
	default:
		err = c.send(ctx, files, r)
	}
	return c.end(r, err)
}

// end ends a report and returns the results of ingest. If err is nil but something
// failed, the error is errReported.
func (c *ingestCmd) end(r *report, err error) (retriable bool, _ error) {
	r.end(c.DryRun, err)
	if err == nil && r.failed > 0 {
		err = errReported
	}
	return r.retriable || mayPass(err), err
}

// isRetriable reports whether a retry may succeed: a server that is slow or unavailable
// returns these codes.
func isRetriable(code codes.Code) bool {
	return code == codes.Unavailable || code == codes.DeadlineExceeded
}

// mayPass reports whether a call that failed with err may succeed later, because the server
// is slow or unavailable, or has too many calls and says when to try again.
func mayPass(err error) bool {
	return isRetriable(status.Code(err)) || slices.ContainsFunc(status.Convert(err).Details(), func(detail any) bool {
		_, says := detail.(*errdetails.RetryInfo)
		return says
	})
}
