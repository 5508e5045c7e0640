package backfill_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/backfill"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// begin creates a collection with documents of three paragraphs each, and a space that
// lacks all of them.
func begin(t *testing.T, documents int) (*store.Store, space.Space) {
	t.Helper()
	s := storetest.Open(t, store.Config{})
	first := space.Space{ID: "first", Model: "a", Dimensions: 2, Windowing: space.WindowingPassages}
	if err := s.CreateCollection(t.Context(), "c", first); err != nil {
		t.Fatal(err)
	}
	for i := range documents {
		write(t, s, fmt.Sprintf("d%d", i), fmt.Sprintf("One %d.\n\nTwo %d.\n\nThree %d.", i, i, i))
	}
	second := first
	second.Collection, second.ID = "c", "second"
	if err := s.CreateSpace(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	sp, err := s.Space(t.Context(), "c", "second")
	if err != nil {
		t.Fatal(err)
	}
	return s, sp
}

// write stores a document with vectors for the active space only.
func write(t *testing.T, s *store.Store, id, text string) {
	t.Helper()
	in := indexed(id, text)
	for range in.Passages {
		in.Windows = append(in.Windows, []document.Window{{Embedding: document.Embedding{Vector: []float32{1, 0}}}})
	}
	replace(t, s, in)
}

// indexed returns a document, cut into paragraphs, without vectors.
func indexed(id, text string) document.Indexed {
	in := document.Indexed{
		Document:    document.Document{Collection: "c", ID: id, LanguageCode: "en", Text: text, ETag: text},
		ContentHash: text,
	}
	counter, start := document.NewRangeCounter(text), 0
	for i, paragraph := range strings.Split(text, "\n\n") {
		in.Passages = append(in.Passages, document.Passage{
			Ordinal: i, Kind: document.KindParagraph, LanguageCode: "en", Text: paragraph, Range: counter.Range(start, start+len(paragraph)),
		})
		start += len(paragraph) + len("\n\n")
	}
	return in
}

func replace(t *testing.T, s *store.Store, in document.Indexed) {
	t.Helper()
	active, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.ReplaceDocument(t.Context(), active, in); err != nil {
		t.Fatal(err)
	}
}

// run runs a builder until the status of the space satisfies until.
func run(t *testing.T, s *store.Store, m *model, sp space.Space, until func(space.Status) bool) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	b := backfill.New(s, m, slog.New(slog.DiscardHandler))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Run(ctx, m, calibrator{})
	}()
	defer func() {
		stop()
		<-ended
	}()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		st, err := s.SpaceStatus(t.Context(), sp.Collection, sp.ID)
		if err != nil {
			t.Fatal(err)
		}
		if until(st) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the space stays at %+v", st)
		}
	}
}

func ready(st space.Status) bool { return st.State == space.Ready }

func TestBuild(t *testing.T) {
	t.Parallel()
	s, sp := begin(t, 5)
	write(t, s, "bad", "Good.\n\nBad.")
	m := &model{}
	run(t, s, m, sp, ready)
	if texts := m.texts(); len(texts) != 5*3+2 || len(texts) != len(slices.Compact(texts)) {
		t.Errorf("embedded %q", texts)
	}
	if n := m.requests.Load(); n != 9 {
		t.Errorf("%d requests of two texts, want 9, because documents share requests", n)
	}
	failed, err := s.SpaceFailures(t.Context(), sp, 10)
	if err != nil || len(failed) != 1 || failed[0].Document != "bad" || failed[0].Ordinal != 1 || failed[0].Reason != document.FailureBadVector {
		t.Errorf("failures %+v, error %v, want none", failed, err)
	}
	// The builder also embeds documents that are written later without vectors for the
	// space.
	write(t, s, "d0", "Another text.")
	run(t, s, m, sp, ready)
	if texts := m.texts(); len(texts) != 5*3+3 || !slices.Contains(texts, "Another text.") {
		t.Errorf("embedded %q", texts)
	}
}

// TestBuildGoesOn checks that a builder continues where the previous one stopped, even in
// the middle of a document.
func TestBuildGoesOn(t *testing.T) {
	t.Parallel()
	s, sp := begin(t, 4)
	half := &model{}
	half.answered = func(requests int64) error {
		if requests > 2 {
			return errors.New("down")
		}
		return nil
	}
	run(t, s, half, sp, func(st space.Status) bool { return st.Pending == 3 && half.requests.Load() > 2 })
	rest := &model{}
	run(t, s, rest, sp, ready)
	if then := rest.texts(); len(then) != 4*3-4 {
		t.Errorf("embedded %q after four of twelve", then)
	}
	all := slices.Sorted(slices.Values(append(half.texts(), rest.texts()...)))
	if got := len(slices.Compact(all)); got != 4*3 {
		t.Errorf("%d different texts embedded, want %d", got, 4*3)
	}
}

// TestBuildBesideWrites checks that a document that is changed while it is being embedded
// gets the vectors of its new text.
func TestBuildBesideWrites(t *testing.T) {
	t.Parallel()
	s, sp := begin(t, 2)
	m := &model{}
	m.answered = func(requests int64) error {
		if requests == 1 {
			write(t, s, "d0", "Written meanwhile.")
		}
		return nil
	}
	run(t, s, m, sp, ready)
	if texts := m.texts(); !slices.Contains(texts, "Written meanwhile.") {
		t.Errorf("embedded %q", texts)
	}
}

// TestBuildPassesOver checks that documents that the model server cannot embed do not stop
// others from being embedded.
func TestBuildPassesOver(t *testing.T) {
	t.Parallel()
	s, sp := begin(t, 3)
	write(t, s, "a", "Poison.")
	write(t, s, "z", "Poison.")
	m := &model{poison: "Poison."}
	run(t, s, m, sp, func(st space.Status) bool { return st.Pending == 2 })
	m.mu.Lock()
	m.poison = ""
	m.mu.Unlock()
	run(t, s, m, sp, ready)
}

// TestBuildBesideDescription checks that if the language of a document changes while it is
// being embedded, all its vectors get the new language.
func TestBuildBesideDescription(t *testing.T) {
	t.Parallel()
	s, sp := begin(t, 1)
	m := &model{}
	m.answered = func(requests int64) error {
		if requests == 2 {
			describe(t, s, "d0", "zh")
		}
		return nil
	}
	run(t, s, m, sp, ready)
	counts, err := s.PassageCounts(t.Context(), sp)
	if diff := cmp.Diff(map[string]int{"zh": 3}, counts); diff != "" || err != nil {
		t.Errorf("passages by language, error %v (-want +got):\n%s", err, diff)
	}
}

// describe changes only the language of a document.
func describe(t *testing.T, s *store.Store, id, language string) {
	t.Helper()
	active, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.GetDocument(t.Context(), "c", id, true)
	if err != nil {
		t.Fatal(err)
	}
	d.LanguageCode, d.ETag = language, d.ETag+language
	in := document.Indexed{Document: d, ContentHash: d.Text}
	for i, paragraph := range strings.Split(d.Text, "\n\n") {
		in.Passages = append(in.Passages, document.Passage{Ordinal: i, Kind: document.KindParagraph, LanguageCode: language, Text: paragraph})
	}
	if _, _, err := s.ReplaceDocument(t.Context(), active, in); err != nil {
		t.Fatal(err)
	}
}
