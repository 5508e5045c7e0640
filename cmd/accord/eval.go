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
	Set                string         `arg:"" type:"path" help:"Judged set. A folder of corpus.jsonl, queries.jsonl, qrels.tsv and further qrels.*.tsv; or a folder of other .jsonl files, whose queries are judged by quotes from documents that the server has, or by whether a passage answers. A .json file of documents and queries; or one .jsonl file."`
	RunFile            string         `name:"run" type:"path" help:"Write the results to this file, one JSON object per query; the results of one direction to this file with a suffix such as .en-zh."`
	LanguagePolicy     string         `enum:"any,query-language,balanced" default:"any" help:"any, query-language or balanced, as for accord search."`
	Mode               string         `enum:"hybrid,semantic,lexical" default:"hybrid" help:"hybrid, semantic or lexical, as for accord search."`
	Collection         collectionName `help:"Collection to import into and search; if empty, a collection of the set's own, or collections/default for quotes."`
	Delete             bool           `help:"Delete the set's own collection at the end instead of keeping it for the next run."`
	Concurrency        int            `default:"4" help:"Number of concurrent queries."`
	Timeout            time.Duration  `default:"30s" help:"Time limit of one search."`
	CalibrationTimeout time.Duration  `default:"10m" help:"Time limit for calibration on the server after the import."`
	Output             string         `short:"o" enum:"text,json" default:"text" help:"text, or json: one object with every figure."`

	clientFlags `embed:""`
}

// Help returns the examples of --help.
func (*evalCmd) Help() string {
	return examples("accord eval sets/xquad-r", "accord eval sets/quotes.jsonl --collection news -o json")
}

// Validate is called by kong after parsing.
func (c *evalCmd) Validate() error {
	switch {
	case c.Delete && c.Collection != "":
		return errors.New("--delete works only with the set's own collection; leave out --collection")
	case c.Concurrency < 1:
		return errors.New("--concurrency must be at least 1")
	case c.Timeout <= 0 || c.CalibrationTimeout < 0:
		return errors.New("--timeout must be above 0, and --calibration-timeout not negative")
	}
	return nil
}

// Run sends every query of a judged set to a server, and prints how good the answers
// are.
func (c *evalCmd) Run(ctx context.Context, io streams) error {
	set, quoted, err := c.load()
	if err != nil {
		return err
	}
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	var r *evalReport
	if set != nil {
		r, err = c.evaluateSet(ctx, conn, set, io)
	} else {
		r, err = c.evaluateQuotes(ctx, conn, quoted, io)
	}
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return printJSON(io.out, r)
	}
	return r.print(io.out)
}

// load reads the judged set with its own passages, or the queries about documents that the
// server already has. One of the two results is nil.
func (c *evalCmd) load() (set *eval.Set, quoted []eval.QuotedQuery, err error) {
	info, err := os.Stat(c.Set)
	switch {
	case err != nil:
		return nil, nil, err
	case !info.IsDir() && filepath.Ext(c.Set) == ".jsonl":
		quoted, err = eval.LoadQuotes(c.Set)
		return nil, quoted, err
	case !info.IsDir():
		set, err = eval.LoadCases(c.Set)
		return set, nil, err
	}
	files, err := fs.Glob(os.DirFS(c.Set), "*.jsonl")
	switch {
	case err != nil:
		return nil, nil, err
	case slices.Contains(files, eval.CorpusFile):
		set, err = eval.Load(c.Set)
		return set, nil, err
	case len(files) == 0:
		return nil, nil, fmt.Errorf("%s: has neither %s nor other .jsonl files with judged queries", c.Set, eval.CorpusFile)
	}
	for i, file := range files {
		files[i] = filepath.Join(c.Set, file)
	}
	quoted, err = eval.LoadQuotes(files...)
	return nil, quoted, err
}

// evaluateSet imports the passages of a set, each as a document. It sends the queries over
// all passages, and over the passages of each language.
func (c *evalCmd) evaluateSet(ctx context.Context, conn *grpc.ClientConn, set *eval.Set, io streams) (r *evalReport, err error) {
	c.Collection = cmp.Or(c.Collection, collectionName(document.CollectionName("eval-"+set.Digest[:16])))
	if c.Delete {
		defer func() { err = errors.Join(err, c.remove(ctx, conn)) }()
	}
	if err := c.importSet(ctx, conn, set, io); err != nil {
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
	placements := set.Placements(found.pool)
	r.Right = &placements
	for name, qrels := range set.Judgements {
		r.Judgements[name] = qrels.Score(found.pool)
		if name == eval.OtherLanguage {
			r.Judgements[eval.OtherAlone] = qrels.Score(set.WithoutOwn(found.pool))
		}
	}
	for direction, qrels := range asked.directions {
		r.Directions[direction.String()] = qrels.Score(found.directions[direction])
		r.Cuts[direction.String()] = qrels.Score(set.Cut(found.pool, direction.To))
	}
	judged := make([]judgement[string], len(set.Queries))
	for i, q := range set.Queries {
		answers := set.Judgements[eval.Pool][q.ID]
		judged[i] = judgement[string]{q.ID, len(answers) > 0, func(passage string) bool { return answers[passage] > 0 }}
	}
	found.addTo(r, judged)
	return r, found.write(c.RunFile, set.Queries)
}

// evaluateQuotes sends queries about documents on the server. Some queries are judged by
// quotes, and others only by whether the documents have an answer. These others do not count
// in the reliability of first results. If one has an answer, nobody knows whether the first
// result is right. If only those without an answer counted, relevance would look too high.
func (c *evalCmd) evaluateQuotes(ctx context.Context, conn *grpc.ClientConn, quoted []eval.QuotedQuery, io streams) (*evalReport, error) {
	if c.Delete {
		return nil, errors.New("--delete: this command does not delete documents that it did not import")
	}
	c.Collection = cmp.Or(c.Collection, collectionName(document.CollectionName(document.DefaultCollection)))
	queries := make([]eval.Query, len(quoted))
	judged := make([]judgement[eval.Extract], len(quoted))
	for i, q := range quoted {
		queries[i] = q.Query
		judged[i] = judgement[eval.Extract]{id: q.ID, answerable: q.Answerable}
		if !q.Unquoted {
			judged[i].right = q.AnsweredBy
		}
	}
	asked := questions[eval.Extract]{queries: queries, docs: extracts}
	found, err := ask(ctx, c, accordv1.NewSearchServiceClient(conn), asked, progress(io, "asking", len(queries)))
	if err != nil {
		return nil, err
	}
	r := newEvalReport(c, found.info, queries)
	r.Judgements["quotes"] = eval.ScoreQuotes(quoted, found.pool)
	found.addTo(r, judged)
	return r, found.write(c.RunFile, queries)
}
