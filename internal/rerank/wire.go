package rerank

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

const (
	// teiBatch is the default of a Text Embeddings Inference server's
	// --max-client-batch-size.
	teiBatch = 32
	// jinaBatch is the number of texts that a search reranks, so that one request has all
	// of them. Some models compare the texts of a request with each other, so scores of
	// different requests cannot be mixed.
	jinaBatch = 200
	// maxInfo bounds the answer to GET /info, in bytes.
	maxInfo = 1 << 20
)

// wire is a format of requests and answers.
type wire struct {
	// batch returns the maximum number of texts in a request.
	batch func(c *Client, ctx context.Context) int
	body  func(model, query string, texts []string) any
	read  func(answer []byte) ([]score, error)
}

// score is a server's score for the text at an index of the request. The fields are
// pointers to distinguish 0 from a missing value.
type score struct {
	Index *int
	Score *float64
}

// tei is the format of Text Embeddings Inference, which serves one model.
var tei = wire{
	batch: (*Client).askBatch,
	body: func(_, query string, texts []string) any {
		return map[string]any{"query": query, "texts": texts, "truncate": true, "raw_scores": false}
	},
	read: func(answer []byte) ([]score, error) {
		var list []score
		err := json.Unmarshal(answer, &list)
		return list, err
	},
}

// jina is the format of Jina and Cohere. vLLM, llama.cpp, LocalAI and Infinity speak
// it too.
var jina = wire{
	batch: func(*Client, context.Context) int { return jinaBatch },
	body: func(model, query string, texts []string) any {
		body := map[string]any{"query": query, "documents": texts, "top_n": len(texts)}
		if model != "" {
			body["model"] = model
		}
		return body
	},
	read: func(answer []byte) ([]score, error) {
		var found struct {
			Results []struct {
				Index *int     `json:"index"`
				Score *float64 `json:"relevance_score"`
			} `json:"results"`
		}
		err := json.Unmarshal(answer, &found)
		list := make([]score, len(found.Results))
		for i, r := range found.Results {
			list[i] = score{r.Index, r.Score}
		}
		return list, err
	},
}

// askBatch asks a TEI server for the maximum number of texts in a request, until it has
// answered once. If the answer has no number, askBatch uses the default. If the server is
// unreachable, it asks again for the next query.
func (c *Client) askBatch(ctx context.Context) int {
	if known := c.batch.Load(); known > 0 {
		return int(known)
	}
	answer, err := c.server.Do(ctx, httpjson.Call{Method: http.MethodGet, Path: "info", Limit: maxInfo})
	var failure *driver.Error
	if errors.As(err, &failure) && (failure.Temporary || failure.Status == 0) {
		return teiBatch
	}
	var info struct {
		Batch int64 `json:"max_client_batch_size"`
	}
	if err != nil || json.Unmarshal(answer, &info) != nil || info.Batch < 1 {
		info.Batch = teiBatch
	}
	c.batch.Store(min(info.Batch, jinaBatch))
	return int(c.batch.Load())
}

// storeScores stores each score at its index. Every text must have exactly one score.
func storeScores(found []score, scores []float64) error {
	if len(found) != len(scores) {
		return fmt.Errorf("%d scores for %d texts", len(found), len(scores))
	}
	given := make([]bool, len(scores))
	for i, f := range found {
		switch {
		case f.Index == nil || *f.Index < 0 || *f.Index >= len(scores):
			return fmt.Errorf("score %d has no index between 0 and %d", i, len(scores)-1)
		case given[*f.Index]:
			return fmt.Errorf("index %d occurs twice", *f.Index)
		case f.Score == nil || math.Abs(*f.Score) > math.MaxFloat32:
			return fmt.Errorf("the score of index %d is missing or not finite", *f.Index)
		}
		given[*f.Index], scores[*f.Index] = true, *f.Score
	}
	return nil
}
