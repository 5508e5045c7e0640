package rerank

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// Config holds the address and settings of a reranking server.
type Config struct {
	// URL is the server's base URL; /rerank is joined to it. Its scheme names the
	// wire format: tei+http(s) for Text Embeddings Inference; jina+http(s),
	// cohere+http(s) or plain http(s) for the format of Jina and Cohere, under /v1 if
	// the URL has no path; infinity+http(s) for the same format without /v1.
	URL string
	// APIKey is sent as a bearer token. If it is empty, none is sent.
	APIKey driver.Secret
	// Model is the model to request. If it is empty, the server chooses.
	Model string
	// Timeout bounds how long a search waits. It must be positive.
	Timeout time.Duration
	// MaxTokens bounds the tokens of the question and one text together, as
	// chunk.EstimateTokens counts them. It must be positive.
	MaxTokens int
	// Observe is called before each request, and may replace its context. The function that
	// it returns is called with the error of the request. Observe may be nil.
	Observe func(context.Context) (context.Context, func(error))
}

// Open returns a client of the server at cfg.URL. It makes no request, so the server
// may start later.
func Open(cfg Config) (*Client, error) {
	if cfg.Observe == nil {
		cfg.Observe = func(ctx context.Context) (context.Context, func(error)) { return ctx, func(error) {} }
	}
	wire, base, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	return &Client{
		cfg: cfg, wire: wire, turns: make(chan struct{}, maxRequests),
		server: httpjson.Endpoint{Base: base, APIKey: cfg.APIKey, HTTP: httpjson.NewClient(maxRequests)},
	}, nil
}

// parseURL returns the format that raw's scheme names, and the server's base URL.
func parseURL(raw string) (wire, *url.URL, error) {
	base, err := url.Parse(raw)
	if err != nil {
		// The *url.Error would show raw, which may hold a password.
		var inURL *url.Error
		if errors.As(err, &inURL) {
			err = inURL.Err
		}
		return wire{}, nil, fmt.Errorf("ACCORD_RERANK_URL is not a URL such as http://127.0.0.1:8000: %w", err)
	}
	format, root := jina, "v1"
	switch base.Scheme {
	case "http", "https":
	case "jina+http", "jina+https", "cohere+http", "cohere+https":
		_, base.Scheme, _ = strings.Cut(base.Scheme, "+")
	case "infinity+http", "infinity+https":
		root = ""
		_, base.Scheme, _ = strings.Cut(base.Scheme, "+")
	case "tei+http", "tei+https":
		format, root = tei, ""
		_, base.Scheme, _ = strings.Cut(base.Scheme, "+")
	default:
		return wire{}, nil, fmt.Errorf("ACCORD_RERANK_URL has the scheme %q; use http(s):// or jina+http(s):// for a server of /v1/rerank, "+
			"infinity+http(s):// for Infinity, tei+http(s):// for Text Embeddings Inference", base.Scheme)
	}
	if base.Hostname() == "" {
		return wire{}, nil, errors.New("ACCORD_RERANK_URL names no host; use one such as http://127.0.0.1:8000")
	}
	if strings.Trim(base.Path, "/") == "" {
		base = base.JoinPath(root)
	}
	return format, base, nil
}
