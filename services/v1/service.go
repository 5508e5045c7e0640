// Package v1 serves the API accord.v1: each handler decodes a request, calls
// the domain and encodes its answer. It holds no SQL and no ranking.
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

// Searcher answers questions; search.Searcher says more.
type Searcher interface {
	Search(ctx context.Context, req search.Request) (search.Response, error)
}

// Ingester writes documents; ingest.Ingester says more.
type Ingester interface {
	Upsert(ctx context.Context, d document.Document) (ingest.Result, error)
	Enqueue(ctx context.Context, d document.Document) (ingest.Result, error)
}

// Queue embeds documents that wait for it; build.Queue says more.
type Queue interface {
	Wake()
}

// Spaces makes collections and administers their spaces; space.Manager says
// more.
type Spaces interface {
	Create(ctx context.Context, collection, server string) error
	CreateSpace(ctx context.Context, collection, server string) (space.Status, error)
	GetSpace(ctx context.Context, collection, id string) (space.Status, error)
	ListSpaces(ctx context.Context, collection, after string, limit int) ([]space.Status, error)
	Failures(ctx context.Context, collection, id string, limit int) ([]document.WindowFailure, error)
	ActivateSpace(ctx context.Context, collection, id string) (space.Status, error)
	DeleteSpace(ctx context.Context, collection, id string) error
}

// Calibrator keeps calibrations up with their corpora; upkeep.Keeper says more.
type Calibrator interface {
	Changed(collection string)
	// Importing says that many writes are to come, until done is called.
	Importing() (done func())
	// Settle returns false if calibration after an import of so many passages goes on
	// in the background.
	Settle(ctx context.Context, collection string, passages int) (settled bool, err error)
}

// Store reads and removes what is stored; store.Store says more.
type Store interface {
	GetDocument(ctx context.Context, collection, id string, full bool) (document.Document, error)
	ListDocuments(ctx context.Context, collection string, f document.Filter, after string, limit int) ([]document.Document, error)
	DeleteDocument(ctx context.Context, collection, id string) error
	// CountDocuments returns the ids of the first ones, up to sample, too.
	CountDocuments(ctx context.Context, collection string, f document.Filter, sample int) (n int64, ids []string, err error)
	// DeleteDocuments says how many it removed if it fails, too.
	DeleteDocuments(ctx context.Context, collection string, f document.Filter) (n int64, err error)
	// QueueStatus returns the first failures, up to a number, too.
	QueueStatus(ctx context.Context, collection string, failures int) (document.QueueStatus, error)
	// RetryFailed says how many are tried again if it fails, too.
	RetryFailed(ctx context.Context, collection string) (n int64, err error)
	GetCollection(ctx context.Context, id string) (space.Collection, error)
	ListCollections(ctx context.Context, after string, limit int) ([]space.Collection, error)
	DeleteCollection(ctx context.Context, id string, force bool) error
}

// Replicas have reads go to them; store.Store says more.
type Replicas interface {
	// OnReplica returns a context whose reads go to a replica, nil if there is none.
	OnReplica(ctx context.Context, least store.Position) (context.Context, *store.Reading)
	// Position returns how far the database that ctx reads from is.
	Position(ctx context.Context) (store.Position, error)
	// Replicated reports whether there are replicas.
	Replicated() bool
}

// Config is what the services stand on.
type Config struct {
	Searcher Searcher
	Ingester Ingester
	Spaces   Spaces
	Store    Store
	// Replicas is nil for reads and writes that know nothing of them.
	Replicas Replicas
	// Calibrator is told what was written.
	Calibrator Calibrator
	// Queue is told what is to be tried again.
	Queue Queue
	// WriteTimeout bounds one document of an import.
	WriteTimeout time.Duration
	// Logger gets the causes of internal errors.
	Logger *slog.Logger
}

// Services are the services of accord.v1.
type Services struct {
	cfg       Config
	validator protovalidate.Validator
	recent    *recentQueries
	reads     map[string]bool
}

// New returns the services. It fails only where the rules in the protos are
// broken.
func New(cfg Config) (*Services, error) {
	validator, err := protovalidate.New(protovalidate.WithMessages(
		&accordv1.SearchRequest{}, &accordv1.UpsertDocumentRequest{}, &accordv1.ListDocumentsRequest{}, &accordv1.ActivateSpaceRequest{}, &accordv1.DeleteDocumentsRequest{},
	))
	if err != nil {
		return nil, err
	}
	return &Services{cfg: cfg, validator: validator, recent: newRecentQueries(), reads: methods()}, nil
}

// Register adds the services to a server.
func (s *Services) Register(r grpc.ServiceRegistrar) {
	accordv1.RegisterSearchServiceServer(r, &searchServer{Services: s})
	accordv1.RegisterIngestServiceServer(r, &ingestServer{Services: s})
	accordv1.RegisterCollectionServiceServer(r, &collectionServer{Services: s})
	accordv1.RegisterSpaceServiceServer(r, &spaceServer{Services: s})
}
