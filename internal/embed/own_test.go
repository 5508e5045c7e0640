package embed

import (
	"context"
	"fmt"
)

// EmbedQuery and EmbedPassages are for tests that know no space: they embed under
// the client's own profile.
func (c *Client) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	e, err := c.own(ctx)
	if err != nil {
		return nil, err
	}
	return e.EmbedQuery(ctx, text)
}

// EmbedPassages is as EmbedQuery; a text that fails fails all.
func (c *Client) EmbedPassages(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	e, err := c.own(ctx)
	if err != nil {
		return nil, err
	}
	embeddings, err := e.EmbedPassages(ctx, texts)
	if err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(texts))
	for i, embedding := range embeddings {
		if embedding.Failure != nil {
			return nil, fmt.Errorf("%w: %s", ErrRejected, embedding.Failure.Message)
		}
		vectors[i] = embedding.Vector
	}
	return vectors, nil
}
