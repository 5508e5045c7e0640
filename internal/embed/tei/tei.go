// Package tei is the driver for Hugging Face's Text Embeddings Inference over HTTP, in its
// own format. Unlike the server's version of OpenAI's format, it can forbid truncation.
package tei

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

const (
	// maxInfo bounds the answer to GET /info.
	maxInfo = 1 << 20
	// maxBatchBytes bounds the texts of a request. A body may have 2 MB, and JSON
	// escapes some characters.
	maxBatchBytes = 1_000_000
)

// Driver implements driver.Driver.
type Driver struct{ server httpjson.Endpoint }

var _ driver.Driver = (*Driver)(nil)

// New returns a driver for the server. It ignores a trailing /v1 of the base URL. It
// makes no request.
func New(server httpjson.Endpoint) *Driver { return &Driver{server: server.Root()} }

// Embed implements driver.Driver with POST /embed. The server refuses a text that is too
// long, or a batch of too many texts, with status 413 or 422, depending on its version. If
// its model fails, it answers 424, and the error of Embed has status 500 instead.
func (d *Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	body := map[string]any{"inputs": req.Texts, "truncate": false, "normalize": true}
	if req.Dimensions > 0 {
		body["dimensions"] = req.Dimensions
	}
	var header http.Header
	answer, err := d.server.Do(ctx, httpjson.Call{
		Method: http.MethodPost,
		Path:   "embed",
		Model:  req.Model,
		Body:   body,
		Limit:  httpjson.MaxVector * int64(len(req.Texts)+1),
		Header: &header,
	})
	var failure *driver.Error
	if errors.As(err, &failure) && failure.Status == http.StatusFailedDependency {
		failure.Status = http.StatusInternalServerError
	}
	if err != nil {
		return driver.Response{}, err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(answer, &raw); err != nil {
		return driver.Response{}, d.server.Errorf(req.Model, http.StatusOK, answer, "%w: not a JSON answer with embeddings: %w", driver.ErrMalformed, err)
	}
	vectors, err := httpjson.ParseVectors(raw, len(req.Texts))
	if err != nil {
		return driver.Response{}, d.server.Errorf(req.Model, http.StatusOK, answer, "%w", err)
	}
	tokens, err := strconv.Atoi(header.Get("X-Compute-Tokens"))
	if err != nil || tokens < 0 {
		tokens = 0 // the server does not report tokens
	}
	return driver.Response{Vectors: vectors, Tokens: tokens}, nil
}

// Info is the answer to GET /info. It describes the server's only model.
type Info struct {
	ModelID               string `json:"model_id"`
	ModelSHA              string `json:"model_sha"`
	MaxInputLength        int    `json:"max_input_length"`
	MaxClientBatchSize    int    `json:"max_client_batch_size"`
	MaxConcurrentRequests int    `json:"max_concurrent_requests"`
	MaxBatchTokens        int    `json:"max_batch_tokens"`
}

// Describe implements driver.Driver with GET /info.
func (d *Driver) Describe(ctx context.Context, _ string) (driver.Info, error) {
	answer, err := d.server.Do(ctx, httpjson.Call{Method: http.MethodGet, Path: "info", Limit: maxInfo})
	if err != nil {
		return driver.Info{}, err
	}
	var told Info
	if err := json.Unmarshal(answer, &told); err != nil {
		return driver.Info{}, d.server.Errorf("", http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	info := told.Describe()
	info.Limits.MaxBatchBytes = maxBatchBytes
	return info, nil
}

// Describe converts i to a driver.Info, both for HTTP and for gRPC. The server counts each
// text as a concurrent request, and refuses a whole request if it exceeds the limit. So
// only half of the limit is used, which leaves the other half to other clients.
func (i Info) Describe() driver.Info {
	return driver.Info{
		Models: []driver.Model{{ID: i.ModelID, Revision: i.ModelSHA}},
		Limits: driver.Limits{
			MaxTokens:           i.MaxInputLength,
			MaxBatchInputs:      i.MaxClientBatchSize,
			MaxBatchTokens:      i.MaxBatchTokens,
			MaxConcurrentInputs: (i.MaxConcurrentRequests + 1) / 2,
		},
	}
}
