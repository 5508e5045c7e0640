package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/eval"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type evalCmd struct {
	Dir            string        `arg:"" type:"existingdir" help:"Judged set: corpus.jsonl, queries.jsonl, qrels.tsv and further qrels.*.tsv; or dev.jsonl alone, with quotes from documents that the server holds."`
	RunFile        string        `name:"run" type:"path" help:"Write what was found to this file, a JSON object a query; of one direction to this file with .en-zh and the like after its name."`
	LanguagePolicy string        `enum:"any,query-language,balanced" default:"any" help:"any, query-language or balanced, as of a search."`
	Mode           string        `enum:"hybrid,semantic,lexical" default:"hybrid" help:"hybrid, semantic or lexical, as of a search."`
	Collection     string        `help:"Collection to import into and search; one of the set's own if empty, collections/default for quotes."`
	Delete         bool          `help:"Remove the set's own collection at the end instead of keeping it for the next run."`
	Concurrency    int           `default:"4" help:"Queries asked at once."`
	Timeout        time.Duration `default:"30s" help:"Longest that one search may take."`
	Output         string        `short:"o" enum:"text,json" default:"text" help:"text, or json: one object with every figure."`

	clientFlags `embed:""`
}

// Validate is called by kong after parsing.
func (c *evalCmd) Validate() error {
	switch {
	case c.Delete && c.Collection != "":
		return errors.New("--delete removes the set's own collection alone; leave --collection out")
	case c.Concurrency < 1:
		return errors.New("--concurrency must be at least 1")
	case c.Timeout <= 0:
		return errors.New("--timeout must be above 0")
	}
	return nil
}

// Run asks a server every query of a judged set and prints how good its answers
// are.
func (c *evalCmd) Run(ctx context.Context, io streams) error {
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	quotes, err := c.quotesFile()
	if err != nil {
		return err
	}
	var r *evalReport
	if quotes == "" {
		r, err = c.evaluateSet(ctx, conn, io)
	} else {
		r, err = c.evaluateQuotes(ctx, conn, quotes, io)
	}
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return printJSON(io, r)
	}
	return r.print(io.out)
}

// quotesName is the usual name of a file of queries that are judged by quotes.
const quotesName = "dev.jsonl"

// quotesFile returns the file of queries that are judged by quotes: dev.jsonl, or the
// only .jsonl file of the folder; none for a set with passages of its own.
func (c *evalCmd) quotesFile() (string, error) {
	files, err := fs.Glob(os.DirFS(c.Dir), "*.jsonl")
	switch {
	case err != nil:
		return "", err
	case slices.Contains(files, eval.CorpusFile):
		return "", nil
	case slices.Contains(files, quotesName):
		return filepath.Join(c.Dir, quotesName), nil
	case len(files) != 1:
		return "", fmt.Errorf("%s: holds neither %s nor %s, nor one other file of queries judged by quotes", c.Dir, eval.CorpusFile, quotesName)
	}
	return filepath.Join(c.Dir, files[0]), nil
}

// evaluateSet imports a set's passages, each as a document, and asks its
// queries over all of them and over those of each language.
func (c *evalCmd) evaluateSet(ctx context.Context, conn *grpc.ClientConn, io streams) (r *evalReport, err error) {
	set, err := eval.Load(c.Dir)
	if err != nil {
		return nil, err
	}
	c.Collection = cmp.Or(c.Collection, document.CollectionName("eval-"+set.Digest[:16]))
	if c.Delete {
		defer func() { err = errors.Join(err, c.remove(ctx, conn)) }()
	}
	if err := c.importSet(ctx, conn, set, progress(io, "importing", len(set.Passages))); err != nil {
		return nil, err
	}
	asked := questions[string]{queries: set.Queries, directions: set.Directions(), docs: corpusIDs}
	found, err := ask(ctx, c, accordv1.NewSearchServiceClient(conn), asked, progress(io, "asking", len(set.Queries)))
	if err != nil {
		return nil, err
	}
	r = newEvalReport(c, found.info, set.Queries)
	r.Passages = len(set.Passages)
	r.OwnLanguage = set.OwnLanguage(found.pool)
	for name, qrels := range set.Judgements {
		r.Judgements[name] = qrels.Score(found.pool)
	}
	for direction, qrels := range asked.directions {
		r.Directions[direction.String()] = qrels.Score(found.directions[direction])
	}
	for _, q := range set.Queries {
		r.count(set.Judgements[eval.Pool][q.ID] != nil, found.flagged[q.ID])
	}
	return r, found.write(c.RunFile, set.Queries)
}

// evaluateQuotes asks queries that are judged by quotes from documents that the
// server has.
func (c *evalCmd) evaluateQuotes(ctx context.Context, conn *grpc.ClientConn, file string, io streams) (*evalReport, error) {
	if c.Delete {
		return nil, errors.New("--delete: documents that are judged by quotes are not this command's to remove")
	}
	judged, err := eval.LoadQuotes(file)
	if err != nil {
		return nil, err
	}
	c.Collection = cmp.Or(c.Collection, document.CollectionName(document.DefaultCollection))
	queries := make([]eval.Query, len(judged))
	for i, q := range judged {
		queries[i] = q.Query
	}
	asked := questions[eval.Extract]{queries: queries, docs: extracts}
	found, err := ask(ctx, c, accordv1.NewSearchServiceClient(conn), asked, progress(io, "asking", len(queries)))
	if err != nil {
		return nil, err
	}
	r := newEvalReport(c, found.info, queries)
	r.Judgements["quotes"] = eval.ScoreQuotes(judged, found.pool)
	for _, q := range judged {
		r.count(len(q.Relevant) > 0, found.flagged[q.ID])
	}
	return r, found.write(c.RunFile, queries)
}
