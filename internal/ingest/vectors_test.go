package ingest_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
)

// ownVectors returns vectors of one dimension for windows of the passages with the ordinals.
func ownVectors(ordinals ...int) ingest.OwnVectors {
	own := ingest.OwnVectors{VectorTable: "active"}
	for _, ordinal := range ordinals {
		own.Vectors = append(own.Vectors, document.PassageVector{Ordinal: ordinal, Embedding: document.Embedding{Vector: []float32{1}}})
	}
	return own
}

// TestOwnVectors checks that a document's own vectors are stored as they are, including
// failures, and that only the other spaces are embedded.
func TestOwnVectors(t *testing.T) {
	t.Parallel()
	f := &fakes{others: []string{"other"}}
	own := ownVectors(0, 1)
	own.Vectors[1].Embedding = document.Embedding{Failure: &document.Failure{Message: "too long"}}
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "One.\n\nTwo."}
	if _, err := newIngester(f).UpsertWithVectors(t.Context(), d, document.Precondition{}, own); err != nil {
		t.Fatal(err)
	}
	if f.calls["active"] != 0 || f.calls["other"] != 1 {
		t.Errorf("calls to model servers: %v", f.calls)
	}
	windows := f.stored[0].Windows
	if len(windows) != 2 || windows[0][0].Vector[0] != 1 || windows[1][0].Failure != own.Vectors[1].Failure {
		t.Errorf("windows %+v", windows)
	}
}

// TestOwnVectorsOfAnotherSpace checks that vectors of a space that is not written are ignored.
func TestOwnVectorsOfAnotherSpace(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	own := ownVectors(0)
	own.VectorTable = "deleted"
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "One."}
	if _, err := newIngester(f).UpsertWithVectors(t.Context(), d, document.Precondition{}, own); err != nil || f.calls["active"] != 1 {
		t.Errorf("error %v, %d calls to the model server", err, f.calls["active"])
	}
}

// TestUnfitVectors checks that vectors that do not fit the windows or the space are refused.
func TestUnfitVectors(t *testing.T) {
	t.Parallel()
	with := func(vector ...float32) ingest.OwnVectors {
		own := ownVectors(0, 1)
		own.Vectors[1].Vector = vector
		return own
	}
	for name, test := range map[string]struct {
		own     ingest.OwnVectors
		field   string
		problem string
	}{
		"too few":         {ownVectors(0), "vectors", "from passage 1 on"},
		"too many":        {ownVectors(0, 1, 2), "vectors", "more than the 2 windows"},
		"another passage": {ownVectors(0, 0), "vectors", "from passage 1 on"},
		"dimensions":      {with(1, 0), "vectors[1]", "has 2 dimensions"},
		"length":          {with(0.5), "vectors[1]", "has the length 0.5"},
		"not a number":    {with(float32(math.NaN())), "vectors[1]", "has the length NaN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{}
			d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "One.\n\nTwo."}
			_, err := newIngester(f).UpsertWithVectors(t.Context(), d, document.Precondition{}, test.own)
			var wrong *document.FieldError
			if !errors.As(err, &wrong) || wrong.Field != test.field || !strings.Contains(wrong.Problem, test.problem) {
				t.Errorf("error %v, want one of %s with %q", err, test.field, test.problem)
			}
			if len(f.stored) > 0 || f.calls["active"] > 0 {
				t.Errorf("%d documents were stored after %d calls to the model server", len(f.stored), f.calls["active"])
			}
		})
	}
}
