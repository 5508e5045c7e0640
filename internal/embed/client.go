// Package embed turns texts into vectors with the help of a model server. Above
// a driver that speaks the server's wire format, it owns everything that is the
// same for all servers: a Client the connection, retries, deadlines and what is
// in flight, an Encoder prefixes, batches and checks of what comes back. It holds
// no model and no vectors, and knows nothing of spaces.
package embed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// probe is the text that asks a server how long its vectors are, and whether it
// is well.
const probe = "What was agreed?"

// textRecovery is how long a server that failed at one text is left before that
// text's second and last try: what passes, such as a full memory, passes within it.
const textRecovery = time.Second

// checksAtOnce lets health ask beside a fingerprint, which a busy server takes
// seconds for.
const checksAtOnce = 2

// Client speaks to one model server. It is safe for concurrent use. Its errors
// wrap one of the sentinels of this package, or the error of the caller's context
// where that ended or left too little time.
type Client struct {
	cfg    Config
	named  driver.Driver // nil: the server is asked
	server httpjson.Endpoint
	log    *slog.Logger

	// checks bears questions about the server, patient those of Patiently; other
	// lanes hang on the connection.
	checks  *lane
	patient *lane
	breaker *breaker
	owner   *owner
	// recovery is textRecovery, but for tests.
	recovery time.Duration

	asking    singleflight.Group
	connected atomic.Pointer[connection] // has no driver until it is made
	outages   atomic.Int64
	// failing says that the last embedding failed for the server's sake.
	failing atomic.Bool
}

func newClient(cfg Config, named driver.Driver, server httpjson.Endpoint) *Client {
	name := httpjson.ServerName(server.Base)
	c := &Client{
		cfg: cfg, named: named, server: server, log: cfg.Logger,
		checks:  newLane(name, driver.Query, cfg.QueryTimeout, checksAtOnce, maxInputsInFlight),
		patient: newLane(name, driver.Query, max(patience, cfg.QueryTimeout), 1, maxInputsInFlight),
		breaker: newBreaker(name, breakerPause), owner: newOwner(), recovery: textRecovery,
	}
	c.connected.Store(new(connection))
	return c
}

// Profile returns what decides the vectors that this client would make for a new
// space. The first call that reaches the server settles it, until Reset.
func (c *Client) Profile(ctx context.Context) (Profile, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return Profile{}, err
	}
	return conn.profile, nil
}

// Settled returns the profile as Profile does, if a call has settled it; it asks
// nothing.
func (c *Client) Settled() (p Profile, settled bool) {
	conn := c.connected.Load()
	return conn.profile, conn.driver != nil
}

// own returns an encoder under the client's own profile.
func (c *Client) own(ctx context.Context) (*Encoder, error) {
	p, err := c.Profile(ctx)
	if err != nil {
		return nil, err
	}
	return c.Under(ctx, p)
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
		_, err := c.send(ctx, c.checks, conn, c.request(conn, driver.Query, []string{probe}))
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

// Outages returns how many requests found the server away so far, also those that
// were tried again with success: where it has grown, another model may answer.
func (c *Client) Outages() int64 { return c.outages.Load() }

// Reset forgets the connection and what was learnt on it, so that the next call
// asks the server anew what it is and what it takes: after it was away, or
// answered as another model. Calls under way, and encoders made before, go on with
// the connection that they have.
func (c *Client) Reset() {
	if d, ok := c.named.(driver.Forgetter); ok {
		d.Forget()
	}
	// Another one than any before, which the result of a dial under way cannot
	// take the place of.
	c.connected.Store(new(connection))
	c.asking.Forget(connecting)
	c.asking.Forget(connectingPatiently)
}

// Close ends what is under way, waits for it, and drops idle connections and those
// that a driver holds.
func (c *Client) Close() {
	c.owner.end()
	c.server.HTTP.CloseIdleConnections()
	if holder, ok := c.named.(io.Closer); ok {
		_ = holder.Close() // nothing is lost by it
	}
}

// request returns the request for the vectors of texts.
func (c *Client) request(conn *connection, input driver.Input, texts []string) driver.Request {
	return driver.Request{Model: conn.asked, Texts: texts, Input: input, Dimensions: c.cfg.Dimensions}
}

// send makes one request, with its tries, and judges the answer.
func (c *Client) send(ctx context.Context, l *lane, conn *connection, req driver.Request) (driver.Response, error) {
	resp, err := attempt(ctx, l, c.log, func(ctx context.Context) (driver.Response, error) {
		if err := l.enter(ctx, len(req.Texts)); err != nil {
			return driver.Response{}, err
		}
		defer l.inputs.Release(int64(len(req.Texts)))
		resp, err := c.once(ctx, l, conn, req)
		if gone(err) {
			c.outages.Add(1)
		}
		return resp, err
	})
	if err == nil {
		err = conn.accept(resp, len(req.Texts))
	}
	if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		c.failing.Store(err != nil)
	}
	return resp, err
}

// once makes one request, if the lane's breaker lets it. The request that
// decides whether a server is back is short: one for passages that hangs would
// keep queries from a server that is long well.
func (c *Client) once(ctx context.Context, l *lane, conn *connection, req driver.Request) (driver.Response, error) {
	embed := func() (driver.Response, error) { return conn.driver.Embed(ctx, req) }
	if l.breaker == nil {
		return embed()
	}
	if l.input == driver.Passage && l.breaker.trying() {
		short, cancel := context.WithTimeout(ctx, c.cfg.QueryTimeout)
		defer cancel()
		if _, err := l.breaker.do(func() (driver.Response, error) {
			return conn.driver.Embed(short, c.request(conn, driver.Query, []string{probe}))
		}); err != nil {
			return driver.Response{}, fmt.Errorf("%s is not back yet: %s: %w", l.server, err.Error(), gobreaker.ErrOpenState)
		}
	}
	return l.breaker.do(embed)
}
