package v1_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// fakeSpaces is a fake of the spaces of one collection.
type fakeSpaces struct {
	collection string
	failures   []document.WindowFailure

	mu    sync.Mutex
	list  []space.Status // by id
	calls []string
}

func (f *fakeSpaces) called(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
}

func (f *fakeSpaces) find(collection, id string) (*space.Status, error) {
	for i, s := range f.list {
		if s.Collection == collection && s.ID == id {
			return &f.list[i], nil
		}
	}
	return &space.Status{}, &document.ResourceError{Name: document.SpaceName(collection, id), Err: document.ErrNotFound}
}

// Create implements v1.Spaces.
func (f *fakeSpaces) Create(_ context.Context, collection, server string) error {
	f.called("create %s %q", collection, server)
	return nil
}

// CreateSpace implements v1.Spaces.
func (f *fakeSpaces) CreateSpace(_ context.Context, collection, server string) (space.Status, error) {
	f.called("create space %s %q", collection, server)
	if server == "absent" {
		return space.Status{}, fmt.Errorf("%w: %q; there is default", space.ErrUnknownServer, server)
	}
	return f.list[0], nil
}

// GetSpace implements v1.Spaces.
func (f *fakeSpaces) GetSpace(_ context.Context, collection, id string) (space.Status, error) {
	found, err := f.find(collection, id)
	return *found, err
}

// ListSpaces implements v1.Spaces.
func (f *fakeSpaces) ListSpaces(_ context.Context, collection, after string, limit int) ([]space.Status, error) {
	if collection != f.collection {
		return nil, &document.ResourceError{Name: document.CollectionName(collection), Err: document.ErrNotFound}
	}
	rest := slices.DeleteFunc(slices.Clone(f.list), func(s space.Status) bool { return s.ID <= after })
	return rest[:min(limit, len(rest))], nil
}

// Failures implements v1.Spaces.
func (f *fakeSpaces) Failures(_ context.Context, _, id string, limit int) ([]document.WindowFailure, error) {
	f.called("failures %s %d", id, limit)
	return f.failures, nil
}

// Fingerprint implements v1.Spaces.
func (f *fakeSpaces) Fingerprint(context.Context, space.Space) ([][]float32, error) {
	return [][]float32{{1, 0}, {0, 1}}, nil
}

// Compatible implements v1.Spaces.
func (f *fakeSpaces) Compatible(context.Context, string, space.Space) (space.Space, error) {
	return f.list[0].Space, nil
}

// ActivateSpace implements activation.Spaces.
func (f *fakeSpaces) ActivateSpace(_ context.Context, collection, id string) (space.Status, error) {
	f.called("activate %s %s", collection, id)
	found, err := f.find(collection, id)
	activated := *found
	activated.State = space.Active
	return activated, err
}

// DeleteSpace implements v1.Spaces.
func (f *fakeSpaces) DeleteSpace(_ context.Context, collection, id string) error {
	found, err := f.find(collection, id)
	if err == nil && found.State == space.Active {
		err = fmt.Errorf("%w: %s; activate another one first", space.ErrActive, found.Name())
	}
	return err
}

var profile = document.ModelProfile{Model: "m", QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: document.PrefixByServer, Dimensions: 384, MaxTokens: 512}

// spaceStatus returns a space of collections/talks.
func spaceStatus(id string, state space.State, documents, pending int64) space.Status {
	return space.Status{
		Space: space.Space{
			Collection: "talks", ID: id, State: state, Model: "m", Dimensions: 384, Server: "gpu",
			Profile: profile, Windowing: space.WindowingSentences,
		},
		Documents: documents, Pending: pending, Windows: 30, Failed: 2, CreateTime: time.Unix(1e9, 0),
	}
}

func newFakeSpaces() *fakeSpaces {
	active := spaceStatus("a", space.Active, 4, 0)
	active.ActivateTime = time.Unix(2e9, 0)
	return &fakeSpaces{collection: "talks", list: []space.Status{
		active, spaceStatus("b", space.Building, 4, 1), spaceStatus("c", space.Building, 0, 0), spaceStatus("d", space.Ready, 4, 0),
	}}
}

func spaceName(id string) string { return "collections/talks/spaces/" + id }
