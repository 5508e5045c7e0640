package embed

import (
	"context"
	"fmt"
)

// EmbedQuery and EmbedPassages serve tests without spaces. They embed under the
// client's own profile.
func (c *Client) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	e, err := c.ownEncoder(ctx)
	if err != nil {
		return nil, err
	}
	return e.EmbedQuery(ctx, text)
}

// EmbedQuery embeds one query.
func (e *Encoder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	vectors, errs := e.EmbedQueries(ctx, []string{text})
	return vectors[0], errs[0]
}

// EmbedPassages is like EmbedQuery, but for passages. If one text fails, the call
// fails.
func (c *Client) EmbedPassages(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	e, err := c.ownEncoder(ctx)
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
