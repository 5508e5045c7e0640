// Package rerank asks a reranking server how well texts answer a question. It handles wire
// formats, batches and deadlines, and checks the answers. It neither chooses the texts nor
// sorts them.
package rerank

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/health"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/retry"
	"github.com/accord-search/accord/internal/guard"
)

const (
	// maxRequests bounds the requests in flight for all searches together. Other
	// requests wait until their deadline.
	maxRequests = 4
	// tries is how often a request is sent. It is sent again only if the server was
	// overloaded or the connection broke, since a caller is waiting.
	tries = 2
	// aroundTexts is the number of special tokens that models add to a question and a text.
	aroundTexts = 4
)

// Client speaks to one reranking server. It is safe for concurrent use.
type Client struct {
	cfg    Config
	wire   wire
	server httpjson.Endpoint
	turns  chan struct{} // its capacity bounds the requests in flight
	health health.Record
	// batch is the maximum number of texts that the server accepts in a request, or 0 if
	// that is unknown.
	batch atomic.Int64
}

// Rerank returns a score for how well each text answers a query, in the order of the
// texts. For no texts it returns none. Scores are finite, also as float32; higher is
// better. Only their order is meaningful: some servers return probabilities, others
// logits. Rerank returns within the configured timeout, and before half of the time
// to ctx's deadline has passed. Its errors wrap a *driver.Error or the error of the
// context.
func (c *Client) Rerank(ctx context.Context, query string, texts []string) ([]float64, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	limit := c.cfg.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2) // leaves the caller time to answer without scores
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	query, texts = c.shorten(query, texts)
	size := c.wire.batch(c, ctx)
	scores := make([]float64, len(texts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxRequests)
	for start := 0; start < len(texts); start += size {
		end := min(start+size, len(texts))
		group.Go(guard.Func(func() error { return c.score(ctx, query, texts[start:end], scores[start:end]) }))
	}
	err := group.Wait()
	// A caller that leaves, or has little time, says nothing about the server.
	if err == nil || limit == c.cfg.Timeout && !errors.Is(err, context.Canceled) {
		c.health.Ended(err == nil)
	}
	if err != nil {
		return nil, err
	}
	return scores, nil
}

// Model returns the model that is configured. If it is empty, the server chooses.
func (c *Client) Model() string { return c.cfg.Model }

// Health returns whether the server answered the last search that asked it.
func (c *Client) Health() health.Health { return c.health.Now() }

// Close closes idle connections.
func (c *Client) Close() { c.server.HTTP.CloseIdleConnections() }

// shorten cuts the query and each text to what the server can read. Some servers refuse a
// whole request if one of its texts is too long for the model.
func (c *Client) shorten(query string, texts []string) (string, []string) {
	query = beginning(query, max(1, c.cfg.MaxTokens/2))
	rest := max(1, c.cfg.MaxTokens-aroundTexts-chunk.EstimateTokens(query))
	cut := make([]string, len(texts))
	for i, text := range texts {
		cut[i] = beginning(text, rest)
	}
	return query, cut
}

// beginning returns the beginning of a text with at most the given number of tokens, cut at
// a boundary of windows.
func beginning(text string, tokens int) string {
	if chunk.EstimateTokens(text) <= tokens {
		return text
	}
	if windows := chunk.Windows(text, tokens, chunk.EstimateTokens); len(windows) > 0 {
		return windows[0]
	}
	return ""
}

// score sets the scores of one request's texts.
func (c *Client) score(ctx context.Context, query string, texts []string, scores []float64) error {
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return fmt.Errorf("%s is still busy with %d earlier requests: %w", httpjson.ServerName(c.server.Base), maxRequests, ctx.Err())
	}
	_, err := retry.Do(ctx, retry.Policy{Tries: tries, Pause: retry.FirstPause}, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.sendOnce(ctx, query, texts, scores)
	})
	return err
}

// sendOnce makes one request and parses its answer.
func (c *Client) sendOnce(ctx context.Context, query string, texts []string, scores []float64) (err error) {
	begun := time.Now()
	ctx, end := c.cfg.Observe(ctx)
	defer func() { end(driver.Withhold(err, query)) }()
	answer, err := c.server.Do(ctx, httpjson.Call{
		Method: http.MethodPost, Path: "rerank", Model: c.cfg.Model,
		Body: c.wire.body(c.cfg.Model, query, texts), Limit: answerLimit(texts),
	})
	if err != nil {
		return err
	}
	c.health.Took(time.Since(begun))
	found, err := c.wire.read(answer)
	if err == nil {
		err = storeScores(found, scores)
	}
	if err != nil {
		return c.server.Errorf(c.cfg.Model, http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	return nil
}

// answerLimit returns the limit of an answer in bytes. Servers may repeat the texts, in
// which JSON may escape one byte with six, and add data for each text and for the whole.
func answerLimit(texts []string) int64 {
	const ofEach, ofAll = 1 << 10, 1 << 16
	limit := int64(ofAll)
	for _, text := range texts {
		limit += ofEach + 6*int64(len(text))
	}
	return limit
}
