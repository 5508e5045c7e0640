// Package ingest makes a clean document searchable: it cuts the text into passages and
// windows, gets vectors for the windows, and stores everything. Ingester writes and deletes
// single documents; Importer writes streams of documents. The package reads no files and
// has no SQL.
package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// DefaultMaxTextBytes is the default limit of a document's text.
const DefaultMaxTextBytes = 4 << 20

// Store is the database access of an Ingester. See store.Store.
type Store interface {
	// DocumentStates returns the stored state of documents by id.
	DocumentStates(ctx context.Context, sp space.Space, ids []string) (map[string]document.State, error)
	// ReplaceDocuments returns the outcome of each document. Its Err is document.ErrChanged if
	// the document comes without vectors and the stored content has another hash. Documents must
	// have different names.
	ReplaceDocuments(ctx context.Context, sp space.Space, list []document.Indexed) []document.ReplaceResult
	// DeleteDocument deletes a document. If etag is not empty, the document must have it.
	DeleteDocument(ctx context.Context, collection, id, etag string) error
	// DeleteDocuments returns the number of deleted documents even if it fails.
	DeleteDocuments(ctx context.Context, collection string, f document.Filter) (n int64, err error)
	// RetryFailed returns the number of documents to retry even if it fails.
	RetryFailed(ctx context.Context, collection string) (n int64, err error)
}

// Spaces returns the embedding spaces that documents of a collection are written to. See
// space.Registry.
type Spaces interface {
	// WriteTargets returns the active space first.
	WriteTargets(ctx context.Context, collection string) ([]space.Space, error)
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder makes vectors for a space, one per text, in order.
type Embedder interface {
	EmbedPassages(ctx context.Context, sp space.Space, texts []string) ([]document.Embedding, error)
}

// Calibrator keeps calibrations up to date with the corpus. See maintenance.Keeper.
type Calibrator interface {
	// Prepare makes sure that the calibration of a space has a language. It must be called
	// before vectors in that language are stored.
	Prepare(ctx context.Context, sp space.Space, language string) error
	Knows(sp space.Space, language string) bool
	// Changed reports a write or a deletion. It never blocks.
	Changed(collection string)
}

// Builder embeds documents that a space lacks. See backfill.Builder.
type Builder interface {
	Wake()
}

// Queue embeds documents that wait for vectors. See backfill.Queue.
type Queue interface {
	Wake()
}

// Outcome is what a write did.
type Outcome int

// These are the outcomes of a write.
const (
	Created Outcome = iota + 1
	Updated
	Unchanged
)

// Result is a document as it is stored, and the outcome of the write.
type Result struct {
	Document document.Document
	Outcome  Outcome
	Passages int
}

// Config holds the dependencies and limits of an Ingester.
type Config struct {
	Store      Store
	Spaces     Spaces
	Embedder   Embedder
	Calibrator Calibrator
	Builder    Builder
	Queue      Queue
	// MaxTextBytes bounds a text in bytes of UTF-8.
	MaxTextBytes int
	// Logger logs deletions, and why another space than the active one was not embedded.
	Logger *slog.Logger
}

// Ingester writes documents. Concurrent writes share transactions. It is safe for
// concurrent use.
type Ingester struct {
	Config
	// reads runs readCurrent, and writes runs storeGroup.
	reads  grouper[string, string, current] // by collection
	writes grouper[target, write, document.ReplaceResult]
	// skipUntil holds, by vector table, the time until which writes skip a space.
	skipUntil *lru.Cache[string, time.Time]
	large     largeTexts
}

// New returns an ingester.
func New(cfg Config) *Ingester {
	skipUntil, err := lru.New[string, time.Time](maxSkipped)
	if err != nil {
		panic(err) // only if the size is below 1
	}
	in := &Ingester{Config: cfg, skipUntil: skipUntil, large: newLargeTexts()}
	in.reads.run, in.writes.run, in.writes.fits = in.readCurrent, in.storeGroup, fitsGroup
	in.reads.log, in.writes.log = cfg.Logger, cfg.Logger
	return in
}

// writeTries bounds how often a write is tried again because another writer changed the
// document first.
const writeTries = 3

// Upsert creates or replaces a document. If the same document is stored already, nothing is
// written. If its text and structure are the same, nothing is embedded. It returns a
// *document.FieldError for invalid input, document.ErrNotFound if the collection does not
// exist, and document.ErrPrecondition if the precondition does not hold. If the same
// document is stored already, the precondition does not matter.
func (in *Ingester) Upsert(ctx context.Context, d document.Document, p document.Precondition) (Result, error) {
	return in.write(ctx, d, p, false, OwnVectors{})
}

// UpsertWithVectors is like Upsert for a document that comes with its vectors for one space. It
// is not embedded for that space. UpsertWithVectors returns a *document.FieldError if the vectors
// do not fit the document's windows.
func (in *Ingester) UpsertWithVectors(ctx context.Context, d document.Document, p document.Precondition, given OwnVectors) (Result, error) {
	return in.write(ctx, d, p, false, given)
}

// Enqueue is like Upsert, but needs no model server. A document with a new text or
// structure is stored with its passages and terms, and is embedded in the background.
func (in *Ingester) Enqueue(ctx context.Context, d document.Document, p document.Precondition) (Result, error) {
	return in.write(ctx, d, p, true, OwnVectors{})
}

func (in *Ingester) write(ctx context.Context, d document.Document, p document.Precondition, deferred bool, given OwnVectors) (Result, error) {
	d, err := normalise(d, in.MaxTextBytes)
	if err != nil {
		return Result{}, err
	}
	_, stage := telemetry.Start(ctx, telemetry.IngestChunk)
	passages := chunk.Passages(d)
	stage.End(nil)
	if len(passages) > maxPassages {
		return Result{}, textFault("has %d passages; at most %d are stored: send it as several documents", len(passages), maxPassages)
	}
	indexed := document.Indexed{Document: d, ContentHash: contentHash(d.Text, passages), Passages: passages, Deferred: deferred, Precondition: p}
	indexed.Document.Digest = document.TextDigest(d.Text)
	indexed.Document.ETag = etag(d, indexed.ContentHash, passages)
	done := embedding{given: given}
	for range writeTries {
		result, err := in.upsert(ctx, indexed, &done)
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

// upsert first reads the stored state, to avoid calls to the model server. The store checks
// the precondition again while it locks the document. The outcome comes from the store's
// answer, because another writer may have been faster, or another space may have become
// active.
func (in *Ingester) upsert(ctx context.Context, indexed document.Indexed, done *embedding) (Result, error) {
	d := indexed.Document
	seen, err := in.readState(ctx, d)
	if err != nil {
		return Result{}, err
	}
	if err := indexed.CheckPrecondition(seen.before.ETag); err != nil {
		return Result{}, err
	}
	active := seen.spaces[0]
	if seen.before.ContentHash != indexed.ContentHash && !indexed.Deferred {
		end, err := in.large.begin(ctx, len(d.Text))
		if err != nil {
			return Result{}, err
		}
		defer end()
		if indexed.Windows, indexed.Others, err = in.embedAll(ctx, seen.spaces, d, indexed.Passages, done); err != nil {
			return Result{}, err
		}
	}
	storing, stage := telemetry.Start(ctx, telemetry.IngestStore)
	stored, err := in.writes.do(storing, target{d.Collection, active.VectorTable}, write{active, indexed})
	stage.End(err)
	pending := stored.Document.IndexState == document.IndexPending
	if err == nil && pending {
		in.Queue.Wake()
	}
	if err == nil && (indexed.Windows != nil || pending) && len(indexed.Others) < len(seen.spaces)-1 {
		in.Builder.Wake()
	}
	return Result{Document: stored.Document, Outcome: outcome(stored.Before, indexed), Passages: len(indexed.Passages)}, err
}

// readState returns the state of a document before a write.
func (in *Ingester) readState(ctx context.Context, d document.Document) (current, error) {
	ctx, stage := telemetry.Start(ctx, telemetry.IngestRead)
	seen, err := in.reads.do(ctx, d.Collection, d.ID)
	stage.End(err)
	return seen, err
}

// outcome returns the outcome of writing a document over a stored state.
func outcome(before document.State, in document.Indexed) Outcome {
	switch {
	case before.ETag == "":
		return Created
	case before.ETag == in.Document.ETag && (in.Deferred || before.ContentHash == in.ContentHash): // the content hash differs if the space lacks the vectors
		return Unchanged
	}
	return Updated
}

// contentHash returns a digest of the text and its passages: everything that the vectors
// depend on, except for the space.
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

// etag returns a digest of all fields that a writer sets, of the content, and of the label paths
// of its passages.
func etag(d document.Document, contentHash string, passages []document.Passage) string {
	parts := []any{contentHash, d.Title, d.LanguageCode, d.PublishTime.UTC(), d.PublishPrecision, d.Source, d.URI, d.Blocks, d.Metadata}
	if len(d.PageStarts) > 0 { // so that etags from before pages were stored stay the same
		parts = append(parts, d.PageStarts)
	}
	paths := map[int][]string{}
	for _, p := range passages {
		if len(p.LabelPath) > 0 {
			paths[p.Ordinal] = p.LabelPath
		}
	}
	if len(paths) > 0 { // documents that were written before there were paths get theirs by the next write
		parts = append(parts, paths)
	}
	return digest(parts...)
}

// digest returns a digest of the values as JSON, which sorts maps by key.
func digest(values ...any) string {
	encoded, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("ingest: values that JSON cannot hold: %v", err)) // cannot happen, since only strings, numbers and times are passed
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:16])
}
