package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// ingestCmds are the subcommands of ingest. Reading files is the default.
type ingestCmds struct {
	Files  ingestCmd       `cmd:"" default:"withargs" help:"Read files, split them into documents and send them to a server."`
	Status ingestStatusCmd `cmd:"" help:"Show how many documents wait for vectors, have them or failed, and why they failed."`
}

type ingestCmd struct {
	Paths        []string       `arg:"" help:"Files and folders: text, Markdown, HTML, JSON, PDF, DOCX, ODT, EPUB, mail, CSV, feeds, and archives of these. Write ./status for a folder called status."`
	Collection   collectionName `default:"collections/default" help:"Collection to write to."`
	Prefix       string         `help:"Prefix for the names of the files, with a slash between, so that documents of two folders get different ids."`
	Root         string         `help:"Name that identifies the folder, instead of a digest of its path: for a folder that moves or is ingested on several machines."`
	ReplaceRoot  bool           `help:"Also replace and remove documents that were ingested from another folder, for example before the folder moved."`
	NoWait       bool           `help:"Do not wait for the documents' vectors, which are made in the background; until then documents are found only by words."`
	DryRun       bool           `help:"Only read and split the files and print the documents; needs no server."`
	Explain      bool           `help:"Show what was dropped as page furniture, and why."`
	MaxFileBytes int64          `default:"16777216" env:"ACCORD_MAX_FILE_BYTES" help:"Maximum size of a file, in bytes. The contents of an archive may be four times as large."`
	Columns      string         `enum:"metadata,text" default:"metadata" help:"What to make of the columns of a table other than its text: metadata, or text with the names of the columns."`
	Output       string         `short:"o" enum:"text,json" default:"text" help:"text, or json: one line per document."`

	clientFlags `embed:""`
}

// Help returns the examples of --help.
func (*ingestCmd) Help() string {
	return examples(
		"accord ingest seeds",
		"accord ingest --dry-run --explain seeds",
		"accord ingest --collection news --prefix 2024 archive/2024",
		"accord ingest --no-wait seeds",
	)
}

// memoryLimit is the size of memory in bytes from which the garbage collector works harder.
// Without it, half of the memory that a file of 100,000 records takes is garbage.
const memoryLimit = 400 << 20

// Run reads the files and sends or prints their documents. Unreadable files and refused
// documents are reported, and do not stop the others.
func (c *ingestCmd) Run(ctx context.Context, io streams) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	_, err := c.ingest(ctx, io)
	return err
}

// ingest does the work of Run. retriable reports whether some of the failures may
// succeed in another try.
func (c *ingestCmd) ingest(ctx context.Context, io streams) (retriable bool, err error) {
	r := newReport(io, c.Output == "json", c.Explain)
	files, skipped, err := corpus.Walk(c.Paths)
	for i := range files {
		files[i].Name = path.Join(c.Prefix, files[i].Name)
	}
	r.failedFiles(err)
	r.skipped(skipped)
	if c.DryRun {
		err = c.dryRun(ctx, files, r)
	} else {
		err = c.send(ctx, files, r)
	}
	r.end(c.DryRun, err)
	if err == nil && r.failed > 0 {
		err = errReported
	}
	return r.retriable || isRetriable(status.Code(err)), err
}

// isRetriable reports whether a retry may succeed: a server that is slow or away returns
// these codes.
func isRetriable(code codes.Code) bool {
	return code == codes.Unavailable || code == codes.DeadlineExceeded
}

// read reads one file, and reports parts that cannot be read and documents whose id is
// used by another file. ok is false if there are any.
func (c *ingestCmd) read(input corpus.Input, r *report) (file corpus.File, ok bool) {
	file, err := corpus.Reader{MaxBytes: c.MaxFileBytes, ColumnsAsText: c.Columns == "text"}.Read(input.Path, input.Name)
	var foreign *corpus.FileError
	if errors.Is(err, corpus.ErrForeign) && errors.As(err, &foreign) {
		r.skipped([]*corpus.FileError{foreign})
		return corpus.File{}, true
	}
	r.failedFiles(err)
	r.skipped(file.Skipped)
	r.dropped(input.Name, file.Dropped)
	r.warned(input.Name, file.Warnings)
	own := file.Documents[:0]
	for _, d := range file.Documents {
		if first := r.claim(d.ID, input.Path); first != "" {
			err = &corpus.FileError{File: input.Path, Err: fmt.Errorf("its document would get the id %q, which a document of %s already has; rename one of the files", d.ID, first)}
			r.failedFiles(err)
			continue
		}
		d.Metadata[rootKey] = c.root(input)
		own = append(own, d)
	}
	file.Documents = own
	return file, err == nil
}

func (c *ingestCmd) dryRun(ctx context.Context, files []corpus.Input, r *report) error {
	for _, input := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		file, _ := c.read(input, r)
		for _, d := range file.Documents {
			if err := r.dryRun(input.Name, d, chunk.Passages(d)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dryDocument is a document in the output of --dry-run -o json.
type dryDocument struct {
	File         string            `json:"file"`
	ID           string            `json:"id"`
	Title        string            `json:"title"`
	PublishTime  string            `json:"publish_time"` // RFC 3339, in the source's zone
	Precision    string            `json:"publish_time_precision"`
	LanguageCode string            `json:"language_code"`
	Source       string            `json:"source"`
	URI          string            `json:"uri"`
	Metadata     map[string]string `json:"metadata"`
	Text         string            `json:"text"`
	Passages     []dryPassage      `json:"passages"`
}

type dryPassage struct {
	Ordinal int      `json:"ordinal"`
	Kind    string   `json:"kind"`
	Label   string   `json:"label"`
	Text    string   `json:"text"`
	Range   dryRange `json:"range"`
	Page    int      `json:"page,omitempty"` // from 1
	PageEnd int      `json:"page_end,omitempty"`
}

type dryRange struct {
	Start     int `json:"start"`
	End       int `json:"end"`
	StartByte int `json:"start_byte"`
	EndByte   int `json:"end_byte"`
}

func newDryDocument(file string, d document.Document, passages []document.Passage) dryDocument {
	out := dryDocument{
		File: file, ID: d.ID, Title: d.Title, LanguageCode: d.LanguageCode, Source: d.Source, URI: d.URI,
		Metadata: d.Metadata, Text: d.Text, Passages: make([]dryPassage, len(passages)),
	}
	if !d.PublishTime.IsZero() {
		out.PublishTime = d.PublishTime.Format(time.RFC3339)
		out.Precision = precisionName(d.PublishPrecision)
	}
	for i, p := range passages {
		out.Passages[i] = dryPassage{
			Ordinal: p.Ordinal, Kind: p.Kind.String(), Label: p.Label, Text: p.Text,
			Range: dryRange{p.Range.Start, p.Range.End, p.Range.StartByte, p.Range.EndByte},
			Page:  p.Page, PageEnd: p.PageEnd,
		}
	}
	return out
}

func precisionName(p document.Precision) string {
	return strings.TrimPrefix(accordv1.TimePrecision(p).String(), "TIME_PRECISION_")
}
