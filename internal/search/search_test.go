package search_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// fakes are a store, a model server and the spaces in one.
type fakes struct {
	asked  []string
	vector []float32 // that the store is asked for
	err    error     // of the model server
}

// Active implements search.Spaces.
func (f *fakes) Active(context.Context, string) (space.Space, error) {
	return space.Space{WindowTokens: 20}, nil
}

// EmbedQuery implements search.Embedder: vectors that turn by a right angle.
func (f *fakes) EmbedQuery(_ context.Context, text string) ([]float32, error) {
	f.asked = append(f.asked, text)
	vector := []float32{0, 0}
	vector[len(f.asked)%2] = 1
	return vector, f.err
}

// Nearest implements search.Store.
func (f *fakes) Nearest(_ context.Context, _ space.Space, vector []float32, _ document.Filter, _ int) ([]document.Hit, error) {
	f.vector = vector
	return nil, nil
}

func TestQueryVector(t *testing.T) {
	t.Parallel()
	half := float32(math.Sqrt(0.5))
	for _, test := range []struct {
		what, query string
		asked       []string
		vector      []float32
	}{
		{"short", "who?", []string{"who?"}, []float32{0, 1}},
		{"white space around", " \n who? \u3000", []string{"who?"}, []float32{0, 1}},
		{"another normalisation form", "cafe\u0301?", []string{"café?"}, []float32{0, 1}},
		{"mean of two windows", strings.Repeat("a ", 12) + "b. " + strings.Repeat("c ", 12) + "d?", nil, []float32{half, half}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			f := &fakes{}
			if _, err := search.New(f, f, f).Search(t.Context(), search.Request{Query: test.query, Limit: 1}); err != nil {
				t.Fatal(err)
			}
			if test.asked != nil {
				if diff := cmp.Diff(test.asked, f.asked); diff != "" {
					t.Errorf("texts embedded (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(test.vector, f.vector, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("vector of %d windows (-want +got):\n%s", len(f.asked), diff)
			}
		})
	}
}

func TestModelServerFails(t *testing.T) {
	t.Parallel()
	f := &fakes{err: errors.New("down")}
	if _, err := search.New(f, f, f).Search(t.Context(), search.Request{Query: "who?", Limit: 1}); !errors.Is(err, f.err) || f.vector != nil {
		t.Errorf("got %v; the store was asked for %v", err, f.vector)
	}
}
