package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
)

// connection holds what the first requests to a server have shown.
type connection struct {
	driver       driver.Driver
	server       string // name of the server in errors
	requestModel string // model named in requests; empty if none is known
	listed       bool   // whether the server's list of models has requestModel
	answerModel  string // model that answers name; empty if they name none
	profile      document.ModelProfile
	limits       driver.Limits // as reported by the server

	queries     *queue
	passages    *queue
	batch       batchLimits
	batchSize   batchSize
	limitsFound textLimits
}

// Keys under which callers share an attempt to connect. Callers that allow slow checks do
// not share one with others.
const (
	connecting       = "connect"
	connectingSlowly = "connect slowly"
)

// connect returns the connection. If there is none yet, it makes one. Concurrent callers
// share the attempt and its error, so that a server that hangs delays each of them only
// once.
func (c *Client) connect(ctx context.Context) (*connection, error) {
	if conn := c.connected.Load(); conn.driver != nil {
		return conn, nil
	}
	key, slow := connecting, allowsSlowChecks(ctx)
	if slow {
		key = connectingSlowly
	}
	return runShared(ctx, c, key, func(ctx context.Context) (*connection, error) {
		if slow {
			ctx = WithSlowChecks(ctx)
		}
		before := c.connected.Load()
		if before.driver != nil {
			return before, nil
		}
		conn, err := c.dial(ctx)
		if errors.Is(err, ErrUnavailable) {
			c.health.Ended(false)
		}
		if err == nil {
			c.health.Ended(true)
			c.connected.CompareAndSwap(before, conn)
		}
		return conn, err
	})
}

// dial asks the server which models it serves, and embeds a probe to learn about its
// vectors.
func (c *Client) dial(ctx context.Context) (*connection, error) {
	conn := &connection{server: c.checks.server, requestModel: c.cfg.Model}
	info, err := c.describe(ctx, conn)
	if err != nil {
		return nil, err
	}
	if conn.requestModel == "" && len(info.Models) > 0 {
		conn.requestModel = info.Models[0].ID
	}
	conn.listed = slices.ContainsFunc(info.Models, func(m driver.Model) bool { return m.ID == conn.requestModel })
	// The probe has no prefix, since that depends on the model, which is not known yet. The
	// length of the vector does not depend on the prefix.
	resp, err := attempt(ctx, c.checkLane(ctx), c.log, func(ctx context.Context) (driver.Response, error) {
		return c.callDriver(ctx, conn, c.request(conn, driver.Query, []string{probe}))
	})
	if err != nil {
		return nil, err
	}
	if err := conn.checkVectors(resp, 1); err != nil {
		return nil, err
	}
	conn.answerModel = resp.Model
	conn.profile, err = c.profileOf(conn, info, resp)
	if err != nil {
		return nil, err
	}
	c.makeLanes(conn, info.Limits)
	c.log.InfoContext(ctx, "embedding server connected", "server", conn.server,
		"model", conn.profile.Model, "answers_as", conn.answerModel, "dimensions", conn.profile.Dimensions,
		"prefix_by", conn.profile.PrefixBy, "models_listed", len(info.Models),
		"batch_tokens", conn.batch.tokens, "passage_requests", cap(conn.passages.lane.turns))
	return conn, nil
}

// makeLanes creates the queues and lanes of a connection, with the limits of its server.
func (c *Client) makeLanes(conn *connection, limits driver.Limits) {
	queries, passages := inputShares(limits)
	conn.limits, conn.batch = limits, c.cfg.batchLimits(limits)
	conn.batchSize.largest = max(conn.batch.inputs, maxQueryBatch)
	conn.batchSize.current = conn.batchSize.largest

	queryLimits := c.cfg.queryLimits(limits)
	conn.queries = c.newQueue(conn, newLane(conn.server, driver.Query, c.cfg.QueryTimeout, c.cfg.queryRequests(limits), queries))
	conn.queries.limits = func() batchLimits { return queryLimits }
	conn.queries.embed = func(ctx context.Context, texts []string) ([]outcome, error) { return c.embedQueries(ctx, conn, texts) }

	conn.passages = c.newQueue(conn, newLane(conn.server, driver.Passage, c.cfg.PassageTimeout, c.cfg.passageRequests(limits), passages))
	conn.passages.limits, conn.passages.separate = conn.passageLimits, true
	conn.passages.embed = func(ctx context.Context, texts []string) ([]outcome, error) { return c.embedPassages(ctx, conn, texts) }
	conn.passages.lane.yield = conn.queries.drain
}

// newQueue returns a queue for a lane of a connection. The caller must set its embed
// function.
func (c *Client) newQueue(conn *connection, l *lane) *queue {
	l.breaker = c.breaker
	return &queue{
		name: fmt.Sprintf("%s, model %q", conn.server, conn.requestModel),
		lane: l, owner: c.owner, log: c.log, unanswered: map[*job]struct{}{},
	}
}

// passageLimits returns the current limits of a request for passages, given what the server
// has refused so far.
func (conn *connection) passageLimits() batchLimits {
	limits := conn.batch
	limits.inputs = min(limits.inputs, conn.batchSize.limit())
	return limits
}

// describe sets the driver of conn, and detects it if the URL names none. It returns the
// server's description of itself.
func (c *Client) describe(ctx context.Context, conn *connection) (driver.Info, error) {
	return attempt(ctx, c.checkLane(ctx), c.log, func(ctx context.Context) (info driver.Info, err error) {
		if conn.driver = c.named; conn.driver != nil {
			return conn.driver.Describe(ctx, conn.requestModel)
		}
		conn.driver, info, err = detect(ctx, c.server, conn.requestModel)
		return info, err
	})
}

// profileOf combines the configuration, the server's description and the table of
// known models.
func (c *Client) profileOf(conn *connection, info driver.Info, resp driver.Response) (document.ModelProfile, error) {
	p := document.ModelProfile{
		Model:      cmp.Or(conn.requestModel, resp.Model),
		PrefixBy:   document.PrefixByClient,
		Dimensions: len(resp.Vectors[0]),
		Normalised: true,
	}
	if p.Model == "" {
		return document.ModelProfile{}, fmt.Errorf("%w: %s does not say which model it serves: configure the model's name", ErrModelMismatch, conn.server)
	}
	known := knownModel(p.Model)
	p.MaxTokens = cmp.Or(c.cfg.MaxTokens, driver.LeastLimit(known.maxTokens, info.Limits.MaxTokens), defaultMaxTokens)
	switch {
	case c.cfg.Dimensions != 0 && p.Dimensions != c.cfg.Dimensions:
		return document.ModelProfile{}, fmt.Errorf("%w: %d dimensions are configured, but the vectors of %s, model %q, have %d",
			ErrModelMismatch, c.cfg.Dimensions, conn.server, p.Model, p.Dimensions)
	case c.cfg.Dimensions == 0 && known.dimensions != 0 && p.Dimensions != known.dimensions:
		// This is not an error, since a name can be misleading, and a server may shorten
		// vectors.
		c.log.Warn("the dimensions of the embedding model differ from those known for its name", "server", conn.server,
			"model", p.Model, "dimensions", p.Dimensions, "expected", known.dimensions)
	}
	prefixes := known.prefixes
	if info.Prefixes != nil {
		p.PrefixBy, prefixes = document.PrefixByServer, *info.Prefixes
	}
	wanted := prefixes
	if c.cfg.QueryPrefix != nil {
		wanted.Query = *c.cfg.QueryPrefix
	}
	if c.cfg.PassagePrefix != nil {
		wanted.Passage = *c.cfg.PassagePrefix
	}
	if p.PrefixBy == document.PrefixByServer && wanted != prefixes {
		return document.ModelProfile{}, fmt.Errorf("%w: prefixes %q and %q are configured, but %s itself adds %q and %q to texts: remove the prefixes from the configuration",
			ErrModelMismatch, wanted.Query, wanted.Passage, conn.server, prefixes.Query, prefixes.Passage)
	}
	p.QueryPrefix, p.PassagePrefix = wanted.Query, wanted.Passage
	return p, nil
}
