package embed

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// Defaults of Config; the last three where the driver knows nothing better for
// its server. A server on a CPU that takes one request at a time lets a query
// wait for a whole batch.
const (
	DefaultBatchInputs        = 16
	DefaultBatchBytes         = 8 << 10
	DefaultQueryTimeout       = 5 * time.Second
	DefaultPassageTimeout     = time.Minute
	DefaultBatchTokens        = 2048
	DefaultMaxPassageRequests = 2
	// DefaultMaxQueryRequests is small, since queries that wait go together.
	DefaultMaxQueryRequests = 2
)

// Config says which server to use, and how. The zero value of every field but
// URL stands for its default.
type Config struct {
	// URL is the server's base URL. Its scheme says what the server speaks (see
	// Schemes); plain http(s) asks the server.
	URL string
	// APIKey is sent as a bearer token; default none.
	APIKey driver.Secret
	// Model is the model to ask for; default the first that the server lists.
	Model string
	// QueryPrefix and PassagePrefix override the model's known prefixes.
	QueryPrefix, PassagePrefix *string
	// MaxTokens overrides the limit that the server tells or the model is known for.
	MaxTokens int
	// Dimensions asks the server for vectors cut to that length, of a model that
	// was trained for it; default those that the model makes.
	Dimensions int
	// BatchInputs, BatchBytes and BatchTokens bound a request for passages:
	// their number, and the sums of their lengths in bytes and in tokens, as
	// chunk.EstimateTokens counts them. A longer text goes alone. What a server
	// tells of its limits in inputs and bytes holds where it is less.
	BatchInputs, BatchBytes, BatchTokens int
	// QueryTimeout and PassageTimeout bound one request with its retries. So
	// does nine tenths of the time to the caller's deadline.
	QueryTimeout, PassageTimeout time.Duration
	// MaxPassageRequests and MaxQueryRequests bound the requests in flight;
	// others wait for a turn as long as their context lets them.
	MaxPassageRequests, MaxQueryRequests int
	// Logger gets connections, and at debug level retries; default nowhere.
	Logger *slog.Logger
}

// withDefaults returns cfg with every default in its place that does not hang
// on the server.
func (cfg Config) withDefaults() Config {
	cfg.BatchInputs = cmp.Or(cfg.BatchInputs, DefaultBatchInputs)
	cfg.BatchBytes = cmp.Or(cfg.BatchBytes, DefaultBatchBytes)
	cfg.QueryTimeout = cmp.Or(cfg.QueryTimeout, DefaultQueryTimeout)
	cfg.PassageTimeout = cmp.Or(cfg.PassageTimeout, DefaultPassageTimeout)
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	return cfg
}

// Open returns a client of the server at cfg.URL. It makes no request: the
// server may come up later.
func Open(cfg Config) (*Client, error) {
	if min(cfg.MaxTokens, cfg.Dimensions, cfg.BatchInputs, cfg.BatchBytes, cfg.BatchTokens, cfg.MaxPassageRequests, cfg.MaxQueryRequests) < 0 ||
		min(cfg.QueryTimeout, cfg.PassageTimeout) < 0 {
		return nil, errors.New("limits and timeouts of the embedding client must not be negative")
	}
	cfg = cfg.withDefaults()
	open, base, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	httpClient := httpjson.NewClient(cmp.Or(cfg.MaxPassageRequests, DefaultMaxPassageRequests) +
		cmp.Or(cfg.MaxQueryRequests, DefaultMaxQueryRequests) + 1)
	server := httpjson.Endpoint{Base: base, APIKey: cfg.APIKey, HTTP: httpClient}
	var named driver.Driver
	if open != nil {
		if named, err = open(server); err != nil {
			return nil, err
		}
	}
	return newClient(cfg, named, server), nil
}
