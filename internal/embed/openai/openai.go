// Package openai is the driver for servers that speak OpenAI's embeddings format.
// Drivers for its dialects build on it.
package openai

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// maxModelsAnswer bounds the list of models. 1 MiB is about ten thousand models.
const maxModelsAnswer = 1 << 20

// limits are OpenAI's own ("Create embeddings" in its API reference). Other servers with
// this format are not expected to exceed them.
var limits = driver.Limits{MaxBatchInputs: 2048, MaxBatchTokens: 300_000}

// Config holds the settings of a Driver.
type Config struct {
	// Endpoint is the server. /embeddings and /models are joined to its base URL. If that
	// has no path, /v1 is added.
	httpjson.Endpoint
	// AtRoot means that /v1 is not added.
	AtRoot bool
	// Fields returns the fields that a dialect adds to the body of an embeddings
	// request. nil adds none.
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
	if !cfg.AtRoot && strings.Trim(cfg.Base.Path, "/") == "" {
		cfg.Base = cfg.Base.JoinPath("v1")
	}
	return &Driver{endpoint: cfg.Endpoint, fields: cfg.Fields}
}

// Embed implements driver.Driver with POST {base}/embeddings.
func (d *Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	body := map[string]any{
		"input": req.Texts,
		// set explicitly, since servers have different defaults
		"encoding_format": "float",
	}
	if req.Model != "" {
		body["model"] = req.Model
	}
	if req.Dimensions > 0 {
		body["dimensions"] = req.Dimensions // only if set, since models that were not trained for it refuse it
	}
	if d.fields != nil {
		maps.Copy(body, d.fields(req.Input))
	}
	answer, err := d.endpoint.Do(ctx, httpjson.Call{
		Method: http.MethodPost,
		Path:   "embeddings",
		Model:  req.Model,
		Body:   body,
		Limit:  httpjson.MaxVector * int64(len(req.Texts)+1),
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

// listed is an entry of the list of models.
type listed struct {
	ID          string `json:"id"`
	OwnedBy     string `json:"owned_by"`
	MaxModelLen int    `json:"max_model_len"` // reported by vLLM
	Meta        struct {
		Context int `json:"n_ctx"`
		Trained int `json:"n_ctx_train"`
	} `json:"meta"` // reported by llama.cpp
}

// Describe implements driver.Driver with GET {base}/models. If the server has a single
// model, the limit of that model is returned, whatever name was asked for.
func (d *Driver) Describe(ctx context.Context, model string) (driver.Info, error) {
	info := driver.Info{Limits: limits}
	answer, err := d.endpoint.Do(ctx, httpjson.Call{Method: http.MethodGet, Path: "models", Limit: maxModelsAnswer})
	if err != nil {
		if listsNothing(err) {
			return info, nil
		}
		return driver.Info{}, err
	}
	var list struct {
		Data []listed `json:"data"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return driver.Info{}, d.endpoint.Errorf("", http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	for i, m := range list.Data {
		info.Models = append(info.Models, driver.Model{ID: m.ID, OwnedBy: m.OwnedBy})
		if m.ID == model || i == 0 && (model == "" || len(list.Data) == 1) {
			info.Limits.MaxTokens = driver.LeastLimit(m.MaxModelLen, m.Meta.Context, m.Meta.Trained)
		}
	}
	return info, nil
}

// listsNothing reports whether err means that a server has no list of models, or none for
// this key: some hosted servers have keys that may embed but not list. A wrong key fails at
// the first Embed.
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
