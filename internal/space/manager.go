package space

import (
	"context"
	"errors"
	"fmt"

	"github.com/accord-search/accord/internal/document"
)

// ErrModelMismatch says that a collection's vectors were made with another
// model, or another way of using it, than the model server at hand offers.
var ErrModelMismatch = errors.New("the model server does not serve the collection's model")

// ErrNotReady says that a space cannot be activated, since documents are not
// embedded for it yet.
var ErrNotReady = errors.New("the space is not ready")

// ErrActive says that a space cannot be deleted, since it is searched.
var ErrActive = errors.New("the space is active")

// ErrUnknownServer says that no model server of that name is configured.
var ErrUnknownServer = errors.New("no model server of that name is configured")

// Store is what a Manager asks of the database.
type Store interface {
	// ActiveSpace returns document.ErrNotFound where there is no such collection.
	ActiveSpace(ctx context.Context, collection string) (Space, error)
	// CreateCollection returns document.ErrAlreadyExists where there is one.
	CreateCollection(ctx context.Context, id string, first Space) error
}

// Configured returns the space that the configured model server makes, without
// a collection; an error while the server cannot be asked.
type Configured func(ctx context.Context) (Space, error)

// Manager gives collections their spaces, and holds them against the model
// server.
type Manager struct {
	store      Store
	configured Configured
}

// NewManager returns a manager over a store and a model server.
func NewManager(store Store, configured Configured) *Manager {
	return &Manager{store: store, configured: configured}
}

// Create makes a collection whose first space is of the configured model.
func (m *Manager) Create(ctx context.Context, collection string) error {
	first, err := m.configured(ctx)
	if err != nil {
		return err
	}
	return m.store.CreateCollection(ctx, collection, first)
}

// Active returns the space that a collection is searched in and written to, as
// Stored does, once it is sure that the model server makes its vectors.
func (m *Manager) Active(ctx context.Context, collection string) (Space, error) {
	stored, err := m.Stored(ctx, collection)
	if err != nil {
		return Space{}, err
	}
	return m.Served(ctx, stored)
}

// Stored returns the space that a collection is searched in. It does not ask the
// model server, but for the default collection, which is made when it is first
// asked for.
func (m *Manager) Stored(ctx context.Context, collection string) (Space, error) {
	stored, err := m.store.ActiveSpace(ctx, collection)
	if errors.Is(err, document.ErrNotFound) && collection == document.DefaultCollection {
		if err := m.Create(ctx, collection); err != nil && !errors.Is(err, document.ErrAlreadyExists) {
			return Space{}, err
		}
		return m.store.ActiveSpace(ctx, collection)
	}
	return stored, err
}

// Served returns a stored space with what the model server says of it;
// ErrModelMismatch where the server does not make its vectors, since comparing
// vectors of two models gives nonsense without any sign of it.
func (m *Manager) Served(ctx context.Context, stored Space) (Space, error) {
	served, err := m.configured(ctx)
	if err != nil {
		return Space{}, err
	}
	if served.ID != stored.ID {
		return Space{}, fmt.Errorf("%w: %s was embedded with %s (space %s, %s), the server offers %s (space %s, %s): "+
			"point ACCORD_EMBEDDING_URL at a server of the first, or ingest into a new collection",
			ErrModelMismatch, document.CollectionName(stored.Collection), stored.Model, stored.ID, stored.Profile, served.Model, served.ID, served.Profile)
	}
	stored.WindowTokens = served.WindowTokens
	return stored, nil
}
