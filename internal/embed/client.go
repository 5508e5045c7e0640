// Package embed turns texts into vectors with the help of a model server. Above
// a driver that speaks the server's wire format, its Client owns everything
// that is the same for all servers: batches, retries, deadlines, prefixes, and
// checks of what comes back. It holds no model, and no vectors.
package embed

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// probe is the text that asks a server how long its vectors are, and whether
// it is alive.
const probe = "What was agreed?"

// Client turns texts into vectors of unit length. It is safe for concurrent
// use. Its errors wrap one of the sentinels of this package, or the error of the
// caller's context where that ended or left too little time.
type Client struct {
	cfg    Config
	named  driver.Driver // nil: the server is asked
	server httpjson.Endpoint
	log    *slog.Logger

	queries, checks *lane // that of passages hangs on the connection

	connecting singleflight.Group
	connected  atomic.Pointer[connection]
	// failing says that the last embedding failed for the server's sake.
	failing atomic.Bool
}

func newClient(cfg Config, named driver.Driver, server httpjson.Endpoint) *Client {
	name := httpjson.ServerName(server.Base)
	return &Client{
		cfg: cfg, named: named, server: server, log: cfg.Logger,
		queries: newLane(name, driver.Query, cfg.QueryTimeout, cfg.MaxQueryRequests),
		checks:  newLane(name, driver.Query, cfg.QueryTimeout, 1),
	}
}

// Profile returns what decides the vectors of this client. The first call that
// reaches the server settles it for good.
func (c *Client) Profile(ctx context.Context) (Profile, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return Profile{}, err
	}
	return conn.profile, nil
}

// EmbedQuery returns the vector of a query.
func (c *Client) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	vectors, err := c.embedShort(ctx, c.queries, text)
	if err != nil {
		return nil, err
	}
	return vectors[0], nil
}

// EmbedPassages returns one vector a text, in order; none for no texts. It
// sends as many requests as the limits of a batch ask for, and returns all
// vectors or an error.
func (c *Client) EmbedPassages(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	texts, err = prepare(texts, conn.profile.clientPrefix(driver.Passage))
	if err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cap(conn.passages.turns))
	for start, batch := range batches(texts, conn.batch) {
		group.Go(func() error {
			vectors, err := c.embed(groupCtx, conn.passages, conn, batch)
			copy(out[start:], vectors)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

// Check says whether the server is up and serves the profile's model. While
// embeddings succeed it only asks what the server serves, which costs the
// server nothing; after one failed, it embeds one short text.
func (c *Client) Check(ctx context.Context) error {
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	if c.failing.Load() {
		_, err := c.embedShort(ctx, c.checks, probe)
		return err
	}
	info, err := attempt(ctx, c.checks, c.log, func(ctx context.Context) (driver.Info, error) {
		return conn.driver.Describe(ctx, conn.asked)
	})
	if err != nil {
		return err
	}
	return conn.lists(info)
}

// Close drops idle connections, and those that a driver holds: calls under way
// fail by the latter, and end with their contexts otherwise.
func (c *Client) Close() {
	c.server.HTTP.CloseIdleConnections()
	if holder, ok := c.named.(io.Closer); ok {
		_ = holder.Close() // nothing is lost by it
	}
}

// embedShort embeds one text as a query.
func (c *Client) embedShort(ctx context.Context, l *lane, text string) ([][]float32, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	texts, err := prepare([]string{text}, conn.profile.clientPrefix(driver.Query))
	if err != nil {
		return nil, err
	}
	return c.embed(ctx, l, conn, texts)
}

// embed sends one request and judges the answer.
func (c *Client) embed(ctx context.Context, l *lane, conn *connection, texts []string) ([][]float32, error) {
	resp, err := attempt(ctx, l, c.log, func(ctx context.Context) (driver.Response, error) {
		return conn.driver.Embed(ctx, driver.Request{Model: conn.asked, Texts: texts, Input: l.input, Dimensions: c.cfg.Dimensions})
	})
	if err == nil {
		err = conn.accept(resp, len(texts))
	}
	if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		c.failing.Store(err != nil)
	}
	return resp.Vectors, err
}
