package embed

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// Defaults of Config. The last three apply if the driver has no better value for its
// server. Batches are small because a server on a CPU handles one request at a time, so a
// query may have to wait for a whole batch of passages.
const (
	DefaultBatchInputs        = 16
	DefaultBatchBytes         = 8 << 10
	DefaultQueryTimeout       = 5 * time.Second
	DefaultPassageTimeout     = time.Minute
	DefaultBatchTokens        = 2048
	DefaultMaxPassageRequests = 2
	// DefaultMaxQueryRequests is small because waiting queries are sent together.
	DefaultMaxQueryRequests = 2
)

// Config holds the address and settings of a model server. The zero value of every
// field except URL means its default.
type Config struct {
	// URL is the server's base URL. Its scheme names the wire format (see Schemes).
	// With plain http(s) the format is detected.
	URL string
	// APIKey is sent as a bearer token. The default is none.
	APIKey driver.Secret
	// Model is the model to request. The default is the first that the server lists.
	Model string
	// QueryPrefix and PassagePrefix override the model's known prefixes.
	QueryPrefix, PassagePrefix *string
	// MaxTokens overrides the limit that the server reports, or that is known for the
	// model.
	MaxTokens int
	// Dimensions requests vectors shortened to that length, from models trained for
	// it. The default is the model's own length.
	Dimensions int
	// BatchInputs, BatchBytes and BatchTokens bound a request for passages: the
	// number of texts, and the sums of their lengths in bytes and in tokens, as
	// chunk.EstimateTokens counts them. A longer text is sent alone. Smaller limits
	// in inputs and bytes that the server reports take precedence.
	BatchInputs, BatchBytes, BatchTokens int
	// QueryTimeout and PassageTimeout bound one request with its retries. The request also
	// ends after nine tenths of the time to the caller's deadline.
	QueryTimeout, PassageTimeout time.Duration
	// MaxPassageRequests and MaxQueryRequests bound the requests in flight. Other
	// requests wait until their context ends.
	MaxPassageRequests, MaxQueryRequests int
	// Observe is called before each request for vectors, whose context it may replace. The
	// function that it returns gets the error of the request. The default does nothing.
	Observe func(context.Context) (context.Context, func(error))
	// Logger logs connections and, at debug level, retries. The default discards
	// them.
	Logger *slog.Logger
}

// withDefaults returns cfg with all defaults that do not depend on the server.
func (cfg Config) withDefaults() Config {
	cfg.BatchInputs = cmp.Or(cfg.BatchInputs, DefaultBatchInputs)
	cfg.BatchBytes = cmp.Or(cfg.BatchBytes, DefaultBatchBytes)
	cfg.QueryTimeout = cmp.Or(cfg.QueryTimeout, DefaultQueryTimeout)
	cfg.PassageTimeout = cmp.Or(cfg.PassageTimeout, DefaultPassageTimeout)
	if cfg.Observe == nil {
		cfg.Observe = func(ctx context.Context) (context.Context, func(error)) { return ctx, func(error) {} }
	}
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	return cfg
}

// Open returns a client of the server at cfg.URL. It makes no request, so the server
// may start later.
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
