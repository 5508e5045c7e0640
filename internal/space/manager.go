package space

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/accord-search/accord/internal/document"
)

// Sentinels, compared with errors.Is.
var (
	// ErrModelMismatch says that a collection's vectors were made with another
	// model, or another way of using it, than the model servers at hand offer.
	ErrModelMismatch = errors.New("no model server makes the vectors of the space")
	// ErrNotReady says that a space cannot be activated, since documents are not
	// embedded for it yet.
	ErrNotReady = errors.New("the space is not ready")
	// ErrActive says that a space cannot be deleted, since it is searched.
	ErrActive = errors.New("the space is active")
	// ErrUnknownServer says that no model server of that name is configured.
	ErrUnknownServer = errors.New("no model server of that name is configured")
)

// Store is what a Manager asks of the database; store.Store says more.
type Store interface {
	ActiveSpace(ctx context.Context, collection string) (Space, error)
	Space(ctx context.Context, collection, id string) (Space, error)
	Spaces(ctx context.Context, collection string) ([]Space, error)
	SpaceStatus(ctx context.Context, collection, id string) (Status, error)
	SpaceStatuses(ctx context.Context, collection, after string, limit int) ([]Status, error)
	SpaceFailures(ctx context.Context, sp Space, limit int) ([]document.WindowFailure, error)
	Fingerprint(ctx context.Context, sp Space) ([][]float32, error)
	// FingerprintOf returns that of any collection's space of an id, none where there
	// is none.
	FingerprintOf(ctx context.Context, id string) ([][]float32, error)
	AddFingerprint(ctx context.Context, sp Space) error
	ListCollections(ctx context.Context, after string, limit int) ([]Collection, error)
	CreateCollection(ctx context.Context, id string, first Space) error
	CreateSpace(ctx context.Context, sp Space) error
	ActivateSpace(ctx context.Context, collection, id string) error
	DeleteSpace(ctx context.Context, collection, id string) error
}

// Models are the model servers; models.Servers says more.
type Models interface {
	// Offer returns the space that a server makes, of no collection; the default
	// server where the name is empty.
	Offer(ctx context.Context, server string) (Space, error)
	// Serving returns a space with what the server of its model takes, and with its
	// fingerprint if it had none.
	Serving(ctx context.Context, sp Space) (Space, error)
	SameModel(a, b [][]float32) bool
}

// Builder embeds in the background what spaces lack; build.Builder says more.
type Builder interface {
	// Wake has it look for work; it never waits.
	Wake()
}

// Manager gives collections their spaces, and holds them against the model
// servers. It is safe for concurrent use.
type Manager struct {
	store   Store
	models  Models
	builder Builder
	// fingerprints are those of spaces by their tables: they are long, and never
	// change.
	fingerprints sync.Map
}

// NewManager returns a manager. The builder is told of what it makes.
func NewManager(store Store, models Models, builder Builder) *Manager {
	return &Manager{store: store, models: models, builder: builder}
}

// Create makes a collection whose first space is of a server's model, of the
// default server's where the name is empty. ErrUnknownServer where there is none
// of that name.
func (m *Manager) Create(ctx context.Context, collection, server string) error {
	first, err := m.offer(ctx, server)
	if err != nil {
		return err
	}
	return m.store.CreateCollection(ctx, collection, first)
}

// offer returns the space that a server makes, with an id that no space of another
// model has: what is kept by id would be taken for both, and two models may have
// one name.
func (m *Manager) offer(ctx context.Context, server string) (Space, error) {
	sp, err := m.models.Offer(ctx, server)
	if err != nil {
		return Space{}, err
	}
	base := sp.ID
	for n := 2; ; n++ {
		taken, err := m.store.FingerprintOf(ctx, sp.ID)
		if err != nil || len(taken) == 0 || m.models.SameModel(taken, sp.Fingerprint) {
			return sp, err
		}
		const longest = 59 // of 63, the rest for the number
		sp.ID = fmt.Sprintf("%s-%d", base[:min(len(base), longest)], n)
	}
}

// Warm asks the model servers about the spaces that are searched, so that no
// question waits for that.
func (m *Manager) Warm(ctx context.Context) error {
	const most = 100
	list, err := m.store.ListCollections(ctx, "", most)
	for _, c := range list {
		if _, failed := m.Active(ctx, c.ID); failed != nil {
			err = failed
		}
	}
	return err
}

// Active returns the space that a collection is searched in, as Stored does, once
// it is sure that a model server makes its vectors.
func (m *Manager) Active(ctx context.Context, collection string) (Space, error) {
	stored, err := m.Stored(ctx, collection, "")
	if err != nil {
		return Space{}, err
	}
	return m.Served(ctx, stored)
}

// Stored returns a space of a collection by its id, the one that is searched where
// the id is empty. It does not ask the model server, but for the default
// collection, which is made when it is first asked for.
func (m *Manager) Stored(ctx context.Context, collection, id string) (Space, error) {
	if id != "" {
		return m.store.Space(ctx, collection, id)
	}
	stored, err := m.store.ActiveSpace(ctx, collection)
	if !m.missing(err, collection) {
		return stored, err
	}
	if err := m.makeDefault(ctx); err != nil {
		return Space{}, err
	}
	return m.store.ActiveSpace(ctx, collection)
}

// Written returns the spaces that a collection's documents are written to, as they
// are stored: the active one, and then the others.
func (m *Manager) Written(ctx context.Context, collection string) ([]Space, error) {
	list, err := m.store.Spaces(ctx, collection)
	if !m.missing(err, collection) {
		return list, err
	}
	if err := m.makeDefault(ctx); err != nil {
		return nil, err
	}
	return m.store.Spaces(ctx, collection)
}

// missing reports whether an error says that the default collection is still to be
// made.
func (m *Manager) missing(err error, collection string) bool {
	return errors.Is(err, document.ErrNotFound) && collection == document.DefaultCollection
}

func (m *Manager) makeDefault(ctx context.Context) error {
	if err := m.Create(ctx, document.DefaultCollection, ""); err != nil && !errors.Is(err, document.ErrAlreadyExists) {
		return err
	}
	return nil
}

// Served returns a stored space with what its model server says of it;
// ErrModelMismatch where no server makes its vectors, since comparing vectors of
// two models gives nonsense without any sign of it.
func (m *Manager) Served(ctx context.Context, stored Space) (Space, error) {
	if known, ok := m.fingerprints.Load(stored.VectorTable); ok {
		stored.Fingerprint = known.([][]float32)
		return m.models.Serving(ctx, stored)
	}
	var err error
	if stored.Fingerprint, err = m.store.Fingerprint(ctx, stored); err != nil {
		return Space{}, err
	}
	served, err := m.models.Serving(ctx, stored)
	if err != nil {
		return Space{}, err
	}
	if len(stored.Fingerprint) == 0 { // made before there were any
		if err := m.store.AddFingerprint(ctx, served); err != nil {
			return Space{}, err
		}
	}
	m.fingerprints.Store(served.VectorTable, served.Fingerprint)
	return served, nil
}

// CreateSpace makes another space of a collection, of the model of a server, and
// has it built. document.ErrAlreadyExists where there is one of that model and
// way of using it.
func (m *Manager) CreateSpace(ctx context.Context, collection, server string) (Status, error) {
	if _, err := m.Stored(ctx, collection, ""); err != nil {
		return Status{}, err
	}
	sp, err := m.offer(ctx, server)
	if err != nil {
		return Status{}, err
	}
	sp.Collection = collection
	if err := m.store.CreateSpace(ctx, sp); err != nil {
		return Status{}, err
	}
	m.builder.Wake()
	return m.store.SpaceStatus(ctx, collection, sp.ID)
}

// GetSpace returns a space and how far it is.
func (m *Manager) GetSpace(ctx context.Context, collection, id string) (Status, error) {
	return m.store.SpaceStatus(ctx, collection, id)
}

// ListSpaces returns up to limit spaces by id, after the given one.
func (m *Manager) ListSpaces(ctx context.Context, collection, after string, limit int) ([]Status, error) {
	return m.store.SpaceStatuses(ctx, collection, after, limit)
}

// Failures returns up to limit windows that a space has no vector of, for good.
func (m *Manager) Failures(ctx context.Context, collection, id string, limit int) ([]document.WindowFailure, error) {
	return m.store.SpaceFailures(ctx, Space{Collection: collection, ID: id}, limit)
}

// ActivateSpace has a collection searched in another of its spaces, once it is
// sure that a model server makes its vectors; ErrNotReady where it lacks
// documents.
func (m *Manager) ActivateSpace(ctx context.Context, collection, id string) (Status, error) {
	stored, err := m.store.Space(ctx, collection, id)
	if err != nil {
		return Status{}, err
	}
	if _, err := m.Served(ctx, stored); err != nil {
		return Status{}, fmt.Errorf("%s is not activated: %w", stored.Name(), err)
	}
	if err := m.store.ActivateSpace(ctx, collection, id); err != nil {
		return Status{}, err
	}
	return m.store.SpaceStatus(ctx, collection, id)
}

// DeleteSpace removes a space and its vectors; ErrActive where it is searched.
func (m *Manager) DeleteSpace(ctx context.Context, collection, id string) error {
	return m.store.DeleteSpace(ctx, collection, id)
}
