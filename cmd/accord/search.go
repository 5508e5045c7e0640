package main

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type searchCmd struct {
	Query      string         `arg:"" optional:"" help:"The question, in any language."`
	Batch      string         `type:"existingfile" help:"File with a question per line, to ask instead of QUERY; -o json prints an answer per line."`
	Collection collectionName `default:"collections/default" help:"Collection to search."`
	Limit      int32          `short:"n" aliases:"page-size" default:"10" help:"Maximum number of results, up to 100; also --page-size."`
	PageToken  string         `help:"Continue a list: nextPageToken of the previous page, as printed by -o json."`

	filterFlags `embed:"" group:"filter"`

	Mode              string   `enum:"hybrid,semantic,lexical" default:"hybrid" help:"hybrid, semantic (only vectors) or lexical (only words)."`
	LexicalWeight     *float64 `help:"How much words count against meaning in the order, 0 (only meaning) to 1 (only words); 0.5 unless set."`
	LanguagePolicy    string   `aliases:"policy" enum:"any,query-language,balanced" default:"any" help:"any, query-language (only passages in the query's language) or balanced (a share for each language)."`
	QueryLanguage     string   `help:"Language of the question, such as es; detected if empty."`
	OnEmbedderFailure string   `enum:"lexical-only,fail" default:"lexical-only" help:"What to do without a model server: lexical-only or fail."`
	MinRelevance      float32  `help:"Omit passages below this relevance, 0 to 1."`
	MaxPerDocument    int32    `help:"Maximum number of passages per document; 0 for no limit."`
	KeepDuplicates    bool     `help:"Keep passages with the same words as a better one."`
	Diversity         float64  `help:"How much similarity to a better passage counts against a passage, 0 to 1."`
	GroupTranslations bool     `help:"Print translations of the best passage below it instead of as results."`
	OrderBy           string   `placeholder:"ORDER" help:"publish_time (oldest first) or \"publish_time desc\" (newest first); by default the best comes first."`
	Facet             []string `sep:"none" placeholder:"FIELD" help:"Count the results of all pages by language_code, kind, source, publish_year or metadata.KEY; may be repeated."`
	Rerank            *bool    `negatable:"" help:"Whether to rerank the best passages; by default they are reranked if the server has a reranker."`
	Context           int32    `help:"Number of passages to print before and after each result, up to 3."`

	callFlags `embed:"" group:"server"`
}

// Help returns the examples of --help.
func (*searchCmd) Help() string {
	return examples(
		`accord search "what was agreed on digital economy"`,
		`accord search --language en --after 2024-01-01 "qué se acordó sobre la economía digital"`,
		`accord search --where "metadata.topic=trade|fisheries" --where "metadata.pages>=10" "digital economy"`,
		`accord search --min-relevance .5 --order-by "publish_time desc" --facet source --facet publish_year "digital economy"`,
		`accord search --collection news -n 3 --context 1 "port of Chancay"`,
		`accord search -n 3 --batch questions.txt`,
	) + "\n\nExit codes: 0 if passages were found, 3 if nothing was found, 4 if a part of the search did not work, for example because the model server is down."
}

// Validate is called by kong after parsing.
func (c *searchCmd) Validate() error {
	switch {
	case (c.Query == "") == (c.Batch == ""):
		return errors.New("expected a question, or --batch with a file of questions")
	case c.Batch != "" && c.PageToken != "":
		return errors.New("--page-token belongs to one question; use it without --batch")
	}
	return nil
}

// Run sends the question, or those of the batch, and prints the answer.
func (c *searchCmd) Run(ctx context.Context, io streams) error {
	if c.Batch != "" {
		return c.runBatch(ctx, io)
	}
	answer, err := call(ctx, c.callFlags, io, func(ctx context.Context, conn *grpc.ClientConn) (*accordv1.SearchResponse, error) {
		return accordv1.NewSearchServiceClient(conn).Search(ctx, c.request())
	}, func(answer *accordv1.SearchResponse) { printAnswer(io, answer) })
	switch {
	case err != nil:
		return err
	case len(answer.GetSearchInfo().GetDegraded()) > 0:
		return errDegraded
	case len(answer.GetResults()) == 0:
		return errNothing
	}
	return nil
}

func (c *searchCmd) request() *accordv1.SearchRequest {
	return &accordv1.SearchRequest{
		Query:                  c.Query,
		Parent:                 string(c.Collection),
		PageSize:               c.Limit,
		PageToken:              c.PageToken,
		Filter:                 c.filter(),
		Mode:                   accordv1.SearchMode(enumValue(accordv1.SearchMode_value, "SEARCH_MODE_", c.Mode)),
		LanguagePolicy:         accordv1.LanguagePolicy(enumValue(accordv1.LanguagePolicy_value, "LANGUAGE_POLICY_", c.LanguagePolicy)),
		QueryLanguageCode:      c.QueryLanguage,
		OnEmbedderFailure:      accordv1.OnEmbedderFailure(enumValue(accordv1.OnEmbedderFailure_value, "ON_EMBEDDER_FAILURE_", c.OnEmbedderFailure)),
		MinRelevance:           c.MinRelevance,
		LexicalWeight:          c.LexicalWeight,
		MaxPassagesPerDocument: c.MaxPerDocument,
		KeepDuplicates:         c.KeepDuplicates,
		GroupTranslations:      c.GroupTranslations,
		Diversity:              c.Diversity,
		ContextPassages:        c.Context,
		Rerank:                 c.Rerank,
		OrderBy:                c.OrderBy,
		Facets:                 c.Facet,
	}
}
