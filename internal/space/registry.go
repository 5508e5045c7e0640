package space

import (
	"context"
	"errors"
	"fmt"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/accord-search/accord/internal/document"
)

// Sentinels for errors.Is.
var (
	// ErrModelMismatch means that no configured model server has the model and profile with
	// which a collection's vectors were made.
	ErrModelMismatch = errors.New("no model server makes the vectors of the space")
	// ErrNotReady means that a space cannot be activated yet, because it lacks documents.
	ErrNotReady = errors.New("the space is not ready")
	// ErrActive means that a space cannot be deleted, because it is active.
	ErrActive = errors.New("the space is active")
	// ErrUnknownServer means that no model server of that name is configured.
	ErrUnknownServer = errors.New("no model server of that name is configured")
)

// MismatchError wraps ErrModelMismatch with the models that the servers offer.
type MismatchError struct {
	Collection, Model string // of the space
	// Offered are the models that the servers offer.
	Offered []string
	// Detail has the answer of each server. It names servers, so callers must not see it.
	Detail string
}

// Error implements error.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrModelMismatch, e.Detail, mismatchRemedy)
}

const mismatchRemedy = "configure a server for that model (ACCORD_EMBEDDING_URL, or an entry in ACCORD_EMBEDDING_SERVERS), " +
	"or change the collection's model with accord space create"

// Public returns the message for callers.
func (e *MismatchError) Public() string {
	return fmt.Sprintf("%s was embedded with model %s, but the configured model servers make other vectors, with %s: %s",
		document.CollectionName(e.Collection), e.Model, strings.Join(e.Offered, ", "), mismatchRemedy)
}

// Unwrap returns the sentinel.
func (e *MismatchError) Unwrap() error { return ErrModelMismatch }

// Store is the part of the database that a Registry uses. See store.Store for the full
// contract.
type Store interface {
	ActiveSpace(ctx context.Context, collection string) (Space, error)
	Space(ctx context.Context, collection, id string) (Space, error)
	Spaces(ctx context.Context, collection string) ([]Space, error)
	SpaceStatus(ctx context.Context, collection, id string) (Status, error)
	SpaceStatuses(ctx context.Context, collection, after string, limit int) ([]Status, error)
	SpaceFailures(ctx context.Context, sp Space, limit int) ([]document.WindowFailure, error)
	Fingerprint(ctx context.Context, sp Space) ([][]float32, error)
	// FingerprintOf returns the fingerprint of any collection's space with this id,
	// or none if there is no such space.
	FingerprintOf(ctx context.Context, id string) ([][]float32, error)
	AddFingerprint(ctx context.Context, sp Space) error
	ListCollections(ctx context.Context, after string, limit int) ([]Collection, error)
	CreateCollection(ctx context.Context, id string, first Space) error
	CreateSpace(ctx context.Context, sp Space) error
	ActivateSpace(ctx context.Context, collection, id string) error
	DeleteSpace(ctx context.Context, collection, id string) error
}

// Models are the model servers. See modelservers.Servers for the full contract.
type Models interface {
	// Offer returns the space that a server would make, without a collection. An
	// empty name means the default server.
	Offer(ctx context.Context, server string) (Space, error)
	// Serving returns a space with the limits of its model server, and with its
	// fingerprint if it had none.
	Serving(ctx context.Context, sp Space) (Space, error)
	SameModel(a, b [][]float32) bool
}

// Builder embeds the documents that spaces lack, in the background. See backfill.Builder
// for the full contract.
type Builder interface {
	// Wake makes the builder look for work. It does not block.
	Wake()
}

// Registry creates the spaces of collections, and finds the model servers that serve them.
// It is safe for concurrent use.
type Registry struct {
	store   Store
	models  Models
	builder Builder
	// fingerprints caches the fingerprints of the recently used spaces, by vector table. A
	// fingerprint never changes.
	fingerprints *lru.Cache[string, [][]float32]
}

// maxFingerprints bounds the fingerprints in memory. Each takes 16 vectors, which is 24 kB
// with 384 dimensions.
const maxFingerprints = 256

// NewRegistry returns a registry. It wakes builder when it creates a space.
func NewRegistry(store Store, models Models, builder Builder) *Registry {
	fingerprints, err := lru.New[string, [][]float32](maxFingerprints)
	if err != nil {
		panic(err) // only if the size is below 1
	}
	return &Registry{store: store, models: models, builder: builder, fingerprints: fingerprints}
}

// Create creates a collection whose first space uses the model of a server. An empty
// name means the default server. The error wraps ErrUnknownServer if there is no
// server of that name.
func (r *Registry) Create(ctx context.Context, collection, server string) error {
	first, err := r.offer(ctx, server)
	if err != nil {
		return err
	}
	return r.store.CreateCollection(ctx, collection, first)
}

// offer returns the space that a server would make. Its id differs from the ids of all
// spaces of other models: two models may have the same name, and data that is stored by
// space id must not be mixed.
func (r *Registry) offer(ctx context.Context, server string) (Space, error) {
	sp, err := r.models.Offer(ctx, server)
	if err != nil {
		return Space{}, err
	}
	base := sp.ID
	for n := 2; ; n++ {
		taken, err := r.store.FingerprintOf(ctx, sp.ID)
		if err != nil || len(taken) == 0 || r.models.SameModel(taken, sp.Fingerprint) {
			return sp, err
		}
		const longest = 59 // of at most 63 characters; the rest is for the number
		sp.ID = fmt.Sprintf("%s-%d", base[:min(len(base), longest)], n)
	}
}

// Active returns the active space of a collection, after verifying that a model server
// makes its vectors.
func (r *Registry) Active(ctx context.Context, collection string) (Space, error) {
	stored, err := r.Stored(ctx, collection, "")
	if err != nil {
		return Space{}, err
	}
	return r.Served(ctx, stored)
}

// Stored returns a space of a collection by id, or the active space if id is empty. It asks
// no model server, unless it creates the default collection.
func (r *Registry) Stored(ctx context.Context, collection, id string) (Space, error) {
	if id != "" {
		return r.store.Space(ctx, collection, id)
	}
	stored, err := r.store.ActiveSpace(ctx, collection)
	if !document.MissingDefault(err, collection) {
		return stored, err
	}
	if err := r.makeDefault(ctx); err != nil {
		return Space{}, err
	}
	return r.store.ActiveSpace(ctx, collection)
}

// WriteTargets returns the stored spaces to which a collection's documents are written,
// the active one first.
func (r *Registry) WriteTargets(ctx context.Context, collection string) ([]Space, error) {
	list, err := r.store.Spaces(ctx, collection)
	if !document.MissingDefault(err, collection) {
		return list, err
	}
	if err := r.makeDefault(ctx); err != nil {
		return nil, err
	}
	return r.store.Spaces(ctx, collection)
}

func (r *Registry) makeDefault(ctx context.Context) error {
	if err := r.Create(ctx, document.DefaultCollection, ""); err != nil && !errors.Is(err, document.ErrAlreadyExists) {
		return err
	}
	return nil
}

// Served returns a stored space with the limits of its model server. The error wraps
// ErrModelMismatch if no server makes its vectors, since comparing vectors of two models
// would silently give meaningless results.
func (r *Registry) Served(ctx context.Context, stored Space) (Space, error) {
	if known, ok := r.fingerprints.Get(stored.VectorTable); ok {
		stored.Fingerprint = known
		return r.models.Serving(ctx, stored)
	}
	var err error
	if stored.Fingerprint, err = r.store.Fingerprint(ctx, stored); err != nil {
		return Space{}, err
	}
	served, err := r.models.Serving(ctx, stored)
	if err != nil {
		return Space{}, err
	}
	if len(stored.Fingerprint) == 0 { // a version without fingerprints made the space
		if err := r.store.AddFingerprint(ctx, served); err != nil {
			return Space{}, err
		}
	}
	r.fingerprints.Add(served.VectorTable, served.Fingerprint)
	return served, nil
}

// CreateSpace adds a space to a collection, with the model of a server, and starts
// building it. The error wraps document.ErrAlreadyExists if the collection has a
// space with that model and profile.
func (r *Registry) CreateSpace(ctx context.Context, collection, server string) (Status, error) {
	if _, err := r.Stored(ctx, collection, ""); err != nil {
		return Status{}, err
	}
	sp, err := r.offer(ctx, server)
	if err != nil {
		return Status{}, err
	}
	sp.Collection = collection
	if err := r.store.CreateSpace(ctx, sp); err != nil {
		return Status{}, err
	}
	r.builder.Wake()
	return r.store.SpaceStatus(ctx, collection, sp.ID)
}

// GetSpace returns a space and its progress.
func (r *Registry) GetSpace(ctx context.Context, collection, id string) (Status, error) {
	return r.store.SpaceStatus(ctx, collection, id)
}

// ListSpaces returns up to limit spaces, ordered by id, that come after the given id.
func (r *Registry) ListSpaces(ctx context.Context, collection, after string, limit int) ([]Status, error) {
	return r.store.SpaceStatuses(ctx, collection, after, limit)
}

// Failures returns up to limit windows that the space's model server will never
// embed.
func (r *Registry) Failures(ctx context.Context, collection, id string, limit int) ([]document.WindowFailure, error) {
	return r.store.SpaceFailures(ctx, Space{Collection: collection, ID: id}, limit)
}

// ActivateSpace atomically switches the collection to another space, after verifying
// that a model server makes its vectors. The error wraps ErrNotReady if the space
// lacks documents.
func (r *Registry) ActivateSpace(ctx context.Context, collection, id string) (Status, error) {
	stored, err := r.store.Space(ctx, collection, id)
	if err != nil {
		return Status{}, err
	}
	if _, err := r.Served(ctx, stored); err != nil {
		return Status{}, fmt.Errorf("%s is not activated: %w", stored.Name(), err)
	}
	if err := r.store.ActivateSpace(ctx, collection, id); err != nil {
		return Status{}, err
	}
	return r.store.SpaceStatus(ctx, collection, id)
}

// DeleteSpace deletes a space and its vectors. The error wraps ErrActive if the space is
// active.
func (r *Registry) DeleteSpace(ctx context.Context, collection, id string) error {
	return r.store.DeleteSpace(ctx, collection, id)
}

// Ready returns nil if a space can be activated, and otherwise ErrNotReady with what
// is missing.
func (s Status) Ready() error {
	switch {
	case s.State == Active:
		return nil
	case s.Pending > 0:
		return fmt.Errorf("%w: %s lacks %d of %d documents; wait until it has them", ErrNotReady, s.Name(), s.Pending, s.Documents)
	case s.State == Building:
		return fmt.Errorf("%w: %s has all %d documents and is being prepared for search; wait until it is READY", ErrNotReady, s.Name(), s.Documents)
	default:
		return nil
	}
}
