package embed

import (
	"context"
	"errors"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
)

// outcome is what became of one text: its vector or why it has none.
type outcome struct {
	vector []float32
	err    error
}

// divider embeds texts of which some may be refused, in requests as large as the
// server takes them.
type divider struct {
	conn *connection
	// send makes one request.
	send func(ctx context.Context, texts []string) ([][]float32, error)
	// alone is asked about a text that failed alone with an error that may be the
	// text's. Its own error ends the whole.
	alone func(ctx context.Context, text string, err error) (outcome, error)
}

// embed returns one outcome a text, or the error of the server. A request that
// fails for what may be one of its texts is made again in halves: one bad text
// costs twice the logarithm of their number, and all bad ones twice the number.
func (d *divider) embed(ctx context.Context, texts []string) ([]outcome, error) {
	out, _, err := d.divide(ctx, texts)
	return out, err
}

// divide is embed, and says whether one request did.
func (d *divider) divide(ctx context.Context, texts []string) (out []outcome, whole bool, err error) {
	var failed error
	if len(texts) == 1 || len(texts) <= d.conn.fitting.now() {
		var vectors [][]float32
		vectors, failed = d.send(ctx, texts)
		switch {
		case failed == nil:
			d.conn.fitting.took(len(texts))
			for _, vector := range vectors {
				out = append(out, outcome{vector: vector})
			}
			return out, true, nil
		case len(texts) == 1 && (ofText(failed) || errors.Is(failed, ErrModelMismatch)):
			one, err := d.alone(ctx, texts[0], failed)
			return []outcome{one}, false, err
		case !ofText(failed):
			return nil, false, failed
		}
	}
	half := (len(texts) + 1) / 2
	first, firstWhole, err := d.divide(ctx, texts[:half])
	if err != nil {
		return nil, false, err
	}
	second, secondWhole, err := d.divide(ctx, texts[half:])
	if err != nil {
		return nil, false, err
	}
	if firstWhole && secondWhole && tooMuch(failed) {
		d.conn.fitting.refused(half)
	}
	return append(first, second...), false, nil
}

// embedQueries returns one outcome a text. A query that fails alone just fails:
// whoever asked knows better than to ask that again.
func (c *Client) embedQueries(ctx context.Context, conn *connection, texts []string) []outcome {
	d := divider{
		conn: conn,
		send: func(ctx context.Context, texts []string) ([][]float32, error) {
			resp, err := c.send(ctx, conn.queries.lane, conn, c.request(conn, driver.Query, texts))
			return resp.Vectors, err
		},
		alone: func(_ context.Context, _ string, err error) (outcome, error) { return outcome{err: err}, nil },
	}
	out, err := d.embed(ctx, texts)
	if err != nil {
		out = make([]outcome, len(texts))
		for i := range out {
			out[i].err = err
		}
	}
	return out
}

// embedPassages returns one outcome a text. A text that fails alone while the
// server is well fails for good: the error of its outcome is the text's.
func (c *Client) embedPassages(ctx context.Context, conn *connection, texts []string) ([]outcome, error) {
	d := divider{conn: conn}
	d.send = func(ctx context.Context, texts []string) ([][]float32, error) {
		resp, err := c.send(ctx, conn.passages, conn, c.request(conn, driver.Passage, texts))
		if err == nil {
			err = conn.readWhole(resp, texts)
		}
		return resp.Vectors, err
	}
	d.alone = func(ctx context.Context, text string, failed error) (outcome, error) {
		// What failed for the server's sake may pass, and by then be over.
		if failedItself(failed) {
			select {
			case <-time.After(c.recovery):
			case <-ctx.Done():
				return outcome{}, ctx.Err()
			}
		}
		// A server that fails at a text that it took before is not well.
		if _, err := d.send(ctx, []string{probe}); err != nil {
			return outcome{}, err
		}
		vectors, err := d.send(ctx, []string{text})
		switch {
		case err == nil:
			return outcome{vector: vectors[0]}, nil
		case ofText(err) || errors.Is(err, ErrModelMismatch):
			return outcome{err: failed}, nil
		default:
			return outcome{}, err
		}
	}
	return d.embed(ctx, texts)
}

// embedding turns a passage's outcome into what is stored.
func (o outcome) embedding() document.Embedding {
	if o.err == nil {
		return document.Embedding{Vector: o.vector}
	}
	failure := &document.Failure{Reason: document.FailureRejected, Message: said(o.err)}
	switch {
	case errors.Is(o.err, errTruncated):
		failure.Reason = document.FailureTruncated
	case errors.Is(o.err, ErrBadVectors), errors.Is(o.err, ErrModelMismatch):
		failure.Reason = document.FailureBadVector
	}
	return document.Embedding{Failure: failure}
}

// said returns what a server said or gave, without where it runs: the message is
// stored, and shown to callers.
func said(err error) string {
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return err.Error()
	}
	anonymous := *failure
	anonymous.Server, anonymous.Model = "the model server", ""
	return anonymous.Error()
}
