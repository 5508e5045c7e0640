// Package ollama is the driver for Ollama's own format. Unlike Ollama's version of OpenAI's
// format, it can forbid truncation and set how long a model stays in memory.
package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

const (
	// keepAlive is how long a model stays in memory after a request. With Ollama's
	// default of 5 minutes, a query after a quiet period would have to wait for the
	// model to load.
	keepAlive = "2h"
	// maxAnswer bounds the list of models and the description of a model, which may
	// include its licence and vocabulary.
	maxAnswer = 16 << 20
)

// Driver implements driver.Driver.
type Driver struct{ server httpjson.Endpoint }

var _ driver.Driver = (*Driver)(nil)

// New returns a driver for the server. It ignores a trailing /v1 of the base URL. It
// makes no request.
func New(server httpjson.Endpoint) *Driver { return &Driver{server: server.Root()} }

// Embed implements driver.Driver with POST /api/embed. A text that is too long is
// refused with status 400.
func (d *Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	body := map[string]any{"model": req.Model, "input": req.Texts, "truncate": false, "keep_alive": keepAlive}
	if req.Dimensions > 0 {
		body["dimensions"] = req.Dimensions
	}
	answer, err := d.server.Do(ctx, httpjson.Call{
		Method: http.MethodPost,
		Path:   "api/embed",
		Model:  req.Model,
		Body:   body,
		Limit:  httpjson.MaxVector * int64(len(req.Texts)+1),
	})
	if err != nil {
		return driver.Response{}, notFinite(err)
	}
	var parsed struct {
		Model      string            `json:"model"`
		Embeddings []json.RawMessage `json:"embeddings"`
		Tokens     int               `json:"prompt_eval_count"`
	}
	if err := json.Unmarshal(answer, &parsed); err != nil {
		return driver.Response{}, d.server.Errorf(req.Model, http.StatusOK, answer, "%w: not a JSON answer with embeddings: %w", driver.ErrMalformed, err)
	}
	vectors, err := httpjson.ParseVectors(parsed.Embeddings, len(req.Texts))
	if err != nil {
		return driver.Response{}, d.server.Errorf(req.Model, http.StatusOK, answer, "%w", err)
	}
	return driver.Response{Vectors: vectors, Model: parsed.Model, Tokens: parsed.Tokens}, nil
}

// notFinite adds the cause to the error of a server that could not encode a vector with
// NaN. The server reports it as an internal failure.
func notFinite(err error) error {
	var failure *driver.Error
	if errors.As(err, &failure) && failure.Status == http.StatusInternalServerError && strings.Contains(failure.Body, "unsupported value") {
		failure.Err = fmt.Errorf("%w: a vector that is not finite", driver.ErrMalformed)
	}
	return err
}

// Describe implements driver.Driver with GET /api/tags and POST /api/show.
func (d *Driver) Describe(ctx context.Context, model string) (driver.Info, error) {
	answer, err := d.server.Do(ctx, httpjson.Call{Method: http.MethodGet, Path: "api/tags", Limit: maxAnswer})
	if err != nil {
		return driver.Info{}, err
	}
	var list struct {
		Models []struct {
			Name   string `json:"name"`
			Digest string `json:"digest"`
		} `json:"models"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return driver.Info{}, d.server.Errorf("", http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	var info driver.Info
	for _, m := range list.Models {
		info.Models = append(info.Models, driver.Model{ID: m.Name, Revision: m.Digest})
	}
	if model == "" {
		if len(info.Models) == 0 {
			return info, nil
		}
		model = info.Models[0].ID
	}
	info.Limits.MaxTokens, err = d.contextLength(ctx, model)
	return info, err
}

// contextLength returns the maximum number of tokens of a text for model, or 0 if the server
// does not report it.
func (d *Driver) contextLength(ctx context.Context, model string) (int, error) {
	answer, err := d.server.Do(ctx, httpjson.Call{
		Method: http.MethodPost, Path: "api/show", Model: model, Body: map[string]string{"model": model}, Limit: maxAnswer,
	})
	if err != nil {
		return 0, err
	}
	var shown struct {
		Parameters   string         `json:"parameters"`
		ModelInfo    map[string]any `json:"model_info"`
		Capabilities []string       `json:"capabilities"`
	}
	if err := json.Unmarshal(answer, &shown); err != nil {
		return 0, d.server.Errorf(model, http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	if len(shown.Capabilities) > 0 && !slices.Contains(shown.Capabilities, "embedding") {
		return 0, d.server.Errorf(model, http.StatusBadRequest, nil, "the model is for %s: set ACCORD_EMBEDDING_MODEL to an embedding model",
			strings.Join(shown.Capabilities, ", "))
	}
	return driver.LeastLimit(trainedLength(shown.ModelInfo), parameter(shown.Parameters, "num_ctx")), nil
}

// trainedLength returns the context length for the model's architecture. If there is none,
// it returns the only context length, or 0 if there is not exactly one. A model with
// several parts has one context length for each part.
func trainedLength(info map[string]any) int {
	const name = ".context_length"
	architecture, _ := info["general.architecture"].(string)
	if length, ok := info[architecture+name].(float64); ok {
		return int(length)
	}
	var lengths []int
	for key, value := range info {
		if length, ok := value.(float64); ok && strings.HasSuffix(key, name) {
			lengths = append(lengths, int(length))
		}
	}
	if len(lengths) != 1 {
		return 0
	}
	return lengths[0]
}

// parameter returns the number in the line "name number" of parameters, or 0 if there
// is none.
func parameter(parameters, name string) int {
	for line := range strings.Lines(parameters) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == name {
			number, err := strconv.Atoi(fields[1])
			if err != nil {
				return 0
			}
			return number
		}
	}
	return 0
}
