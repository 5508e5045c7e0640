package ingest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/accord-search/accord/internal/document"
)

// deleting is a store that deletes and queues some documents, and then fails with err.
type deleting struct {
	*fakes
	documents int64
	err       error
}

// DeleteDocument implements ingest.Store.
func (s deleting) DeleteDocument(context.Context, string, string, string) error { return s.err }

// DeleteDocuments implements ingest.Store.
func (s deleting) DeleteDocuments(context.Context, string, document.Filter) (int64, error) {
	return s.documents, s.err
}

// RetryFailed implements ingest.Store.
func (s deleting) RetryFailed(context.Context, string) (int64, error) { return s.documents, s.err }

// TestPartialDeletion checks that what was done before an error is returned and reported,
// and that the default collection counts as empty until it exists.
func TestPartialDeletion(t *testing.T) {
	t.Parallel()
	broken := errors.New("the database is down")
	for name, test := range map[string]struct {
		collection string
		store      deleting
		want       error
		changed    int // reports to the calibrator, and calls that wake the queue
	}{
		"done":                       {"c", deleting{documents: 3}, nil, 1},
		"nothing":                    {"c", deleting{}, nil, 0},
		"interrupted":                {"c", deleting{documents: 2, err: broken}, broken, 1},
		"missing collection":         {"c", deleting{err: document.ErrNotFound}, document.ErrNotFound, 0},
		"missing default collection": {document.DefaultCollection, deleting{err: document.ErrNotFound}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{}
			test.store.fakes = f
			in := newIngester(f)
			in.Store = test.store
			n, err := in.DeleteMatching(t.Context(), test.collection, document.Filter{})
			if n != test.store.documents || !errors.Is(err, test.want) || f.changed != test.changed {
				t.Errorf("deleted %d, %v; %d reports to the calibrator", n, err, f.changed)
			}
			n, err = in.RetryFailed(t.Context(), test.collection)
			if n != test.store.documents || !errors.Is(err, test.want) || f.queued != test.changed {
				t.Errorf("queued %d, %v; the queue was woken %d times", n, err, f.queued)
			}
		})
	}
}

// TestDelete checks that the calibrator is notified only if a document was deleted.
func TestDelete(t *testing.T) {
	t.Parallel()
	for _, want := range []error{nil, document.ErrPrecondition} {
		f := &fakes{}
		in := newIngester(f)
		in.Store = deleting{fakes: f, err: want}
		if err := in.Delete(t.Context(), "c", "d", "etag"); !errors.Is(err, want) || (f.changed == 1) != (want == nil) {
			t.Errorf("error %v, want %v; %d reports to the calibrator", err, want, f.changed)
		}
	}
}
