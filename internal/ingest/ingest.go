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

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// DefaultMaxTextBytes is how long a document's text may be.
const DefaultMaxTextBytes = 4 << 20

// Store is what ingest asks of the database; store.Store says more.
type Store interface {
	DocumentState(ctx context.Context, sp space.Space, id string) (document.State, error)
	// ReplaceDocument returns the state that it found, and document.ErrChanged
	// where it was given no vectors and the content stored has another hash.
	ReplaceDocument(ctx context.Context, sp space.Space, in document.Indexed) (stored document.Document, before document.State, err error)
}

// Spaces says which embedding space a collection is written to.
type Spaces interface {
	Active(ctx context.Context, collection string) (space.Space, error)
}

// Embedder returns one unit vector a text, in order.
type Embedder interface {
	EmbedPassages(ctx context.Context, texts []string) ([][]float32, error)
}

// Calibrator keeps what makes scores comparable across languages up with the
// corpus; upkeep.Keeper says more.
type Calibrator interface {
	// Prepare sees to it that a space knows a language before vectors in it come.
	Prepare(ctx context.Context, sp space.Space, language string) error
	// Changed takes note of a write; it never waits.
	Changed(collection string)
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

// Ingester writes documents. It is safe for concurrent use.
type Ingester struct {
	store      Store
	spaces     Spaces
	embedder   Embedder
	calibrator Calibrator
	maxBytes   int
}

// New returns an ingester that takes texts of at most maxTextBytes of UTF-8.
func New(store Store, spaces Spaces, embedder Embedder, calibrator Calibrator, maxTextBytes int) *Ingester {
	return &Ingester{store: store, spaces: spaces, embedder: embedder, calibrator: calibrator, maxBytes: maxTextBytes}
}

// writeTries bounds how often a write starts anew because another writer of
// the same document was faster.
const writeTries = 3

// Upsert writes a document, new or in place of the one of that name. What is
// stored like that already is not written, and text that is stored with the
// same structure is not embedded again. *document.FieldError for input that
// cannot be stored; document.ErrNotFound where the collection does not exist.
func (in *Ingester) Upsert(ctx context.Context, d document.Document) (Result, error) {
	d, err := normalise(d, in.maxBytes)
	if err != nil {
		return Result{}, err
	}
	sp, err := in.spaces.Active(ctx, d.Collection)
	if err != nil {
		return Result{}, err
	}
	passages := chunk.Passages(d)
	contentHash := contentHash(d.Text, passages)
	d.Digest = document.TextDigest(d.Text)
	d.ETag = etag(d, contentHash)
	for range writeTries {
		result, err := in.write(ctx, sp, d, passages, contentHash)
		if errors.Is(err, document.ErrChanged) {
			continue
		}
		if err == nil && result.Outcome != Unchanged {
			in.calibrator.Changed(d.Collection)
		}
		return result, err
	}
	return Result{}, &document.ResourceError{Name: document.Name(d.Collection, d.ID), Err: document.ErrChanged}
}

// write looks at what is stored to spare the model server; what it did is what
// the store says, since another writer may come between.
func (in *Ingester) write(ctx context.Context, sp space.Space, d document.Document, passages []document.Passage, contentHash string) (Result, error) {
	before, err := in.store.DocumentState(ctx, sp, d.ID)
	if err != nil {
		return Result{}, err
	}
	if outcome(before, d, contentHash) == Unchanged {
		d.CreateTime, d.UpdateTime = before.CreateTime, before.UpdateTime
		return Result{Document: d, Outcome: Unchanged, Passages: len(passages)}, nil
	}
	indexed := document.Indexed{Document: d, ContentHash: contentHash, Passages: passages}
	if before.ContentHash != contentHash {
		if err := in.calibrator.Prepare(ctx, sp, document.PrimarySubtag(d.LanguageCode)); err != nil {
			return Result{}, err
		}
		if indexed.Windows, err = in.embed(ctx, sp, passages); err != nil {
			return Result{}, err
		}
	}
	stored, before, err := in.store.ReplaceDocument(ctx, sp, indexed)
	return Result{Document: stored, Outcome: outcome(before, d, contentHash), Passages: len(passages)}, err
}

// outcome says what writing a document over a state does.
func outcome(before document.State, d document.Document, contentHash string) Outcome {
	switch {
	case before.ETag == "":
		return Created
	case before.ETag == d.ETag && before.ContentHash == contentHash:
		return Unchanged
	}
	return Updated
}

// embed returns the windows of each passage.
func (in *Ingester) embed(ctx context.Context, sp space.Space, passages []document.Passage) ([][]document.Window, error) {
	var texts []string
	windows := make([][]document.Window, len(passages))
	for i, p := range passages {
		sentences := sp.Windowing == space.WindowingSentences && (p.Kind == document.KindParagraph || p.Kind == document.KindArticle)
		for _, piece := range chunk.Pieces(p.Text, sentences, sp.WindowTokens, chunk.EstimateTokens) {
			windows[i] = append(windows[i], document.Window{Role: piece.Role, Range: piece.Range.Within(p.Range)})
			texts = append(texts, piece.Text)
		}
	}
	vectors, err := in.embedder.EmbedPassages(ctx, texts)
	if err != nil {
		return nil, err
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("%d vectors for %d windows", len(vectors), len(texts))
	}
	for _, list := range windows {
		for i := range list {
			list[i].Vector, vectors = vectors[0], vectors[1:]
		}
	}
	return windows, nil
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
