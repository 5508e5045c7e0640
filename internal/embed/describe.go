package embed

import (
	"context"
	"fmt"
	"strings"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
)

// ServerInfo describes a model server for people.
type ServerInfo struct {
	// Driver is the name of the wire format.
	Driver string
	// Server is the server's URL without credentials and query.
	Server string
	// Models are the models that the server lists now. AnswersAs is the model that its
	// answers name. Both may be empty.
	Models    []string
	AnswersAs string
	// Profile is the profile with which vectors are made.
	Profile document.ModelProfile
	// Reported are the limits that the server reports, or that are known for its kind.
	Reported driver.Limits
	// BatchInputs, BatchTokens and BatchBytes bound a request for passages.
	// PassageRequests and QueryRequests bound the requests in flight.
	BatchInputs, BatchTokens, BatchBytes int
	PassageRequests, QueryRequests       int
	// MaxTokens is the maximum length of a text that is read whole, in estimated tokens
	// without its prefix.
	MaxTokens int
	// CutsInSilence reports whether the server reads only the beginning of longer texts
	// without reporting it. It is false if the server refuses longer texts, or reads texts
	// whole up to twice that length.
	CutsInSilence bool
}

// Describe asks the server what it serves, and tests how it handles long texts. That takes
// as long as embedding a few texts of maximum length.
func (c *Client) Describe(ctx context.Context) (ServerInfo, error) {
	e, err := c.ownEncoder(ctx)
	if err != nil {
		return ServerInfo{}, err
	}
	conn := e.conn
	reported, err := attempt(ctx, c.checks, c.log, func(ctx context.Context) (driver.Info, error) {
		return conn.driver.Describe(ctx, conn.requestModel)
	})
	if err != nil {
		return ServerInfo{}, err
	}
	r, err := e.textLimitAndBeyond(ctx)
	if err != nil {
		return ServerInfo{}, err
	}
	info := ServerInfo{
		Driver: driverName(conn.driver), Server: conn.server, AnswersAs: conn.answerModel, Profile: conn.profile, Reported: reported.Limits,
		BatchInputs: min(conn.batch.inputs, conn.batchSize.limit()), BatchTokens: conn.batch.tokens, BatchBytes: conn.batch.bytes,
		PassageRequests: cap(conn.passages.lane.turns), QueryRequests: cap(conn.queries.lane.turns),
		MaxTokens: r.tokens, CutsInSilence: r.silent,
	}
	for _, m := range reported.Models {
		info.Models = append(info.Models, m.ID)
	}
	return info, nil
}

// driverName returns the name of a driver's package.
func driverName(d driver.Driver) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(fmt.Sprintf("%T", d), "*"), ".")
	return name
}
