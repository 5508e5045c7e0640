package openai

import (
	"encoding/json"
	"fmt"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// embeddings is the answer to POST /embeddings.
type embeddings struct {
	Data []struct {
		// Index is a pointer to distinguish 0 from a missing index.
		Index     *int            `json:"index"`
		Embedding json.RawMessage `json:"embedding"`
	} `json:"data"`
	Model string `json:"model"`
	Usage struct {
		PromptTokens int `json:"prompt_tokens"`
	} `json:"usage"`
}

// parseEmbeddings parses the answer for n texts. It orders the vectors by index.
// Errors wrap driver.ErrMalformed.
func parseEmbeddings(body []byte, n int) (driver.Response, error) {
	var answer embeddings
	if err := json.Unmarshal(body, &answer); err != nil {
		return driver.Response{}, fmt.Errorf("%w: not a JSON answer with embeddings: %w", driver.ErrMalformed, err)
	}
	if len(answer.Data) != n {
		return driver.Response{}, fmt.Errorf("%w: %d vectors for %d texts", driver.ErrMalformed, len(answer.Data), n)
	}
	vectors := make([][]float32, n)
	for i, item := range answer.Data {
		if item.Index == nil || *item.Index < 0 || *item.Index >= n {
			return driver.Response{}, fmt.Errorf("%w: data[%d] has no index between 0 and %d", driver.ErrMalformed, i, n-1)
		}
		if vectors[*item.Index] != nil {
			return driver.Response{}, fmt.Errorf("%w: index %d occurs twice", driver.ErrMalformed, *item.Index)
		}
		vector, err := httpjson.ParseVector(item.Embedding)
		if err != nil {
			return driver.Response{}, fmt.Errorf("%w: data[%d].embedding: %w", driver.ErrMalformed, i, err)
		}
		vectors[*item.Index] = vector
	}
	return driver.Response{Vectors: vectors, Model: answer.Model, Tokens: answer.Usage.PromptTokens}, nil
}
