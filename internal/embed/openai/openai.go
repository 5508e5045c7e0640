// Package openai is the driver for servers that speak OpenAI's embeddings
// format, and the base of drivers for dialects of it.
package openai

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

const (
	// maxModelsAnswer bounds the list of models: 1 MiB is some ten thousand.
	maxModelsAnswer = 1 << 20
	// maxVectorAnswer bounds an answer for each text: a vector of 8,192
	// numbers of up to 30 characters.
	maxVectorAnswer = 8192 * 30
)

// Config says which server to speak to.
type Config struct {
	// Base is the URL that /embeddings and /models are joined to. Without a
	// path it gets /v1.
	Base *url.URL
	// APIKey is sent as a bearer token; empty sends none.
	APIKey driver.Secret
	// CloseConnections gives each request a connection of its own.
	CloseConnections bool
	// HTTP makes the requests.
	HTTP *http.Client
	// Fields returns what a dialect adds to the body of an embeddings request;
	// nil adds nothing.
	Fields func(driver.Input) map[string]any
}

// Driver implements driver.Driver.
type Driver struct {
	endpoint httpjson.Endpoint
	fields   func(driver.Input) map[string]any
}

var _ driver.Driver = (*Driver)(nil)

// New returns a driver for the server at cfg.Base. It makes no request.
func New(cfg Config) *Driver {
	base := cfg.Base
	if strings.Trim(base.Path, "/") == "" {
		base = base.JoinPath("v1")
	}
	return &Driver{
		endpoint: httpjson.Endpoint{Base: base, APIKey: cfg.APIKey, CloseConnections: cfg.CloseConnections, HTTP: cfg.HTTP},
		fields:   cfg.Fields,
	}
}

// Embed implements driver.Driver by POST {base}/embeddings.
func (d *Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	body := map[string]any{
		"input": req.Texts,
		// Said aloud, since servers differ in what they take for granted.
		"encoding_format": "float",
	}
	if req.Model != "" {
		body["model"] = req.Model
	}
	if d.fields != nil {
		maps.Copy(body, d.fields(req.Input))
	}
	answer, err := d.endpoint.Do(ctx, httpjson.Call{
		Method: http.MethodPost,
		Path:   "embeddings",
		Model:  req.Model,
		Body:   body,
		Limit:  maxVectorAnswer * int64(len(req.Texts)+1),
	})
	if err != nil {
		return driver.Response{}, err
	}
	resp, err := parseEmbeddings(answer, len(req.Texts))
	if err != nil {
		return driver.Response{}, d.endpoint.Errorf(req.Model, http.StatusOK, answer, "%w", err)
	}
	return resp, nil
}

// Describe implements driver.Driver by GET {base}/models.
func (d *Driver) Describe(ctx context.Context, _ string) (driver.Info, error) {
	answer, err := d.endpoint.Do(ctx, httpjson.Call{Method: http.MethodGet, Path: "models", Limit: maxModelsAnswer})
	if err != nil {
		if listsNothing(err) {
			return driver.Info{}, nil
		}
		return driver.Info{}, err
	}
	var list struct {
		Data []struct {
			ID      string `json:"id"`
			OwnedBy string `json:"owned_by"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return driver.Info{}, d.endpoint.Errorf("", http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	var info driver.Info
	for _, m := range list.Data {
		info.Models = append(info.Models, driver.Model{ID: m.ID, OwnedBy: m.OwnedBy})
	}
	return info, nil
}

// listsNothing reports whether a server has no list of models, or none for
// this key: hosted servers give keys that may embed and not list. A key that is
// wrong for everything shows at the first Embed.
func listsNothing(err error) bool {
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return true
	}
	return false
}
