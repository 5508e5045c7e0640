package embed

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
)

// outcome is the result for one text: its vector, or the reason why it has none.
type outcome struct {
	vector []float32
	err    error
}

// bisector embeds texts. The server may refuse some of them. It sends requests that are as
// large as the server accepts.
type bisector struct {
	conn *connection
	// send makes one request.
	send func(ctx context.Context, texts []string) ([][]float32, error)
	// single decides the outcome of a text whose own request failed with err, if the text
	// may be the cause. If single returns an error, embed fails with it.
	single func(ctx context.Context, text string, err error) (outcome, error)
}

// embed returns one outcome for each text in order, or the error of the server. If a
// request fails and one of its texts may be the cause, each half is sent again. So
// one bad text among n costs about 2·log₂(n) requests. If all n are bad, it takes 2·n.
func (d *bisector) embed(ctx context.Context, texts []string) ([]outcome, error) {
	out, _, err := d.divide(ctx, texts)
	return out, err
}

// divide does the work of embed. inOne reports whether a single request was enough.
func (d *bisector) divide(ctx context.Context, texts []string) (out []outcome, inOne bool, err error) {
	var failed error
	if len(texts) == 1 || len(texts) <= d.conn.batchSize.limit() {
		var vectors [][]float32
		vectors, failed = d.send(ctx, texts)
		switch {
		case failed == nil:
			d.conn.batchSize.succeeded(len(texts))
			for _, vector := range vectors {
				out = append(out, outcome{vector: vector})
			}
			return out, true, nil
		case len(texts) == 1 && (mayBeText(failed) || errors.Is(failed, ErrModelMismatch)):
			one, err := d.single(ctx, texts[0], failed)
			return []outcome{one}, false, err
		case !mayBeText(failed):
			return nil, false, failed
		}
	}
	half := (len(texts) + 1) / 2
	first, firstInOne, err := d.divide(ctx, texts[:half])
	if err != nil {
		return nil, false, err
	}
	second, secondInOne, err := d.divide(ctx, texts[half:])
	if err != nil {
		return nil, false, err
	}
	if firstInOne && secondInOne && isTooLarge(failed) {
		d.conn.batchSize.shrinkTo(half)
	}
	return append(first, second...), false, nil
}

// embedQueries returns one outcome for each text in order. A query that fails in a
// request of its own is not tried again.
func (c *Client) embedQueries(ctx context.Context, conn *connection, texts []string) ([]outcome, error) {
	d := bisector{
		conn: conn,
		send: func(ctx context.Context, texts []string) ([][]float32, error) {
			resp, err := c.send(ctx, conn.queries.lane, conn, c.request(conn, driver.Query, texts))
			return resp.Vectors, err
		},
		single: func(_ context.Context, _ string, err error) (outcome, error) { return outcome{err: err}, nil },
	}
	return d.embed(ctx, texts)
}

// embedPassages returns one outcome for each text in order. If a text fails in a
// request of its own while the server is healthy, the failure is permanent and
// becomes the text's outcome.
func (c *Client) embedPassages(ctx context.Context, conn *connection, texts []string) ([]outcome, error) {
	d := bisector{conn: conn}
	d.send = func(ctx context.Context, texts []string) ([][]float32, error) {
		resp, err := c.send(ctx, conn.passages.lane, conn, c.request(conn, driver.Passage, texts))
		if err == nil {
			err = conn.checkReadWhole(resp, texts)
		}
		return resp.Vectors, err
	}
	d.single = func(ctx context.Context, text string, failed error) (outcome, error) {
		// The server may have failed only temporarily, so it is asked again after a pause.
		if isServerFailure(failed) {
			select {
			case <-time.After(c.recovery):
			case <-ctx.Done():
				return outcome{}, ctx.Err()
			}
		}
		// If the server now fails on the probe text too, the server is the cause.
		if _, err := d.send(ctx, []string{probe}); err != nil {
			return outcome{}, err
		}
		vectors, err := d.send(ctx, []string{text})
		switch {
		case err == nil:
			return outcome{vector: vectors[0]}, nil
		case mayBeText(err) || errors.Is(err, ErrModelMismatch):
			return outcome{err: failed}, nil
		default:
			return outcome{}, err
		}
	}
	return d.embed(ctx, texts)
}

// embedding converts a passage's outcome to the stored form.
func (o outcome) embedding() document.Embedding {
	if o.err == nil {
		return document.Embedding{Vector: o.vector}
	}
	failure := &document.Failure{Reason: document.FailureRejected, Message: publicMessage(o.err)}
	switch {
	case errors.Is(o.err, errTruncated):
		failure.Reason = document.FailureTruncated
	case errors.Is(o.err, ErrBadVectors), errors.Is(o.err, ErrModelMismatch):
		failure.Reason = document.FailureBadVector
	}
	return document.Embedding{Failure: failure}
}

// address matches URLs, and hosts that have a port or consist of numbers.
var address = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s"'<>)]+|(?:localhost|\b[\w-]+(?:\.[\w-]+)+):\d+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\[[0-9a-fA-F:]*:[0-9a-fA-F:]+\](?::\d+)?`)

// publicMessage returns the text of err without the address of the server, and without
// addresses in the server's answer. The message is stored and shown to callers.
func publicMessage(err error) string {
	text := err.Error()
	var failure *driver.Error
	if errors.As(err, &failure) {
		anonymous := *failure
		anonymous.Server, anonymous.Model = "the model server", ""
		text = anonymous.Error()
	}
	return address.ReplaceAllString(text, "[address]")
}
