// Package ingest turns a clean document into what is searched: it cuts it into
// passages and windows, has the windows embedded, and stores the whole. It
// reads no files and speaks no SQL.
package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// DefaultMaxTextBytes is how long a document's text may be.
const DefaultMaxTextBytes = 4 << 20

// Store is what ingest asks of the database; store.Store says more.
type Store interface {
	// DocumentStates returns what there is of documents, by id.
	DocumentStates(ctx context.Context, sp space.Space, ids []string) (map[string]document.State, error)
	// ReplaceDocuments says of each document what became of it: document.ErrChanged if
	// it was given no vectors and the content stored has another hash. No two have one
	// name.
	ReplaceDocuments(ctx context.Context, sp space.Space, list []document.Indexed) []document.Replaced
}

// Spaces says which embedding spaces a collection is written to; space.Manager
// says more.
type Spaces interface {
	// Written returns the active space first.
	Written(ctx context.Context, collection string) ([]space.Space, error)
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder makes vectors for a space, one a text, in order.
type Embedder interface {
	EmbedPassages(ctx context.Context, sp space.Space, texts []string) ([]document.Embedding, error)
}

// Calibrator keeps what makes scores comparable across languages up with the
// corpus; upkeep.Keeper says more.
type Calibrator interface {
	// Prepare sees to it that a space knows a language before vectors in it come.
	Prepare(ctx context.Context, sp space.Space, language string) error
	Knows(sp space.Space, language string) bool
	// Changed takes note of a write; it never waits.
	Changed(collection string)
}

// Builder embeds what a space could not be given; build.Builder says more.
type Builder interface {
	Wake()
}

// Queue embeds documents that wait for it; build.Queue says more.
type Queue interface {
	Wake()
}

// Outcome is what a write did.
type Outcome int

// What a write may do.
const (
	Created Outcome = iota + 1
	Updated
	Unchanged
)

// Result is a document as it is stored now, and what was done to that end.
type Result struct {
	Document document.Document
	Outcome  Outcome
	Passages int
}

// Config is what an Ingester stands on.
type Config struct {
	Store      Store
	Spaces     Spaces
	Embedder   Embedder
	Calibrator Calibrator
	Builder    Builder
	Queue      Queue
	// MaxTextBytes bounds a text in bytes of UTF-8.
	MaxTextBytes int
	// Logger gets what another space than the active one is left behind for.
	Logger *slog.Logger
}

// Ingester writes documents, those that are there at once together. It is safe for
// concurrent use.
type Ingester struct {
	Config
	looks  grouper[string, string, found] // by collection
	writes grouper[target, write, document.Replaced]
	// behind holds, by the tables of spaces, until when writes leave them behind.
	behind sync.Map
}

// New returns an ingester.
func New(cfg Config) *Ingester {
	in := &Ingester{Config: cfg}
	in.looks.run, in.writes.run, in.writes.fits = in.look, in.store, share
	return in
}

// writeTries bounds how often a write starts anew because another writer of
// the same document was faster.
const writeTries = 3

// Upsert writes a document, new or in place of the one of that name. What is
// stored like that already is not written, and text that is stored with the
// same structure is not embedded again. *document.FieldError for input that
// cannot be stored; document.ErrNotFound where the collection does not exist.
func (in *Ingester) Upsert(ctx context.Context, d document.Document) (Result, error) {
	return in.write(ctx, d, false)
}

// Enqueue is Upsert without the model server: a document whose text or structure is
// new is stored with its passages and terms, and waits to be embedded in the
// background.
func (in *Ingester) Enqueue(ctx context.Context, d document.Document) (Result, error) {
	return in.write(ctx, d, true)
}

func (in *Ingester) write(ctx context.Context, d document.Document, deferred bool) (Result, error) {
	d, err := normalise(d, in.MaxTextBytes)
	if err != nil {
		return Result{}, err
	}
	passages := chunk.Passages(d)
	indexed := document.Indexed{Document: d, ContentHash: contentHash(d.Text, passages), Passages: passages, Deferred: deferred}
	indexed.Document.Digest = document.TextDigest(d.Text)
	indexed.Document.ETag = etag(d, indexed.ContentHash)
	for range writeTries {
		result, err := in.upsert(ctx, indexed)
		if errors.Is(err, document.ErrChanged) {
			continue
		}
		if err == nil && result.Outcome != Unchanged {
			in.Calibrator.Changed(d.Collection)
		}
		return result, err
	}
	return Result{}, &document.ResourceError{Name: document.Name(d.Collection, d.ID), Err: document.ErrChanged}
}

// upsert looks at what is stored to spare the model server; what it did is what
// the store says, since another writer may come between, or another space become
// the active one.
func (in *Ingester) upsert(ctx context.Context, indexed document.Indexed) (Result, error) {
	d := indexed.Document
	seen, err := in.looks.do(ctx, d.Collection, d.ID)
	if err != nil {
		return Result{}, err
	}
	active := seen.spaces[0]
	if seen.before.ContentHash != indexed.ContentHash && !indexed.Deferred {
		if indexed.Windows, indexed.Others, err = in.embedAll(ctx, seen.spaces, d, indexed.Passages); err != nil {
			return Result{}, err
		}
	}
	stored, err := in.writes.do(ctx, target{d.Collection, active.VectorTable}, write{active, indexed})
	pending := stored.Document.IndexState == document.IndexPending
	if err == nil && pending {
		in.Queue.Wake()
	}
	if err == nil && (indexed.Windows != nil || pending) && len(indexed.Others) < len(seen.spaces)-1 {
		in.Builder.Wake()
	}
	return Result{Document: stored.Document, Outcome: outcome(stored.Before, indexed), Passages: len(indexed.Passages)}, err
}

// outcome says what writing a document over a state does.
func outcome(before document.State, in document.Indexed) Outcome {
	switch {
	case before.ETag == "":
		return Created
	case before.ETag == in.Document.ETag && (in.Deferred || before.ContentHash == in.ContentHash): // an etag is over the content too
		return Unchanged
	}
	return Updated
}

// contentHash is a digest over the text and how it is cut: all that vectors
// depend on, the space apart.
func contentHash(text string, passages []document.Passage) string {
	type part struct {
		Kind  document.Kind
		Label string
		Range document.TextRange
	}
	parts := make([]part, len(passages))
	for i, p := range passages {
		parts[i] = part{p.Kind, p.Label, p.Range}
	}
	return digest(text, parts)
}

// etag is a digest over all that a writer sets, and the content.
func etag(d document.Document, contentHash string) string {
	return digest(contentHash, d.Title, d.LanguageCode, d.PublishTime.UTC(), d.PublishPrecision, d.Source, d.URI, d.Blocks, d.Metadata)
}

// digest is over the values' JSON, in which maps are sorted by key.
func digest(values ...any) string {
	encoded, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("ingest: values that JSON cannot hold: %v", err)) // only strings, numbers and times come here
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:16])
}
