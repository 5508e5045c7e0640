package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/accord-search/accord/internal/embed/driver"
)

// embeddings is the answer to POST /embeddings.
type embeddings struct {
	Data []struct {
		// Index is a pointer, since 0 and none are not the same.
		Index     *int            `json:"index"`
		Embedding json.RawMessage `json:"embedding"`
	} `json:"data"`
	Model string `json:"model"`
	Usage struct {
		PromptTokens int `json:"prompt_tokens"`
	} `json:"usage"`
}

// parseEmbeddings reads the answer for n texts. The order of the vectors is
// that of their index, whatever the order they stand in. Errors wrap
// driver.ErrMalformed.
func parseEmbeddings(body []byte, n int) (driver.Response, error) {
	var answer embeddings
	if err := json.Unmarshal(body, &answer); err != nil {
		return driver.Response{}, fmt.Errorf("%w: not the JSON of embeddings: %w", driver.ErrMalformed, err)
	}
	if len(answer.Data) != n {
		return driver.Response{}, fmt.Errorf("%w: %d vectors for %d texts", driver.ErrMalformed, len(answer.Data), n)
	}
	vectors := make([][]float32, n)
	for i, item := range answer.Data {
		if item.Index == nil || *item.Index < 0 || *item.Index >= n {
			return driver.Response{}, fmt.Errorf("%w: data[%d] has no index from 0 to %d", driver.ErrMalformed, i, n-1)
		}
		if vectors[*item.Index] != nil {
			return driver.Response{}, fmt.Errorf("%w: index %d is given twice", driver.ErrMalformed, *item.Index)
		}
		vector, err := parseVector(item.Embedding)
		if err != nil {
			return driver.Response{}, fmt.Errorf("%w: data[%d].embedding: %w", driver.ErrMalformed, i, err)
		}
		vectors[*item.Index] = vector
	}
	return driver.Response{Vectors: vectors, Model: answer.Model, Tokens: answer.Usage.PromptTokens}, nil
}

// parseVector reads one array of numbers.
func parseVector(raw json.RawMessage) ([]float32, error) {
	// encoding/json would take null, which servers write for NaN, as 0.
	if len(raw) == 0 || bytes.Contains(raw, []byte("null")) {
		return nil, errors.New("missing, or null among its numbers")
	}
	var vector []float32
	if err := json.Unmarshal(raw, &vector); err != nil {
		return nil, err
	}
	return vector, nil
}
