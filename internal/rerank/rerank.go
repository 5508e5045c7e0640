// Package rerank asks a reranking server how well texts answer a question. It
// owns the wire formats, batches, deadlines and the checks of what comes back;
// it neither chooses what is reranked nor orders it.
package rerank

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

const (
	// maxRequests bounds the requests in flight to the server, of all searches
	// together; others wait for a turn as long as their deadline lets them.
	maxRequests = 4
	// tries and pause: one more try, and only where the server was overloaded or the
	// connection broke. Somebody waits for the answer.
	tries = 2
	pause = 100 * time.Millisecond
	// aroundTexts is how many tokens models put around a question and a text.
	aroundTexts = 4
)

// Client asks one server. It is safe for concurrent use.
type Client struct {
	cfg    Config
	wire   wire
	server httpjson.Endpoint
	turns  chan struct{} // its capacity bounds the requests in flight
	// batch is how many texts the server takes in a request, 0 until it is known.
	batch atomic.Int64
}

// Rerank returns how well each text answers a query, in the order of the texts;
// none for no texts. Scores are finite, also as float32, and higher is better,
// but only their order counts: some servers give probabilities, others logits. It
// ends within the configured timeout, and when half of the time to ctx's deadline
// is left. Its errors are those of the server, *driver.Error, or of the context.
func (c *Client) Rerank(ctx context.Context, query string, texts []string) ([]float64, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	limit := c.cfg.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2) // the rest is for an answer without
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	query, texts = c.cut(query, texts)
	size := c.wire.batch(c, ctx)
	scores := make([]float64, len(texts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxRequests)
	for start := 0; start < len(texts); start += size {
		end := min(start+size, len(texts))
		group.Go(func() error { return c.score(ctx, query, texts[start:end], scores[start:end]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return scores, nil
}

// Close ends the connections that are kept.
func (c *Client) Close() { c.server.HTTP.CloseIdleConnections() }

// cut leaves of the query and of each text what the server reads: not every
// server cuts a text that is too long for its model, some refuse it, and with it
// all others of the request.
func (c *Client) cut(query string, texts []string) (string, []string) {
	query = beginning(query, max(1, c.cfg.MaxTokens/2))
	rest := max(1, c.cfg.MaxTokens-aroundTexts-chunk.EstimateTokens(query))
	cut := make([]string, len(texts))
	for i, text := range texts {
		cut[i] = beginning(text, rest)
	}
	return query, cut
}

// beginning returns a text's first so many tokens, cut where windows are.
func beginning(text string, tokens int) string {
	if chunk.EstimateTokens(text) <= tokens {
		return text
	}
	if windows := chunk.Windows(text, tokens, chunk.EstimateTokens); len(windows) > 0 {
		return windows[0]
	}
	return ""
}

// score fills in the scores of one request's texts.
func (c *Client) score(ctx context.Context, query string, texts []string, scores []float64) error {
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return fmt.Errorf("%s is still busy with %d requests before this one: %w", httpjson.ServerName(c.server.Base), maxRequests, ctx.Err())
	}
	deadline, _ := ctx.Deadline() // Rerank set one
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = c.once(ctx, query, texts, scores)
		return struct{}{}, schedule(last)
	},
		backoff.WithBackOff(&backoff.ExponentialBackOff{InitialInterval: pause, RandomizationFactor: .5, Multiplier: 1, MaxInterval: pause}),
		backoff.WithMaxTries(tries),
		backoff.WithMaxElapsedTime(time.Until(deadline)), // a wait that would outlast it is not begun
	)
	if err != nil {
		return last
	}
	return nil
}

// schedule tells backoff what to do about err.
func schedule(err error) error {
	var failure *driver.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failure) || !failure.Temporary:
		return backoff.Permanent(err)
	case failure.RetryAfter > 0:
		return &backoff.RetryAfterError{Duration: failure.RetryAfter}
	default:
		return err
	}
}

// once makes one request and reads its answer.
func (c *Client) once(ctx context.Context, query string, texts []string, scores []float64) error {
	answer, err := c.server.Do(ctx, httpjson.Call{
		Method: http.MethodPost, Path: "rerank", Model: c.cfg.Model,
		Body: c.wire.body(c.cfg.Model, query, texts), Limit: answerLimit(texts),
	})
	if err != nil {
		return err
	}
	found, err := c.wire.read(answer)
	if err == nil {
		err = place(found, scores)
	}
	if err != nil {
		return c.server.Errorf(c.cfg.Model, http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	return nil
}

// answerLimit bounds an answer in bytes: servers may repeat the texts, in which
// JSON may write a byte with six, with what they say of each and of all.
func answerLimit(texts []string) int64 {
	const ofEach, ofAll = 1 << 10, 1 << 16
	limit := int64(ofAll)
	for _, text := range texts {
		limit += ofEach + 6*int64(len(text))
	}
	return limit
}
