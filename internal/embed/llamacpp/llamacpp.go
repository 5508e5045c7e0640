// Package llamacpp is the driver for llama.cpp's server. The server speaks OpenAI's format,
// but reports limits and refusals in its own way.
package llamacpp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/openai"
)

// Owner is the owned_by of the models that the server lists, and identifies the
// server.
const Owner = "llamacpp"

// maxProps bounds the answer to GET /props, which includes a chat template.
const maxProps = 1 << 20

// tooLarge matches the message of the status 500 for a text longer than the physical
// batch. It captures the size of that batch, which early versions do not report.
var tooLarge = regexp.MustCompile(`too large to process.*?(?:current batch size: (\d+)|$)`)

// Driver implements driver.Driver.
type Driver struct {
	openai *openai.Driver
	root   httpjson.Endpoint
	// batch is the size of the physical batch in tokens. It is 0 until a request has found
	// it out, and -1 if the server does not report it.
	batch atomic.Int64
}

var (
	_ driver.Driver    = (*Driver)(nil)
	_ driver.Forgetter = (*Driver)(nil)
)

// New returns a driver for the server. It makes no request.
func New(server httpjson.Endpoint) *Driver {
	return &Driver{openai: openai.New(openai.Config{Endpoint: server}), root: server.Root()}
}

// Embed implements driver.Driver. For a text that is too long it reports status 413
// instead of the server's 500.
func (d *Driver) Embed(ctx context.Context, req driver.Request) (driver.Response, error) {
	resp, err := d.openai.Embed(ctx, req)
	var failure *driver.Error
	if errors.As(err, &failure) && failure.Status == http.StatusInternalServerError && tooLarge.MatchString(failure.Body) {
		failure.Status = http.StatusRequestEntityTooLarge
	}
	return resp, err
}

// Describe implements driver.Driver with GET /v1/models and /props. Once, it also sends a
// text that the server refuses, since only the refusal reports the physical batch, which
// limits the length of a text.
func (d *Driver) Describe(ctx context.Context, model string) (driver.Info, error) {
	info, err := d.openai.Describe(ctx, model)
	if err != nil {
		return driver.Info{}, err
	}
	props, err := d.props(ctx)
	if err != nil {
		return driver.Info{}, err
	}
	info.Limits.MaxConcurrentRequests = props.Slots
	limit := driver.LeastLimit(info.Limits.MaxTokens, props.Settings.Context)
	if d.batch.Load() == 0 && limit > 0 {
		batch, err := d.physicalBatch(ctx, model, limit)
		if err != nil {
			return driver.Info{}, err
		}
		d.batch.Store(int64(batch))
	}
	info.Limits.MaxTokens = driver.LeastLimit(limit, int(d.batch.Load()))
	return info, nil
}

// Forget implements driver.Forgetter.
func (d *Driver) Forget() { d.batch.Store(0) }

// properties are reported by the server. Values that it does not report are 0.
type properties struct {
	// Slots is the number of texts that the server processes at the same time.
	Slots    int `json:"total_slots"`
	Settings struct {
		// Context is the number of tokens that a slot holds.
		Context int `json:"n_ctx"`
	} `json:"default_generation_settings"`
}

// props asks for the properties.
func (d *Driver) props(ctx context.Context) (p properties, err error) {
	answer, err := d.root.Do(ctx, httpjson.Call{Method: http.MethodGet, Path: "props", Limit: maxProps})
	var failure *driver.Error
	if errors.As(err, &failure) && failure.Status >= 400 && failure.Status < 500 && !failure.Temporary {
		return p, nil // old versions have no /props, and some keys may not read it
	}
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(answer, &p); err != nil {
		return p, d.root.Errorf("", http.StatusOK, answer, "%w: %w", driver.ErrMalformed, err)
	}
	// more concurrent requests do not raise throughput
	const most = 2
	p.Slots = min(p.Slots, most)
	return p, nil
}

// physicalBatch sends a text that is longer than limit, and returns the size that the
// refusal reports, or -1 if it reports none. The server only counts the tokens of such a
// text.
func (d *Driver) physicalBatch(ctx context.Context, model string, limit int) (int, error) {
	_, err := d.Embed(ctx, driver.Request{Model: model, Texts: []string{strings.Repeat("a ", limit+1)}})
	if err == nil {
		return -1, nil
	}
	var failure *driver.Error
	if !errors.As(err, &failure) || unavailable(ctx, failure) {
		return 0, err
	}
	told := tooLarge.FindStringSubmatch(failure.Body)
	if told == nil {
		return -1, nil // for example because the text exceeds the context
	}
	batch, err := strconv.Atoi(told[1])
	if err != nil || batch <= 0 {
		return -1, nil
	}
	return batch, nil
}

// unavailable reports whether a failure is not about the text: there was no answer, the
// server was overloaded, a gateway had no server, or the key was refused.
func unavailable(ctx context.Context, failure *driver.Error) bool {
	switch failure.Status {
	case 0, http.StatusUnauthorized, http.StatusForbidden, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	}
	return failure.Temporary || ctx.Err() != nil
}
