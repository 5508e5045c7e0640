package embed

import (
	"context"
	"fmt"
	"strings"

	"github.com/accord-search/accord/internal/embed/driver"
)

// ServerInfo is what is known of a model server, for people.
type ServerInfo struct {
	// Driver is the wire format spoken.
	Driver string
	// Server is its URL without credentials and query.
	Server string
	// Models are those that it lists now, AnswersAs the model that its answers
	// name; empty where there are none.
	Models    []string
	AnswersAs string
	// Profile is what vectors are made with.
	Profile Profile
	// Told are the limits that the server tells or its kind is known for.
	Told driver.Limits
	// BatchInputs, BatchTokens and BatchBytes bound a request for passages,
	// PassageRequests and QueryRequests those in flight.
	BatchInputs, BatchTokens, BatchBytes int
	PassageRequests, QueryRequests       int
	// MaxTokens of a text are read whole, by estimate and without its prefix.
	MaxTokens int
	// CutsInSilence says that of longer texts only the beginning is read; false
	// where they are refused, or read whole up to twice that length.
	CutsInSilence bool
}

// Describe asks the server what it serves, and tries what becomes of long texts:
// that takes it as long as a few texts of that length.
func (c *Client) Describe(ctx context.Context) (ServerInfo, error) {
	e, err := c.own(ctx)
	if err != nil {
		return ServerInfo{}, err
	}
	conn := e.conn
	told, err := attempt(ctx, c.checks, c.log, func(ctx context.Context) (driver.Info, error) {
		return conn.driver.Describe(ctx, conn.asked)
	})
	if err != nil {
		return ServerInfo{}, err
	}
	r, err := e.room(ctx, true)
	if err != nil {
		return ServerInfo{}, err
	}
	info := ServerInfo{
		Driver: driverName(conn.driver), Server: conn.server, AnswersAs: conn.answers, Profile: conn.profile, Told: told.Limits,
		BatchInputs: min(conn.batch.inputs, conn.fitting.now()), BatchTokens: conn.batch.tokens, BatchBytes: conn.batch.bytes,
		PassageRequests: cap(conn.passages.turns), QueryRequests: cap(conn.queries.lane.turns),
		MaxTokens: r.tokens, CutsInSilence: r.silent,
	}
	for _, m := range told.Models {
		info.Models = append(info.Models, m.ID)
	}
	return info, nil
}

// driverName returns the name of a driver, which is its package's.
func driverName(d driver.Driver) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(fmt.Sprintf("%T", d), "*"), ".")
	return name
}
