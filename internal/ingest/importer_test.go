package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/ingest"
)

// TestImportAnswersInOrder: answers come in the order of the documents, even if later ones
// are written first. A document that fails in any way does not end the import. Only
// documents that were written count for the calibration.
func TestImportAnswersInOrder(t *testing.T) {
	t.Parallel()
	errFull := errors.New("full")
	second := make(chan struct{}) // closed when b is written
	w := &writer{write: func(ctx context.Context, d document.Document) (ingest.Result, error) {
		switch d.ID {
		case "a":
			select {
			case <-second:
			case <-ctx.Done():
				return ingest.Result{}, ctx.Err()
			}
		case "b":
			close(second)
		case "full":
			return ingest.Result{Passages: 100}, errFull
		case "panics":
			panic("secret")
		case "same":
			return ingest.Result{Document: d, Outcome: ingest.Unchanged, Passages: 100}, nil
		}
		return ingest.Result{Document: d, Outcome: ingest.Created, Passages: 2}, nil
	}}
	s := &stream{documents: documentsNamed("a", "b", "full", "panics", "same", "", "c")}
	s.documents = append(s.documents, document.Document{Collection: "other", ID: "d"})
	calibrations := &settler{}
	if err := newImporter(w, calibrations).Run(t.Context(), ingest.Import{Collection: "c"}, s); err != nil {
		t.Fatal(err)
	}
	var panicked *guard.PanicError
	var fault *document.FieldError
	got := make([]string, len(s.answers))
	for i, a := range s.answers {
		got[i] = strings.TrimPrefix(a.Name, "collections/c/documents/")
		if a.Result.Document.ID != "" {
			got[i] += " " + a.Result.Document.Text
		}
		switch {
		case errors.Is(a.Err, errFull):
			got[i] += " full"
		case errors.Is(a.Err, errDecode):
			got[i] += " not decoded"
		case errors.As(a.Err, &panicked):
			got[i] += " panicked"
		case errors.As(a.Err, &fault):
			got[i] += " " + fault.Field
		case a.Err != nil:
			t.Errorf("%s: error %v", a.Name, a.Err)
		}
	}
	want := []string{
		"a Text 0", "b Text 1", "full full", "panics panicked", "same Text 4", " not decoded", "c Text 6",
		"collections/other/documents/d document.name",
	}
	if !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	if !slices.Equal(calibrations.settled, []string{"c 6"}) || calibrations.announced != 0 || len(w.deferred) > 0 {
		t.Errorf("calibrated %q, %d imports still announced, deferred %q", calibrations.settled, calibrations.announced, w.deferred)
	}
}

// TestImportOneName: documents with the same name are written one after the other, while
// others are written concurrently.
func TestImportOneName(t *testing.T) {
	t.Parallel()
	var (
		mu    sync.Mutex
		busy  bool
		order []string
	)
	w := &writer{write: func(_ context.Context, d document.Document) (ingest.Result, error) {
		if d.ID != "often" {
			return ingest.Result{Outcome: ingest.Created}, nil
		}
		mu.Lock()
		overlaps := busy
		busy, order = true, append(order, d.Text)
		mu.Unlock()
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			busy = false
		}()
		if overlaps {
			return ingest.Result{}, errors.New("another write of the document is running")
		}
		return ingest.Result{Outcome: ingest.Updated}, nil
	}}
	s := &stream{}
	for range 200 {
		s.documents = append(s.documents, documentsNamed("often", "x")...)
	}
	var want []string
	for i := range s.documents {
		s.documents[i].Text = fmt.Sprint(i)
		if s.documents[i].ID == "often" {
			want = append(want, fmt.Sprint(i))
		}
	}
	if err := newImporter(w, &settler{}).Run(t.Context(), ingest.Import{Collection: "c"}, s); err != nil {
		t.Fatal(err)
	}
	for i, a := range s.answers {
		if a.Err != nil {
			t.Errorf("answer %d: %v", i, a.Err)
		}
	}
	if !slices.Equal(order, want) {
		t.Errorf("written in the order %q", order)
	}
}

// TestImportDeferred: a deferred import puts its documents into the queue.
func TestImportDeferred(t *testing.T) {
	t.Parallel()
	w := &writer{write: func(context.Context, document.Document) (ingest.Result, error) { return ingest.Result{}, nil }}
	s := &stream{documents: documentsNamed("a")}
	if err := newImporter(w, &settler{}).Run(t.Context(), ingest.Import{Collection: "c", Deferred: true}, s); err != nil || !slices.Equal(w.deferred, []string{"a"}) {
		t.Errorf("deferred %q, error %v", w.deferred, err)
	}
}

// TestImportCalibrates: the last answer reports whether calibration continues, if it was
// known to be the last. If calibration fails, the import still succeeds.
func TestImportCalibrates(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		settler settler
		want    bool
	}{
		"done":                   {settler{}, false},
		"continues":              {settler{busy: true}, true},
		"fails, is retried":      {settler{busy: true, fails: errors.New("down")}, true},
		"collection was deleted": {settler{busy: true, fails: document.ErrNotFound}, false},
	} {
		s := &stream{documents: documentsNamed("first", "last"), ended: make(chan struct{})}
		w := &writer{write: func(_ context.Context, d document.Document) (ingest.Result, error) {
			if d.ID == "last" {
				<-s.ended
			}
			return ingest.Result{Outcome: ingest.Created}, nil
		}}
		// The last answer may be sent before the importer notices the end of the stream.
		// Then it is sent like the others.
		for range 100 {
			if err := newImporter(w, &test.settler).Run(t.Context(), ingest.Import{Collection: "c"}, s); err != nil {
				t.Fatal(err)
			}
			if len(s.answers) != 2 || s.answers[0].Calibrating {
				t.Fatalf("%s: answers %v", what, s.answers)
			}
			if s.answers[1].Calibrating == test.want {
				break
			}
			*s = stream{documents: documentsNamed("first", "last"), ended: make(chan struct{})}
		}
		if len(s.answers) != 2 || s.answers[1].Calibrating != test.want {
			t.Errorf("%s: the last answer never had calibrating %v", what, test.want)
		}
	}
}

// TestFailedImport: if every document of an import fails, the import does not wait for a
// calibration, and its last answer does not say that one goes on.
func TestFailedImport(t *testing.T) {
	t.Parallel()
	w := &writer{write: func(context.Context, document.Document) (ingest.Result, error) {
		return ingest.Result{}, errors.New("refused")
	}}
	s, calibrations := &stream{documents: documentsNamed("a", "b")}, &settler{busy: true}
	if err := newImporter(w, calibrations).Run(t.Context(), ingest.Import{Collection: "c"}, s); err != nil {
		t.Fatal(err)
	}
	if len(s.answers) != 2 || s.answers[1].Err == nil || s.answers[1].Calibrating || len(calibrations.settled) > 0 {
		t.Errorf("answers %v, calibrated %q", s.answers, calibrations.settled)
	}
}

// TestImportEndsWithItsStream: the import returns the error of its stream.
func TestImportEndsWithItsStream(t *testing.T) {
	t.Parallel()
	errBroken := errors.New("broken")
	w := &writer{write: func(context.Context, document.Document) (ingest.Result, error) {
		return ingest.Result{Outcome: ingest.Created, Passages: 1}, nil
	}}
	for what, s := range map[string]*stream{
		"receiving": {documents: documentsNamed("a"), end: errBroken},
		"sending":   {documents: documentsNamed("a", "b"), refuse: errBroken},
	} {
		calibrations := &settler{}
		if err := newImporter(w, calibrations).Run(t.Context(), ingest.Import{Collection: "c"}, s); !errors.Is(err, errBroken) || calibrations.announced != 0 {
			t.Errorf("%s: error %v, %d imports still announced", what, err, calibrations.announced)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newImporter(w, &settler{}).Run(ctx, ingest.Import{Collection: "c"}, &stream{documents: documentsNamed("a")}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
