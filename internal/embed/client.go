// Package embed turns texts into vectors by calling a model server. A driver speaks
// the server's wire format; this package does everything that is the same for all
// servers. Client manages the connection, retries, deadlines and concurrency. Encoder
// adds prefixes, makes batches and checks the answers. The package holds no model and
// no vectors, and does not know spaces.
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

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/health"
	"github.com/accord-search/accord/internal/embed/httpjson"
)

// probe is the text that is embedded to find out the length of a server's vectors and
// whether the server is healthy.
const probe = "What was agreed?"

// textRecovery is the pause before a text on which the server failed is tried a second and
// last time. Temporary conditions, such as full memory, have usually ended by then.
const textRecovery = time.Second

// checksAtOnce is two, so that a health check need not wait for a fingerprint, which takes
// a busy server seconds.
const checksAtOnce = 2

// Client speaks to one model server. It is safe for concurrent use. Its errors wrap
// one of this package's sentinels, or the error of the caller's context if that ended
// or left too little time.
type Client struct {
	cfg    Config
	named  driver.Driver // nil if the server is to be detected
	server httpjson.Endpoint
	log    *slog.Logger

	// checks is the lane for questions about the server. slowChecks is the lane for such
	// questions from callers that use WithSlowChecks. The connection has the other lanes.
	checks     *lane
	slowChecks *lane
	breaker    *breaker
	owner      *owner
	// recovery is textRecovery; tests shorten it.
	recovery time.Duration

	asking    singleflight.Group
	connected atomic.Pointer[connection] // holds a connection without a driver until it is connected
	outages   atomic.Int64
	// health is Failing while the last embedding or health check failed because of the server.
	health health.Record
}

func newClient(cfg Config, named driver.Driver, server httpjson.Endpoint) *Client {
	name := httpjson.ServerName(server.Base)
	c := &Client{
		cfg: cfg, named: named, server: server, log: cfg.Logger,
		checks:     newLane(name, driver.Query, cfg.QueryTimeout, checksAtOnce, maxInputsInFlight),
		slowChecks: newLane(name, driver.Query, max(slowCheckTimeout, cfg.QueryTimeout), 1, maxInputsInFlight),
		breaker:    newBreaker(name, breakerPause), owner: newOwner(), recovery: textRecovery,
	}
	c.connected.Store(new(connection))
	return c
}

// Profile returns the profile under which this client would make vectors for a new
// space. The first successful call fixes it until Reset.
func (c *Client) Profile(ctx context.Context) (document.ModelProfile, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return document.ModelProfile{}, err
	}
	return conn.profile, nil
}

// KnownProfile returns the profile if an earlier call has fixed it. It makes no request.
func (c *Client) KnownProfile() (p document.ModelProfile, settled bool) {
	conn := c.connected.Load()
	return conn.profile, conn.driver != nil
}

// ownEncoder returns an encoder with the client's own profile.
func (c *Client) ownEncoder(ctx context.Context) (*Encoder, error) {
	p, err := c.Profile(ctx)
	if err != nil {
		return nil, err
	}
	return c.EncoderFor(ctx, p)
}

// Check returns nil if the server is up and serves the profile's model. While
// embeddings succeed it only asks the server which models it serves, which is cheap.
// After an embedding failed, it embeds one short text.
func (c *Client) Check(ctx context.Context) error {
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	if c.Health().State == health.Failing {
		_, err := c.send(ctx, c.checks, conn, c.request(conn, driver.Query, []string{probe}))
		return err
	}
	info, err := attempt(ctx, c.checks, c.log, func(ctx context.Context) (driver.Info, error) {
		return conn.driver.Describe(ctx, conn.requestModel)
	})
	if errors.Is(err, ErrUnavailable) {
		c.health.Ended(false)
	}
	if err != nil {
		return err
	}
	return conn.checkListed(info)
}

// Outages returns the number of requests so far for which the server was unreachable or not
// ready, including requests that succeeded on a later try. If the count has grown, another
// model may be answering now.
func (c *Client) Outages() int64 { return c.outages.Load() }

// Reset drops the connection and everything that was learnt on it, so that the next call
// asks the server again for its models and limits. Use it after the server was away or
// answered as another model. Calls in progress and existing encoders keep the old
// connection.
func (c *Client) Reset() {
	if d, ok := c.named.(driver.Forgetter); ok {
		d.Forget()
	}
	// Store a new value, so that a dial in progress cannot replace it with its
	// result.
	c.connected.Store(new(connection))
	c.asking.Forget(connecting)
	c.asking.Forget(connectingSlowly)
}

// Close cancels the calls in progress and waits for them. Then it closes idle
// connections and the driver's own.
func (c *Client) Close() {
	c.owner.end()
	c.server.HTTP.CloseIdleConnections()
	if holder, ok := c.named.(io.Closer); ok {
		_ = holder.Close() // an error makes no difference
	}
}

// request returns the request for the vectors of texts.
func (c *Client) request(conn *connection, input driver.Input, texts []string) driver.Request {
	return driver.Request{Model: conn.requestModel, Texts: texts, Input: input, Dimensions: c.cfg.Dimensions}
}

// callDriver makes one request and reports it to Config.Observe.
func (c *Client) callDriver(ctx context.Context, conn *connection, req driver.Request) (driver.Response, error) {
	begun := time.Now()
	ctx, end := c.cfg.Observe(ctx)
	resp, err := conn.driver.Embed(ctx, req)
	if err == nil {
		c.health.Took(time.Since(begun))
	}
	if req.Input == driver.Query {
		err = driver.Withhold(err, req.Texts...)
	}
	end(err)
	return resp, err
}

// Health returns whether the last request for vectors or health check failed because of the
// server. The state of the breaker does not show this, since it is open only for moments.
func (c *Client) Health() health.Health { return c.health.Now() }

// send makes one request, with retries, and checks the answer.
func (c *Client) send(ctx context.Context, l *lane, conn *connection, req driver.Request) (driver.Response, error) {
	resp, err := attempt(ctx, l, c.log, func(ctx context.Context) (driver.Response, error) {
		if err := l.acquireInputs(ctx, len(req.Texts)); err != nil {
			return driver.Response{}, err
		}
		defer l.inputs.Release(int64(len(req.Texts)))
		resp, err := c.sendOnce(ctx, l, conn, req)
		if isAway(err) {
			c.outages.Add(1)
		}
		return resp, err
	})
	if err == nil {
		err = conn.checkAnswer(resp, len(req.Texts))
	}
	if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		c.health.Ended(err == nil)
	}
	return resp, err
}

// sendOnce makes one request if the lane's breaker allows it. If the breaker is half
// open, a passage request is preceded by a short probe. Without it, a passage request
// that hangs would block queries although the server has recovered.
func (c *Client) sendOnce(ctx context.Context, l *lane, conn *connection, req driver.Request) (driver.Response, error) {
	embed := func() (driver.Response, error) { return c.callDriver(ctx, conn, req) }
	if l.breaker == nil {
		return embed()
	}
	if l.input == driver.Passage && l.breaker.halfOpen() {
		short, cancel := context.WithTimeout(ctx, c.cfg.QueryTimeout)
		defer cancel()
		if _, err := l.breaker.do(func() (driver.Response, error) {
			return c.callDriver(short, conn, c.request(conn, driver.Query, []string{probe}))
		}); err != nil {
			return driver.Response{}, fmt.Errorf("%s is still down: %s: %w", l.server, err.Error(), gobreaker.ErrOpenState)
		}
	}
	return l.breaker.do(embed)
}
