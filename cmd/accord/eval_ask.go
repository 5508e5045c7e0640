package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/eval"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// questions are the queries to send. Each is sent over the whole collection, and over one
// language for each direction in which it is judged. D is the part of a result that is
// kept.
type questions[D any] struct {
	queries    []eval.Query
	directions map[eval.Direction]eval.Qrels
	docs       func([]*accordv1.SearchResult) []D
}

// evalResults holds the results of a run.
type evalResults[D any] struct {
	mu         sync.Mutex // guards the maps while queries run
	pool       eval.Run[D]
	directions map[eval.Direction]eval.Run[D]
	infos      map[string]*accordv1.SearchInfo // by query, for the whole collection
	relevance  map[string]float64              // by query: the relevance of the first result in pool
	info       *accordv1.SearchInfo            // info of the last answer
}

// ask sends all queries, several at once.
func ask[D any](ctx context.Context, c *evalCmd, client accordv1.SearchServiceClient, asked questions[D], bar *progressbar.ProgressBar) (*evalResults[D], error) {
	out := &evalResults[D]{
		pool: eval.Run[D]{}, directions: map[eval.Direction]eval.Run[D]{},
		infos: map[string]*accordv1.SearchInfo{}, relevance: map[string]float64{},
	}
	for direction := range asked.directions {
		out.directions[direction] = eval.Run[D]{}
	}
	search := func(ctx context.Context, q eval.Query, language string, run eval.Run[D]) error {
		answer, err := c.search(ctx, client, q, language)
		if err == nil {
			out.record(q, language, run, answer, asked.docs(answer.GetResults()))
		}
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.Concurrency)
	for _, q := range asked.queries {
		group.Go(guard.Func(func() error {
			if err := search(ctx, q, "", out.pool); err != nil {
				return err
			}
			for direction, qrels := range asked.directions {
				if qrels[q.ID] == nil {
					continue
				}
				if err := search(ctx, q, direction.To, out.directions[direction]); err != nil {
					return err
				}
			}
			_ = bar.Add(1) // failing to draw the bar is not an error
			return nil
		}))
	}
	return out, group.Wait()
}

// record adds the answer to a query to run. language is "" for a search of the whole
// collection.
func (f *evalResults[D]) record(q eval.Query, language string, run eval.Run[D], answer *accordv1.SearchResponse, docs []D) {
	f.mu.Lock()
	defer f.mu.Unlock()
	run[q.ID] = docs
	f.info = answer.GetSearchInfo()
	if language != "" {
		return
	}
	f.infos[q.ID] = f.info
	if results := answer.GetResults(); len(results) > 0 {
		f.relevance[q.ID] = float64(results[0].GetScores().GetRelevance())
	}
}

// search sends one query. If language is not empty, it searches only the passages of that
// language.
func (c *evalCmd) search(ctx context.Context, client accordv1.SearchServiceClient, q eval.Query, language string) (*accordv1.SearchResponse, error) {
	request := &accordv1.SearchRequest{
		Query:          q.Text,
		Parent:         string(c.Collection),
		PageSize:       100,  // recall@100 needs 100 results, the largest page
		KeepDuplicates: true, // every copy of a passage is judged
		// An answer without vectors has another ranking, which must not be measured.
		OnEmbedderFailure: accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL,
		LanguagePolicy:    accordv1.LanguagePolicy(enumValue(accordv1.LanguagePolicy_value, "LANGUAGE_POLICY_", c.LanguagePolicy)),
	}
	request.Mode = accordv1.SearchMode(enumValue(accordv1.SearchMode_value, "SEARCH_MODE_", c.Mode))
	if language != "" {
		request.Filter = &accordv1.Filter{Languages: []string{language}}
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	answer, err := client.Search(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("query %s: %s", q.ID, message(err))
	}
	return answer, nil
}

// enumValue returns the enum value of a flag: "query-language" is
// LANGUAGE_POLICY_QUERY_LANGUAGE.
func enumValue(values map[string]int32, prefix, flag string) int32 {
	return values[prefix+strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))]
}

// corpusIDs returns the distinct ids that the results have in the judged set. A passage of
// a set may have become several passages on the server. A result that is not in the set
// gets its name as id.
func corpusIDs(results []*accordv1.SearchResult) []string {
	var ids []string
	seen := map[string]bool{}
	for _, result := range results {
		id := result.GetDocument().GetMetadata()[corpusIDKey]
		if id == "" {
			id = result.GetPassage().GetName()
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// extracts returns the text of each result with the name of its file. Quotes are looked
// up in these texts.
func extracts(results []*accordv1.SearchResult) []eval.Extract {
	out := make([]eval.Extract, len(results))
	for i, result := range results {
		out[i] = eval.Extract{File: result.GetDocument().GetMetadata()["file"], Text: result.GetPassage().GetText()}
	}
	return out
}

// write writes the results as run files: file for the whole collection, and file.en-zh and
// so on for each direction. It writes nothing if file is empty.
func (f *evalResults[D]) write(file string, queries []eval.Query) error {
	if file == "" {
		return nil
	}
	if err := f.pool.Write(file, queries); err != nil {
		return err
	}
	for direction, run := range f.directions {
		if err := run.Write(file+"."+direction.String(), queries); err != nil {
			return err
		}
	}
	return nil
}
