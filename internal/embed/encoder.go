package embed

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/guard"
)

// Encoder turns texts into vectors of unit length with one profile. It is safe for
// concurrent use. It must not be used after its client is closed.
type Encoder struct {
	client  *Client
	conn    *connection
	profile document.ModelProfile // with the PrefixBy of this server
}

// EncoderFor returns an encoder for a space with the profile p. The model's name and the
// side that adds the prefix may differ from the server's; a fingerprint shows whether the
// model is the same. The error wraps ErrModelMismatch if the server or the configuration
// makes different vectors.
func (c *Client) EncoderFor(ctx context.Context, p document.ModelProfile) (*Encoder, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	own := conn.profile
	byServer := own.PrefixBy == document.PrefixByServer
	for _, differs := range []struct {
		what string
		set  bool
		a, b any
	}{
		{"dimensions", true, own.Dimensions, p.Dimensions},
		{"query prefix", byServer || c.cfg.QueryPrefix != nil, own.QueryPrefix, p.QueryPrefix},
		{"passage prefix", byServer || c.cfg.PassagePrefix != nil, own.PassagePrefix, p.PassagePrefix},
		{"limit in tokens", c.cfg.MaxTokens > 0, own.MaxTokens, p.MaxTokens},
	} {
		if differs.set && differs.a != differs.b {
			return nil, fmt.Errorf("%w: the %s of model %q at %s is %#v, but that of the vectors' model %q is %#v",
				ErrModelMismatch, differs.what, own.Model, conn.server, differs.a, p.Model, differs.b)
		}
	}
	p.PrefixBy = own.PrefixBy
	return &Encoder{client: c, conn: conn, profile: p}, nil
}

// EmbedQueries returns a vector or an error for each query, in order. Queries of this call,
// and of others that wait for the server, are sent in as few requests as the server accepts.
func (e *Encoder) EmbedQueries(ctx context.Context, texts []string) (vectors [][]float32, errs []error) {
	vectors, errs = make([][]float32, len(texts)), make([]error, len(texts))
	var places []int
	var prepared []string
	for i, text := range texts {
		ready, err := prepare([]string{text}, clientPrefix(e.profile, driver.Query))
		if errs[i] = err; err == nil {
			places, prepared = append(places, i), append(prepared, ready[0])
		}
	}
	var sending sync.WaitGroup
	for start, batch := range batches(prepared, e.conn.queries.limits()) {
		sending.Go(func() {
			var outcomes []outcome
			err := guard.Call(func() (err error) {
				outcomes, err = e.conn.queries.submit(ctx, batch...)
				return err
			})
			for i, place := range places[start : start+len(batch)] {
				if errs[place] = err; err == nil {
					vectors[place], errs[place] = outcomes[i].vector, outcomes[i].err
				}
			}
		})
	}
	sending.Wait()
	return vectors, errs
}

// EmbedPassages returns one embedding for each text in order, and none if there are no
// texts. Waiting texts of several calls are sent together in one request. A text that the
// server will never embed gets a Failure. An error means that the whole call failed.
func (e *Encoder) EmbedPassages(ctx context.Context, texts []string) ([]document.Embedding, error) {
	out := make([]document.Embedding, len(texts))
	err := e.EmbedEach(ctx, texts, func(start int, batch []document.Embedding) error {
		copy(out[start:], batch)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EmbedEach is like EmbedPassages, but hands over results as they arrive. After each
// request it calls done with the index of the request's first text and its
// embeddings. Calls of done do not overlap, and come in any order. EmbedEach returns
// the first error, including that of done. After an error, the texts for which done
// was not called have no result.
func (e *Encoder) EmbedEach(ctx context.Context, texts []string, done func(start int, batch []document.Embedding) error) error {
	if len(texts) == 0 {
		return nil
	}
	prepared, err := prepare(texts, clientPrefix(e.profile, driver.Passage))
	if err != nil {
		return err
	}
	longest, err := e.maxSendable(ctx, texts)
	if err != nil {
		return err
	}
	limits := e.conn.passageLimits()
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cap(e.conn.passages.lane.turns))
	for start, batch := range batches(prepared, limits) {
		group.Go(guard.Func(func() error {
			embeddings, err := e.embed(groupCtx, texts[start:start+len(batch)], batch, longest)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			return done(start, embeddings)
		}))
	}
	return group.Wait()
}

// embed returns the embeddings of texts. prepared has the same texts with their prefix. A
// text that is longer than longest is not sent, since the server may read only its
// beginning.
func (e *Encoder) embed(ctx context.Context, texts, prepared []string, longest int) ([]document.Embedding, error) {
	out := make([]document.Embedding, len(texts))
	var places []int
	var sent []string
	for i, text := range texts {
		if tokens := chunk.EstimateTokens(text); tokens > longest {
			out[i].Failure = &document.Failure{
				Reason:  document.FailureTruncated,
				Message: fmt.Sprintf("the text has about %d tokens, but the model server reads %d and may silently drop the rest", tokens, longest),
			}
			continue
		}
		places, sent = append(places, i), append(sent, prepared[i])
	}
	if len(sent) == 0 {
		return out, nil
	}
	outcomes, err := e.conn.passages.submit(ctx, sent...)
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		out[place] = outcomes[i].embedding()
	}
	return out, nil
}

// prepare checks texts and adds prefix to each. It refuses invalid texts, since
// servers handle them differently: they cut at NUL, repair broken UTF-8, and refuse
// an empty text or give it a vector.
func prepare(texts []string, prefix string) ([]string, error) {
	out := make([]string, len(texts))
	for i, text := range texts {
		switch {
		case text == "":
			return nil, fmt.Errorf("%w: text %d of %d is empty", ErrInvalidText, i+1, len(texts))
		case !utf8.ValidString(text):
			return nil, fmt.Errorf("%w: text %d of %d is not valid UTF-8", ErrInvalidText, i+1, len(texts))
		case strings.IndexByte(text, 0) >= 0:
			return nil, fmt.Errorf("%w: text %d of %d holds a NUL character, at which some servers cut it; remove it", ErrInvalidText, i+1, len(texts))
		}
		out[i] = prefix + text
	}
	return out, nil
}

// clientPrefix returns the prefix that the client adds to a text under a profile.
func clientPrefix(p document.ModelProfile, input driver.Input) string {
	switch {
	case p.PrefixBy == document.PrefixByServer:
		return ""
	case input == driver.Passage:
		return p.PassagePrefix
	default:
		return p.QueryPrefix
	}
}
