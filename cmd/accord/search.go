package main

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type searchCmd struct {
	Query      string `arg:"" help:"The question, in any language."`
	Collection string `default:"collections/default" help:"Collection to search."`
	Limit      int32  `short:"n" default:"10" help:"Maximum number of results, up to 100."`
	PageToken  string `help:"Continue a list: nextPageToken of the previous page, as printed by -o json."`

	filterFlags `embed:""`

	Mode              string  `enum:"hybrid,semantic,lexical" default:"hybrid" help:"hybrid, semantic (only vectors) or lexical (only words)."`
	LanguagePolicy    string  `aliases:"policy" enum:"any,query-language,balanced" default:"any" help:"any, query-language (only passages in the query's language) or balanced (a share for each language)."`
	QueryLanguage     string  `help:"Language of the question, such as es; detected if empty."`
	OnEmbedderFailure string  `enum:"lexical-only,fail" default:"lexical-only" help:"What to do without a model server: lexical-only or fail."`
	MinRelevance      float32 `help:"Omit passages below this relevance, 0 to 1."`
	MaxPerDocument    int32   `help:"Maximum number of passages per document; 0 for no limit."`
	KeepDuplicates    bool    `help:"Keep passages with the same words as a better one."`
	Diversity         float64 `help:"How much similarity to a better passage counts against a passage, 0 to 1."`
	GroupTranslations bool    `help:"Print translations of the best passage below it instead of as results."`
	Rerank            *bool   `negatable:"" help:"Rerank the best passages, or do not; by default they are reranked if the server has a reranker."`
	Context           int32   `help:"Number of passages to print before and after each result, up to 3."`
	Output            string  `short:"o" enum:"text,json" default:"text" help:"text, or json: a SearchResponse."`

	clientFlags `embed:""`
	waitFlags   `embed:""`
}

// Run sends the question and prints the answer.
func (c *searchCmd) Run(ctx context.Context, io streams) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	answer, err := accordv1.NewSearchServiceClient(conn).Search(ctx, c.request())
	if err != nil {
		return err
	}
	if c.Output == "json" {
		fmt.Fprintln(io.out, protojson.Format(answer))
		return nil
	}
	for _, d := range answer.GetSearchInfo().GetDegraded() {
		fmt.Fprintln(io.err, "accord: part of the search did not work:", d)
	}
	for _, phrase := range answer.GetSearchInfo().GetUnmatchedPhrases() {
		fmt.Fprintf(io.out, "no passage was found that contains %q word for word\n\n", phrase)
	}
	switch confidence := answer.GetSearchInfo().GetMatchConfidence(); {
	case len(answer.GetResults()) == 0:
		fmt.Fprintln(io.out, "nothing found")
	case confidence == accordv1.MatchConfidence_MATCH_CONFIDENCE_UNCERTAIN:
		fmt.Fprint(io.out, "no confident match: these passages are on the subject, but none clearly answers\n\n")
	case confidence == accordv1.MatchConfidence_MATCH_CONFIDENCE_OFF_TOPIC:
		fmt.Fprint(io.out, "no confident match: the collection seems to have nothing about this; nearest passages:\n\n")
	}
	for i, result := range answer.GetResults() {
		printResult(io.out, i+1, result, isTerminal(io.out))
	}
	return nil
}

func (c *searchCmd) request() *accordv1.SearchRequest {
	return &accordv1.SearchRequest{
		Query:                  c.Query,
		Collection:             c.Collection,
		PageSize:               c.Limit,
		PageToken:              c.PageToken,
		Filter:                 c.filter(),
		Mode:                   accordv1.SearchMode(enumValue(accordv1.SearchMode_value, "SEARCH_MODE_", c.Mode)),
		LanguagePolicy:         accordv1.LanguagePolicy(enumValue(accordv1.LanguagePolicy_value, "LANGUAGE_POLICY_", c.LanguagePolicy)),
		QueryLanguageCode:      c.QueryLanguage,
		OnEmbedderFailure:      accordv1.OnEmbedderFailure(enumValue(accordv1.OnEmbedderFailure_value, "ON_EMBEDDER_FAILURE_", c.OnEmbedderFailure)),
		MinRelevance:           c.MinRelevance,
		MaxPassagesPerDocument: c.MaxPerDocument,
		KeepDuplicates:         c.KeepDuplicates,
		GroupTranslations:      c.GroupTranslations,
		Diversity:              c.Diversity,
		ContextPassages:        c.Context,
		Rerank:                 c.Rerank,
	}
}
