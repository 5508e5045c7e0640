package embed

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/accord-search/accord/internal/embed/driver"
)

// connection is what the first exchange with a server settled.
type connection struct {
	driver  driver.Driver
	server  string // for errors
	asked   string // the model that requests name; empty where none is known
	listed  bool   // asked stood in the server's list of models
	answers string // the model that answers name; empty where they name none
	profile Profile
	limits  driver.Limits // as the server told them

	queries  *queue
	passages *lane
	batch    batchLimits
	fitting  fitting
	rooms    rooms
}

// What those share who wait for a connection, and the patient among them.
const (
	connecting          = "connect"
	connectingPatiently = "connect patiently"
)

// connect returns the connection, made if there is none yet. Callers who come
// while it is being made share the attempt and its error, so that a server that
// hangs keeps each of them waiting once.
func (c *Client) connect(ctx context.Context) (*connection, error) {
	if conn := c.connected.Load(); conn.driver != nil {
		return conn, nil
	}
	key, patiently := connecting, patient(ctx)
	if patiently {
		key = connectingPatiently
	}
	return share(ctx, c, key, func(ctx context.Context) (*connection, error) {
		if patiently {
			ctx = Patiently(ctx)
		}
		before := c.connected.Load()
		if before.driver != nil {
			return before, nil
		}
		conn, err := c.dial(ctx)
		if err == nil {
			c.connected.CompareAndSwap(before, conn)
		}
		return conn, err
	})
}

// dial asks the server what it is and what its vectors are like.
func (c *Client) dial(ctx context.Context) (*connection, error) {
	conn := &connection{server: c.checks.server, asked: c.cfg.Model}
	info, err := c.describe(ctx, conn)
	if err != nil {
		return nil, err
	}
	if conn.asked == "" && len(info.Models) > 0 {
		conn.asked = info.Models[0].ID
	}
	conn.listed = slices.ContainsFunc(info.Models, func(m driver.Model) bool { return m.ID == conn.asked })
	// The prefix is not known before the model, and does not change the length
	// of a vector.
	resp, err := attempt(ctx, c.questions(ctx), c.log, func(ctx context.Context) (driver.Response, error) {
		return conn.driver.Embed(ctx, c.request(conn, driver.Query, []string{probe}))
	})
	if err != nil {
		return nil, err
	}
	if err := conn.usable(resp, 1); err != nil {
		return nil, err
	}
	conn.answers = resp.Model
	conn.profile, err = c.profileOf(conn, info, resp)
	if err != nil {
		return nil, err
	}
	c.makeLanes(conn, info.Limits)
	c.log.InfoContext(ctx, "embedding server connected", "server", conn.server,
		"model", conn.profile.Model, "answers_as", conn.answers, "dimensions", conn.profile.Dimensions,
		"prefix_by", conn.profile.PrefixBy, "models_listed", len(info.Models),
		"batch_tokens", conn.batch.tokens, "passage_requests", cap(conn.passages.turns))
	return conn, nil
}

// makeLanes gives a connection the bounds that suit its server.
func (c *Client) makeLanes(conn *connection, limits driver.Limits) {
	queries, passages := inputShares(limits)
	conn.limits, conn.batch = limits, c.cfg.batchLimits(limits)
	conn.fitting.ever = max(conn.batch.inputs, maxQueryBatch)
	conn.fitting.most = conn.fitting.ever

	lane := newLane(conn.server, driver.Query, c.cfg.QueryTimeout, c.cfg.queryRequests(limits), queries)
	lane.breaker = c.breaker
	conn.queries = &queue{
		name: fmt.Sprintf("%s, model %q", conn.server, conn.asked),
		lane: lane, limits: c.cfg.queryLimits(limits), owner: c.owner, unanswered: map[*query]struct{}{},
		embed: func(ctx context.Context, texts []string) []outcome { return c.embedQueries(ctx, conn, texts) },
	}
	conn.passages = newLane(conn.server, driver.Passage, c.cfg.PassageTimeout, c.cfg.passageRequests(limits), passages)
	conn.passages.breaker = c.breaker
	conn.passages.yield = conn.queries.drain
}

// describe sets conn's driver, by asking the server where the URL does not
// name one, and returns what the server says of itself.
func (c *Client) describe(ctx context.Context, conn *connection) (driver.Info, error) {
	return attempt(ctx, c.questions(ctx), c.log, func(ctx context.Context) (info driver.Info, err error) {
		if conn.driver = c.named; conn.driver != nil {
			return conn.driver.Describe(ctx, conn.asked)
		}
		conn.driver, info, err = detect(ctx, c.server, conn.asked)
		return info, err
	})
}

// profileOf puts together what the configuration, the server and the table of
// known models say.
func (c *Client) profileOf(conn *connection, info driver.Info, resp driver.Response) (Profile, error) {
	p := Profile{
		Model:      cmp.Or(conn.asked, resp.Model),
		PrefixBy:   PrefixByClient,
		Dimensions: len(resp.Vectors[0]),
		Normalised: true,
	}
	if p.Model == "" {
		return Profile{}, fmt.Errorf("%w: %s does not say what model it serves: configure the model's name", ErrModelMismatch, conn.server)
	}
	known := knownModel(p.Model)
	p.MaxTokens = cmp.Or(c.cfg.MaxTokens, driver.LeastLimit(known.maxTokens, info.Limits.MaxTokens), defaultMaxTokens)
	switch {
	case c.cfg.Dimensions != 0 && p.Dimensions != c.cfg.Dimensions:
		return Profile{}, fmt.Errorf("%w: %d dimensions are configured, but the vectors of %s, model %q, have %d",
			ErrModelMismatch, c.cfg.Dimensions, conn.server, p.Model, p.Dimensions)
	case c.cfg.Dimensions == 0 && known.dimensions != 0 && p.Dimensions != known.dimensions:
		// Names can mislead, and servers may cut vectors.
		c.log.Warn("the embedding model has other dimensions than its name tells", "server", conn.server,
			"model", p.Model, "dimensions", p.Dimensions, "expected", known.dimensions)
	}
	prefixes := known.prefixes
	if info.Prefixes != nil {
		p.PrefixBy, prefixes = PrefixByServer, *info.Prefixes
	}
	wanted := prefixes
	if c.cfg.QueryPrefix != nil {
		wanted.Query = *c.cfg.QueryPrefix
	}
	if c.cfg.PassagePrefix != nil {
		wanted.Passage = *c.cfg.PassagePrefix
	}
	if p.PrefixBy == PrefixByServer && wanted != prefixes {
		return Profile{}, fmt.Errorf("%w: prefixes %q and %q are configured, but %s puts %q and %q before texts itself: configure none",
			ErrModelMismatch, wanted.Query, wanted.Passage, conn.server, prefixes.Query, prefixes.Passage)
	}
	p.QueryPrefix, p.PassagePrefix = wanted.Query, wanted.Passage
	return p, nil
}
