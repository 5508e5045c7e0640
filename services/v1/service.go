// Package v1 implements the services of accord.v1. Each handler decodes a request, calls
// the domain and encodes the response. The package has no SQL and no ranking.
package v1

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"buf.build/go/protovalidate"
	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/activation"
	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	pagetokenv1 "github.com/accord-search/accord/proto/accord/pagetoken/v1"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// Searcher answers questions. See search.Searcher for the full contract.
type Searcher interface {
	Search(ctx context.Context, req search.Request) (search.Response, error)
}

// Embedder makes the vectors of several questions at once. See search.Searcher for the full
// contract.
type Embedder interface {
	// EmbedTogether returns a context for searches of requests about one collection, and a
	// function that makes their vectors while they run. Each search must hold one of places, and
	// gives it to others while it waits for its vector.
	EmbedTogether(ctx context.Context, collection string, reqs []search.Request, places *semaphore.Weighted) (searches context.Context, embed func())
}

// Ingester writes and deletes documents. See ingest.Ingester for the full contract.
type Ingester interface {
	ingest.Writer
	// Delete deletes a document. If etag is not empty, the document must have it.
	Delete(ctx context.Context, collection, id, etag string) error
	// DeleteMatching returns the number of deleted documents, even if it fails.
	DeleteMatching(ctx context.Context, collection string, f document.Filter) (n int64, err error)
	// RetryFailed returns the number of documents to retry, even if it fails.
	RetryFailed(ctx context.Context, collection string) (n int64, err error)
}

// Importer writes the documents of a stream. See ingest.Importer for the full contract.
type Importer interface {
	Run(ctx context.Context, settings ingest.Import, stream ingest.Stream) error
}

// Spaces creates collections and manages their spaces. See space.Registry for the full
// contract.
type Spaces interface {
	Create(ctx context.Context, collection, server string) error
	CreateSpace(ctx context.Context, collection, server string) (space.Status, error)
	GetSpace(ctx context.Context, collection, id string) (space.Status, error)
	ListSpaces(ctx context.Context, collection, after string, limit int) ([]space.Status, error)
	Failures(ctx context.Context, collection, id string, limit int) ([]document.WindowFailure, error)
	DeleteSpace(ctx context.Context, collection, id string) error
	// Fingerprint returns the model's vectors of probe texts.
	Fingerprint(ctx context.Context, sp space.Space) ([][]float32, error)
	// Compatible returns the active space if it can hold the vectors of another space.
	Compatible(ctx context.Context, collection string, from space.Space) (space.Space, error)
}

// Activator activates spaces. See activation.Activator for the full contract.
type Activator interface {
	Activate(ctx context.Context, req activation.Request) (space.Status, *activation.Comparison, error)
}

// Store reads documents, and reads and deletes collections. See store.Store for the full
// contract.
type Store interface {
	GetDocument(ctx context.Context, collection, id string, full bool) (document.Document, error)
	ListDocuments(ctx context.Context, collection string, f document.Filter, after string, limit int) ([]document.Document, error)
	// GetPassages returns the passages that exist, unless they are larger than maxBytes.
	GetPassages(ctx context.Context, collection string, keys []document.PassageKey, maxBytes int) (found map[document.PassageKey]document.Passage, complete bool, err error)
	// CountDocuments returns the number of documents, and the first ids, at most sample.
	CountDocuments(ctx context.Context, collection string, f document.Filter, sample int) (n int64, ids []string, err error)
	// QueueStatus includes the first failed documents. failures is their maximum number.
	QueueStatus(ctx context.Context, collection string, failures int) (document.QueueStatus, error)
	// DocumentVectors returns no vectors if the space lacks any vector of the document.
	DocumentVectors(ctx context.Context, collection, space, id, etag string) ([]document.PassageVector, error)
	GetCollection(ctx context.Context, id string) (space.Collection, error)
	ListVisibleCollections(ctx context.Context, visible auth.Collections, after string, limit int) ([]space.Collection, error)
	DeleteCollection(ctx context.Context, id string, force bool) error
}

// Replicas sends reads to replicas. See store.Store for the full contract.
type Replicas interface {
	// OnReplica returns a context whose reads go to a replica that has replayed the
	// position. The *store.Reading is nil if there is no such replica.
	OnReplica(ctx context.Context, least store.Position) (context.Context, *store.Reading)
	// Position returns the current position of the database that ctx reads from.
	Position(ctx context.Context) (store.Position, error)
	// Replicated reports whether there are replicas.
	Replicated() bool
}

// Config holds the dependencies and settings of the services.
type Config struct {
	Searcher Searcher
	Embedder Embedder
	// BatchParallel is the number of questions of one batch that are answered at once.
	BatchParallel int
	Ingester      Ingester
	Importer      Importer
	Spaces        Spaces
	Activator     Activator
	Store         Store
	// Replicas is nil if all calls go to one database.
	Replicas Replicas
	// Server describes the server.
	Server ServerInfo
	// Stopping is closed when the server begins to stop. Imports then end as soon as
	// everything that they have received is answered. It may be nil.
	Stopping <-chan struct{}
	// StopTimeout is how long the server waits for running calls after Stopping is closed.
	// Shortly before its end, the documents that an import has not stored fail, so that the
	// caller gets an answer for each of them.
	StopTimeout time.Duration
	// ImportIdle is how long an import may wait for a message. 0 means 5 minutes.
	ImportIdle time.Duration
	// Logger logs the causes of internal errors.
	Logger *slog.Logger
}

// Services implements the services of accord.v1.
type Services struct {
	cfg       Config
	validator protovalidate.Validator
	reads     map[string]bool
}

// New returns the services. It fails only if the rules in the protos are invalid.
func New(cfg Config) (*Services, error) {
	validator, err := protovalidate.New(protovalidate.WithMessages(
		&accordv1.SearchRequest{}, &accordv1.UpsertDocumentRequest{}, &accordv1.ListDocumentsRequest{}, &accordv1.ActivateSpaceRequest{}, &accordv1.DeleteDocumentsRequest{},
		&pagetokenv1.PageToken{}, &pagetokenv1.ListPage{}, &pagetokenv1.SearchPage{},
	))
	if err != nil {
		return nil, err
	}
	cfg.ImportIdle, cfg.BatchParallel = cmp.Or(cfg.ImportIdle, defaultImportIdle), max(1, cfg.BatchParallel)
	return &Services{cfg: cfg, validator: validator, reads: readOnlyMethods()}, nil
}

// Register adds the services to a server.
func (s *Services) Register(r grpc.ServiceRegistrar) {
	accordv1.RegisterSearchServiceServer(r, &searchServer{Services: s})
	accordv1.RegisterIngestServiceServer(r, &ingestServer{Services: s})
	accordv1.RegisterCollectionServiceServer(r, &collectionServer{Services: s})
	accordv1.RegisterSpaceServiceServer(r, &spaceServer{Services: s})
	accordv1.RegisterServerServiceServer(r, &serverServer{Services: s})
}
