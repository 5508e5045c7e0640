package space_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// fakeStore holds the active space of each collection.
type fakeStore struct {
	space.Store
	spaces map[string]space.Space
	// rival makes every creation find that another server has just created the collection.
	rival bool
	read  int // number of fingerprints read
	// unmarked makes spaces have no fingerprint.
	unmarked bool
	added    [][][]float32
	taken    map[string][][]float32 // fingerprints of existing spaces, by space id
}

// ActiveSpace implements space.Store.
func (f *fakeStore) ActiveSpace(_ context.Context, collection string) (space.Space, error) {
	sp, ok := f.spaces[collection]
	if !ok {
		return sp, &document.ResourceError{Name: document.CollectionName(collection), Err: document.ErrNotFound}
	}
	return sp, nil
}

// Spaces implements space.Store.
func (f *fakeStore) Spaces(ctx context.Context, collection string) ([]space.Space, error) {
	sp, err := f.ActiveSpace(ctx, collection)
	return []space.Space{sp}, err
}

// CreateCollection implements space.Store.
func (f *fakeStore) CreateCollection(_ context.Context, id string, first space.Space) error {
	_, exists := f.spaces[id]
	first.Collection = id
	f.spaces[id] = first
	if exists || f.rival {
		return &document.ResourceError{Name: document.CollectionName(id), Err: document.ErrAlreadyExists}
	}
	return nil
}

// Fingerprint implements space.Store.
func (f *fakeStore) Fingerprint(context.Context, space.Space) ([][]float32, error) {
	f.read++
	if f.unmarked {
		return nil, nil
	}
	return fingerprint, nil
}

// FingerprintOf implements space.Store.
func (f *fakeStore) FingerprintOf(_ context.Context, id string) ([][]float32, error) {
	return f.taken[id], nil
}

// AddFingerprint implements space.Store.
func (f *fakeStore) AddFingerprint(_ context.Context, sp space.Space) error {
	f.added = append(f.added, sp.Fingerprint)
	return nil
}

// fakeModels is a fake of several model servers. One of them serves modelA.
type fakeModels struct{ err error }

// SameModel implements space.Models.
func (fakeModels) SameModel(a, b [][]float32) bool { return cmp.Equal(a, b) }

// Offer implements space.Models.
func (f fakeModels) Offer(context.Context, string) (space.Space, error) { return modelA, f.err }

// Serving implements space.Models.
func (f fakeModels) Serving(_ context.Context, sp space.Space) (space.Space, error) {
	if sp.Fingerprint == nil {
		sp.Fingerprint = fingerprint
	}
	if !cmp.Equal(sp.Fingerprint, fingerprint) {
		return space.Space{}, space.ErrModelMismatch
	}
	sp.WindowTokens = modelA.WindowTokens
	return sp, f.err
}

var (
	modelA      = space.Space{ID: "a-1", Model: "model-a", Dimensions: 3, WindowTokens: 500}
	fingerprint = [][]float32{{1, 0, 0}, {0, 1, 0}}
	errDown     = errors.New("model server is down")
)

func TestRegistryActive(t *testing.T) {
	t.Parallel()
	stored := modelA
	stored.Collection, stored.WindowTokens = "c", 0
	for _, test := range []struct {
		what       string
		collection string
		store      *fakeStore
		models     fakeModels
		want       space.Space
		err        error
	}{
		{"a model is served", "c", &fakeStore{spaces: map[string]space.Space{"c": stored}}, fakeModels{}, in("c", modelA), nil},
		{"server down", "c", &fakeStore{spaces: map[string]space.Space{"c": stored}}, fakeModels{errDown}, space.Space{}, errDown},
		{"no collection", "c", &fakeStore{spaces: map[string]space.Space{}}, fakeModels{}, space.Space{}, document.ErrNotFound},
		{"default is made", "default", &fakeStore{spaces: map[string]space.Space{}}, fakeModels{}, in("default", modelA), nil},
		{"default is made by another", "default", &fakeStore{spaces: map[string]space.Space{}, rival: true}, fakeModels{}, in("default", modelA), nil},
		{"default, server down", "default", &fakeStore{spaces: map[string]space.Space{}}, fakeModels{errDown}, space.Space{}, errDown},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			m := space.NewRegistry(test.store, test.models, nil)
			for range 2 {
				got, err := m.Active(t.Context(), test.collection)
				if !errors.Is(err, test.err) {
					t.Fatalf("got error %v, want %v", err, test.err)
				}
				if err != nil {
					continue
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("space (-want +got):\n%s", diff)
				}
			}
			if test.store.read > 1 && test.err == nil {
				t.Errorf("the fingerprint was read %d times", test.store.read)
			}
			if written, err := m.WriteTargets(t.Context(), test.collection); !errors.Is(err, test.err) && !errors.Is(test.err, errDown) || err == nil && len(written) != 1 {
				t.Errorf("written spaces %v, error %v", written, err)
			}
		})
	}
}

// TestSpaceFromBeforeFingerprints checks that a space without a fingerprint gets one,
// once, from a server with the same model name.
func TestSpaceFromBeforeFingerprints(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{spaces: map[string]space.Space{"c": modelA}, unmarked: true}
	m := space.NewRegistry(fake, fakeModels{}, nil)
	for range 2 {
		if _, err := m.Active(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([][][]float32{fingerprint}, fake.added); diff != "" {
		t.Errorf("fingerprints added (-want +got):\n%s", diff)
	}
}

// TestModelsOfOneName checks that spaces of different models with the same name get
// different ids.
func TestModelsOfOneName(t *testing.T) {
	t.Parallel()
	another := [][]float32{{0, 0, 1}}
	for _, test := range []struct {
		taken map[string][][]float32
		want  string
	}{
		{nil, "a-1"},
		{map[string][][]float32{"a-1": nil}, "a-1"},
		{map[string][][]float32{"a-1": another}, "a-1-2"},
		{map[string][][]float32{"a-1": another, "a-1-2": {{1, 1, 1}}}, "a-1-3"},
	} {
		fake := &fakeStore{spaces: map[string]space.Space{}, taken: test.taken}
		if err := space.NewRegistry(fake, fakeModels{}, nil).Create(t.Context(), "c", ""); err != nil || fake.spaces["c"].ID != test.want {
			t.Errorf("with %v: space %s, error %v, want %s", test.taken, fake.spaces["c"].ID, err, test.want)
		}
	}
}

func in(collection string, sp space.Space) space.Space {
	sp.Collection, sp.Fingerprint = collection, fingerprint
	return sp
}

func TestRegistryCreate(t *testing.T) {
	t.Parallel()
	fake := &fakeStore{spaces: map[string]space.Space{}}
	m := space.NewRegistry(fake, fakeModels{}, nil)
	if err := m.Create(t.Context(), "c", ""); err != nil || fake.spaces["c"].Model != "model-a" {
		t.Errorf("created %+v, error %v", fake.spaces["c"], err)
	}
	if err := m.Create(t.Context(), "c", ""); !errors.Is(err, document.ErrAlreadyExists) {
		t.Errorf("second: %v, want ErrAlreadyExists", err)
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	for model, prefix := range map[string]string{
		"multilingual-e5-small":        "multilingual-e5-small-",
		"intfloat/Multilingual E5!!":   "intfloat-multilingual-e5-",
		"/models/e5.Q4_0.gguf":         "models-e5-q4-0-gguf-",
		"模型":                           "model-",
		"":                             "model-",
		strings.Repeat("x", 80):        strings.Repeat("x", 54) + "-",
		strings.Repeat("y", 53) + "-z": strings.Repeat("y", 53) + "-",
	} {
		id := space.Identity{Model: model}.ID()
		if !document.ValidID(id) || !strings.HasPrefix(id, prefix) || len(id) != len(prefix)+8 {
			t.Errorf("model %q: id %q, want %s and eight digits", model, id, prefix)
		}
	}
	// The id must never change: if the same vectors got another id, all collections would
	// become inaccessible.
	e5 := space.Identity{Model: "multilingual-e5-small-q4", Dimensions: 384, MaxTokens: 512, QueryPrefix: "query: ", PassagePrefix: "passage: ", Windowing: space.WindowingPassages}
	if got, want := e5.ID(), "multilingual-e5-small-q4-07f078cd"; got != want {
		t.Errorf("id %s, want %s", got, want)
	}
	ids := map[string]bool{e5.ID(): true}
	for _, change := range []func(*space.Identity){
		func(i *space.Identity) { i.Dimensions++ },
		func(i *space.Identity) { i.MaxTokens++ },
		func(i *space.Identity) { i.QueryPrefix = "" },
		func(i *space.Identity) { i.PassagePrefix = "" },
		func(i *space.Identity) { i.Windowing = space.WindowingSentences },
	} {
		other := e5
		change(&other)
		if ids[other.ID()] {
			t.Errorf("%+v shares its id", other)
		}
		ids[other.ID()] = true
	}
}

// TestManyFingerprints checks that a registry keeps a bounded number of fingerprints, and
// reads a fingerprint again that it dropped.
func TestManyFingerprints(t *testing.T) {
	t.Parallel()
	store := &fakeStore{}
	r := space.NewRegistry(store, fakeModels{}, nil)
	served := func(table int) (reads int) {
		t.Helper()
		before := store.read
		stored := modelA
		stored.VectorTable = fmt.Sprint("vectors_", table)
		if _, err := r.Served(t.Context(), stored); err != nil {
			t.Fatal(err)
		}
		return store.read - before
	}
	const many = 1000
	for i := range many {
		served(i)
	}
	if last, first := served(many-1), served(0); last != 0 || first != 1 {
		t.Errorf("the last fingerprint was read %d times more, the first %d times", last, first)
	}
}
