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
	// teiBatch is what a Text Embeddings Inference server takes in a request unless
	// it is configured otherwise (its --max-client-batch-size).
	teiBatch = 32
	// jinaBatch is all that a search reranks: some models compare a request's texts
	// with each other, so that scores of several requests do not go together.
	jinaBatch = 200
	// maxInfo bounds what a server says of itself, in bytes.
	maxInfo = 1 << 20
)

// wire is a format of requests and answers.
type wire struct {
	// batch returns how many texts a request may hold.
	batch func(c *Client, ctx context.Context) int
	body  func(model, query string, texts []string) any
	read  func(answer []byte) ([]score, error)
}

// score is what a server says of the text at a place of the request. These are
// pointers, since 0 and none are not the same.
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

// jina is the format that Jina and Cohere share, which vLLM, llama.cpp, LocalAI and
// Infinity speak.
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

// askBatch asks a TEI server, once, how many texts it takes in a request. A server
// that does not say takes as many as usual; one that cannot be reached is asked
// again with the next question.
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

// place puts what a server said of each text into its place. Every text must have
// exactly one score.
func place(found []score, scores []float64) error {
	if len(found) != len(scores) {
		return fmt.Errorf("%d scores for %d texts", len(found), len(scores))
	}
	given := make([]bool, len(scores))
	for i, f := range found {
		switch {
		case f.Index == nil || *f.Index < 0 || *f.Index >= len(scores):
			return fmt.Errorf("score %d has no index from 0 to %d", i, len(scores)-1)
		case given[*f.Index]:
			return fmt.Errorf("index %d is given twice", *f.Index)
		case f.Score == nil || math.Abs(*f.Score) > math.MaxFloat32:
			return fmt.Errorf("the score of index %d is missing or no finite number", *f.Index)
		}
		given[*f.Index], scores[*f.Index] = true, *f.Score
	}
	return nil
}
