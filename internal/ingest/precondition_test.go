package ingest_test

import (
	"errors"
	"testing"

	"github.com/accord-search/accord/internal/document"
)

// TestPreconditionBeforeEmbedding: if a precondition is known not to hold, nothing is
// embedded or sent to the store. If the same document is stored already, the precondition
// does not matter.
func TestPreconditionBeforeEmbedding(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	in := newIngester(f)
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
	create := document.Precondition{MustNotExist: true}
	if _, err := in.Upsert(t.Context(), d, create); err != nil {
		t.Fatal(err)
	}
	if f.stored[0].Precondition != create {
		t.Errorf("the store checks %+v under its lock, want %+v", f.stored[0].Precondition, create)
	}
	if _, err := in.Upsert(t.Context(), d, create); err != nil {
		t.Errorf("repeated: %v", err)
	}
	calls, stored := f.calls["active"], len(f.stored)
	d.Text = "Another text."
	for _, p := range []document.Precondition{create, {ETag: "old"}} {
		_, err := in.Upsert(t.Context(), d, p)
		_, deferred := in.Enqueue(t.Context(), d, p)
		if !errors.Is(err, document.ErrPrecondition) || !errors.Is(deferred, document.ErrPrecondition) {
			t.Errorf("%+v: errors %v and %v", p, err, deferred)
		}
	}
	if f.calls["active"] != calls || len(f.stored) != stored {
		t.Errorf("%d calls to the model server and %d writes, want none", f.calls["active"]-calls, len(f.stored)-stored)
	}
}
