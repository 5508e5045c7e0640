package embed

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
)

// Encoder turns texts into vectors of unit length under one profile. It is safe
// for concurrent use, and lives as long as its client.
type Encoder struct {
	client  *Client
	conn    *connection
	profile Profile // who puts prefixes is as with this server
}

// Under returns an encoder for a space that was made under p, whoever puts the
// prefix before a text and whatever the model is called here: a fingerprint tells
// whether it is the same. ErrModelMismatch says that the server, or what is
// configured explicitly, makes other vectors.
func (c *Client) Under(ctx context.Context, p Profile) (*Encoder, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	here := conn.profile
	fixed := here.PrefixBy == PrefixByServer
	for _, differs := range []struct {
		what string
		set  bool
		a, b any
	}{
		{"dimensions", true, here.Dimensions, p.Dimensions},
		{"query prefix", fixed || c.cfg.QueryPrefix != nil, here.QueryPrefix, p.QueryPrefix},
		{"passage prefix", fixed || c.cfg.PassagePrefix != nil, here.PassagePrefix, p.PassagePrefix},
		{"limit in tokens", c.cfg.MaxTokens > 0, here.MaxTokens, p.MaxTokens},
	} {
		if differs.set && differs.a != differs.b {
			return nil, fmt.Errorf("%w: the %s of model %q at %s: %#v, of the vectors' model %q: %#v",
				ErrModelMismatch, differs.what, here.Model, conn.server, differs.a, p.Model, differs.b)
		}
	}
	p.PrefixBy = here.PrefixBy
	return &Encoder{client: c, conn: conn, profile: p}, nil
}

// EmbedQuery returns the vector of a query. Queries that wait for the server go
// together in one request.
func (e *Encoder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	texts, err := prepare([]string{text}, e.profile.clientPrefix(driver.Query))
	if err != nil {
		return nil, err
	}
	return e.conn.queries.ask(ctx, texts[0])
}

// EmbedPassages returns one embedding a text, in order; none for no texts. A text
// that the server will never embed has a Failure; an error says that the whole
// failed.
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

// EmbedEach is EmbedPassages for those who keep what they have when it comes:
// each time that a request is answered it calls done with the index of the
// request's first text and its embeddings, one call at a time, in any order. It
// returns the first error, that of done included; of texts that done was not
// called for nothing is known then.
func (e *Encoder) EmbedEach(ctx context.Context, texts []string, done func(start int, batch []document.Embedding) error) error {
	if len(texts) == 0 {
		return nil
	}
	prepared, err := prepare(texts, e.profile.clientPrefix(driver.Passage))
	if err != nil {
		return err
	}
	longest, err := e.longest(ctx, texts)
	if err != nil {
		return err
	}
	limits := e.conn.batch
	limits.inputs = min(limits.inputs, e.conn.fitting.now())
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cap(e.conn.passages.turns))
	for start, batch := range batches(prepared, limits) {
		group.Go(func() error {
			embeddings, err := e.embed(groupCtx, texts[start:start+len(batch)], batch, longest)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			return done(start, embeddings)
		})
	}
	return group.Wait()
}

// embed returns the embeddings of texts, which prepared are with their prefix. Those
// longer than longest, of which the server may read the beginning alone, are not
// sent.
func (e *Encoder) embed(ctx context.Context, texts, prepared []string, longest int) ([]document.Embedding, error) {
	out := make([]document.Embedding, len(texts))
	var places []int
	var sent []string
	for i, text := range texts {
		if tokens := chunk.EstimateTokens(text); tokens > longest {
			out[i].Failure = &document.Failure{
				Reason:  document.FailureTruncated,
				Message: fmt.Sprintf("about %d tokens, of which the model server is known to read %d: it may drop the rest in silence", tokens, longest),
			}
			continue
		}
		places, sent = append(places, i), append(sent, prepared[i])
	}
	if len(sent) == 0 {
		return out, nil
	}
	outcomes, err := e.client.embedPassages(ctx, e.conn, sent)
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		out[place] = outcomes[i].embedding()
	}
	return out, nil
}
