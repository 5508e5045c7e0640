// Package v1 implements the services of accord.v1. Each handler decodes a request, calls
// the domain and encodes the response. The package has no SQL and no ranking.
package v1

import (
	"context"
	"log/slog"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// Searcher answers questions. See search.Searcher for the full contract.
type Searcher interface {
	Search(ctx context.Context, req search.Request) (search.Response, error)
}

// Ingester writes documents. See ingest.Ingester for the full contract.
type Ingester interface {
	Upsert(ctx context.Context, d document.Document) (ingest.Result, error)
	Enqueue(ctx context.Context, d document.Document) (ingest.Result, error)
}

// Queue embeds the documents that wait for vectors. See backfill.Queue for the full
// contract.
type Queue interface {
	Wake()
}

// Spaces creates collections and manages their spaces. See space.Registry for the full
// contract.
type Spaces interface {
	Create(ctx context.Context, collection, server string) error
	CreateSpace(ctx context.Context, collection, server string) (space.Status, error)
	GetSpace(ctx context.Context, collection, id string) (space.Status, error)
	ListSpaces(ctx context.Context, collection, after string, limit int) ([]space.Status, error)
	Failures(ctx context.Context, collection, id string, limit int) ([]document.WindowFailure, error)
	ActivateSpace(ctx context.Context, collection, id string) (space.Status, error)
	DeleteSpace(ctx context.Context, collection, id string) error
}

// Calibrator updates calibrations as corpora change. See maintenance.Keeper for the full
// contract.
type Calibrator interface {
	Changed(collection string)
	// Importing announces many writes, until done is called.
	Importing() (done func())
	// Settle calibrates after an import of a number of passages. It returns false if
	// this continues in the background.
	Settle(ctx context.Context, collection string, passages int) (settled bool, err error)
}

// Store reads and deletes documents and collections. See store.Store for the full
// contract.
type Store interface {
	GetDocument(ctx context.Context, collection, id string, full bool) (document.Document, error)
	ListDocuments(ctx context.Context, collection string, f document.Filter, after string, limit int) ([]document.Document, error)
	DeleteDocument(ctx context.Context, collection, id string) error
	// CountDocuments also returns the first ids, up to sample.
	CountDocuments(ctx context.Context, collection string, f document.Filter, sample int) (n int64, ids []string, err error)
	// DeleteDocuments returns the number of deleted documents even if it fails.
	DeleteDocuments(ctx context.Context, collection string, f document.Filter) (n int64, err error)
	// QueueStatus includes the first failures, up to a number.
	QueueStatus(ctx context.Context, collection string, failures int) (document.QueueStatus, error)
	// RetryFailed returns the number of documents to retry even if it fails.
	RetryFailed(ctx context.Context, collection string) (n int64, err error)
	GetCollection(ctx context.Context, id string) (space.Collection, error)
	ListCollections(ctx context.Context, after string, limit int) ([]space.Collection, error)
	DeleteCollection(ctx context.Context, id string, force bool) error
}

// Replicas sends reads to replicas. See store.Store for the full contract.
type Replicas interface {
	// OnReplica returns a context whose reads go to a replica that has replayed the
	// position, and nil if there is none.
	OnReplica(ctx context.Context, least store.Position) (context.Context, *store.Reading)
	// Position returns the current position of the database that ctx reads from.
	Position(ctx context.Context) (store.Position, error)
	// Replicated reports whether there are replicas.
	Replicated() bool
}

// Config holds the dependencies and settings of the services.
type Config struct {
	Searcher Searcher
	Ingester Ingester
	Spaces   Spaces
	Store    Store
	// Replicas is nil if all calls go to one database.
	Replicas Replicas
	// Calibrator is notified of writes.
	Calibrator Calibrator
	// Queue is woken if documents are to be retried.
	Queue Queue
	// WriteTimeout limits the time for one document of an import.
	WriteTimeout time.Duration
	// Logger gets the causes of internal errors.
	Logger *slog.Logger
}

// Services implements the services of accord.v1.
type Services struct {
	cfg       Config
	validator protovalidate.Validator
	recent    *recentQueries
	reads     map[string]bool
}

// New returns the services. It fails only if the rules in the protos are invalid.
func New(cfg Config) (*Services, error) {
	validator, err := protovalidate.New(protovalidate.WithMessages(
		&accordv1.SearchRequest{}, &accordv1.UpsertDocumentRequest{}, &accordv1.ListDocumentsRequest{}, &accordv1.ActivateSpaceRequest{}, &accordv1.DeleteDocumentsRequest{},
	))
	if err != nil {
		return nil, err
	}
	return &Services{cfg: cfg, validator: validator, recent: newRecentQueries(), reads: readOnlyMethods()}, nil
}

// Register adds the services to a server.
func (s *Services) Register(r grpc.ServiceRegistrar) {
	accordv1.RegisterSearchServiceServer(r, &searchServer{Services: s})
	accordv1.RegisterIngestServiceServer(r, &ingestServer{Services: s})
	accordv1.RegisterCollectionServiceServer(r, &collectionServer{Services: s})
	accordv1.RegisterSpaceServiceServer(r, &spaceServer{Services: s})
}
