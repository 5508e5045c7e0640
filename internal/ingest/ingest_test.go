package ingest_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
)

// TestVectorsOfWindows checks that each passage gets the vectors of its own windows.
func TestVectorsOfWindows(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	long := strings.Repeat("A sentence of some words. ", 20)
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Short.\n\n" + long + "\n\nShort again."}
	if _, err := newIngester(f).Upsert(t.Context(), d, document.Precondition{}); err != nil {
		t.Fatal(err)
	}
	windows := f.stored[0].Windows
	if len(windows) != 3 || len(windows[0]) != 1 || len(windows[1]) < 2 || len(windows[2]) != 1 {
		t.Fatalf("windows %v", windows)
	}
	last := float32(-1)
	for _, passage := range windows {
		for _, window := range passage {
			if window.Vector[0] != last+1 {
				t.Errorf("vector %v comes after %v", window.Vector[0], last)
			}
			last = window.Vector[0]
		}
	}
	if got := strings.Join(f.embedded[1:len(f.embedded)-1], " "); got != strings.TrimSpace(long) {
		t.Errorf("windows of the long passage are %q", got)
	}
}

func TestRivalWriters(t *testing.T) {
	t.Parallel()
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
	for rivals, want := range map[int]error{0: nil, 2: nil, 3: document.ErrChanged} {
		f := &fakes{}
		in := newIngester(f)
		if _, err := in.Upsert(t.Context(), d, document.Precondition{}); err != nil {
			t.Fatal(err)
		}
		f.rivals = rivals
		changed := d
		changed.Source = "Wire"
		result, err := in.Upsert(t.Context(), changed, document.Precondition{})
		if !errors.Is(err, want) {
			t.Errorf("%d rivals: got %v, want %v", rivals, err, want)
		}
		var resource *document.ResourceError
		if err != nil && (!errors.As(err, &resource) || resource.Name != "collections/c/documents/d") {
			t.Errorf("the error %v does not name the document", err)
		}
		if err == nil && result.Outcome != ingest.Updated {
			t.Errorf("%d rivals: outcome %v", rivals, result.Outcome)
		}
	}
}

// TestOutcomeIsTheStores checks that the outcome considers what another writer stored after
// the state was read.
func TestOutcomeIsTheStores(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		meanwhile func(string) string
		want      ingest.Outcome
	}{
		"nobody":      {nil, ingest.Created},
		"the same":    {func(etag string) string { return etag }, ingest.Unchanged},
		"another one": {func(string) string { return "other" }, ingest.Updated},
	} {
		f := &fakes{meanwhile: test.meanwhile}
		result, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}, document.Precondition{})
		if err != nil || result.Outcome != test.want {
			t.Errorf("%s: outcome %v, error %v, want %v", what, result.Outcome, err, test.want)
		}
	}
}

func TestTooFewVectors(t *testing.T) {
	t.Parallel()
	f := &fakes{short: true}
	_, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}, document.Precondition{})
	if err == nil || len(f.stored) > 0 {
		t.Errorf("stored %v, error %v", f.stored, err)
	}
}

// TestOtherSpaces checks that a write gives each space its vectors. A space whose model
// server is down or too slow is skipped, and the builder is woken.
func TestOtherSpaces(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		down           map[string]error
		slow, ignorant string
		want           []string
		woken          int
	}{
		"all well":           {want: []string{"new", "old"}},
		"down":               {down: map[string]error{"new": errors.New("down")}, want: []string{"old"}, woken: 1},
		"too slow":           {slow: "old", want: []string{"new"}, woken: 1},
		"no reference texts": {ignorant: "new", want: []string{"old"}, woken: 1},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := &fakes{others: []string{"new", "old"}, down: test.down, slow: test.slow, ignorant: test.ignorant}
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // half of this time is spent on the slow space
			defer cancel()
			d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
			in := newIngester(f)
			if _, err := in.Upsert(ctx, d, document.Precondition{}); err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(f.stored[0].Others)); !slices.Equal(got, test.want) || len(f.stored[0].Windows) != 1 {
				t.Errorf("windows for the other spaces %v, want %v", got, test.want)
			}
			if f.woken != test.woken {
				t.Errorf("the builder was woken %d times, want %d", f.woken, test.woken)
			}
			if test.slow == "" {
				return
			}
			// The next write skips the space.
			asked := f.waited
			d.ID, f.state = "e", document.State{}
			if _, err := in.Upsert(ctx, d, document.Precondition{}); err != nil || f.waited != asked || len(f.stored[1].Others) != 1 {
				t.Errorf("the next write waited %d times, stored windows of %d other spaces, error %v", f.waited-asked, len(f.stored[1].Others), err)
			}
		})
	}
	f := &fakes{others: []string{"new"}, down: map[string]error{"active": context.Canceled}}
	if _, err := newIngester(f).Upsert(t.Context(), document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}, document.Precondition{}); err == nil || len(f.stored) > 0 {
		t.Errorf("stored %d although the active space failed, error %v", len(f.stored), err)
	}
}

// TestEnqueue checks that no model server is called, and that the queue is woken, and
// the builder if there are other spaces.
func TestEnqueue(t *testing.T) {
	t.Parallel()
	for others, woken := range map[string]int{"": 0, "new": 1} {
		f := &fakes{down: map[string]error{"active": errors.New("down")}}
		if others != "" {
			f.others = []string{others}
		}
		in := newIngester(f)
		d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "Text."}
		result, err := in.Enqueue(t.Context(), d, document.Precondition{})
		if err != nil || result.Outcome != ingest.Created || result.Document.IndexState != document.IndexPending || result.Passages != 1 {
			t.Errorf("result %+v, error %v", result, err)
		}
		if len(f.embedded) > 0 || len(f.stored) != 1 || !f.stored[0].Deferred || f.stored[0].Windows != nil {
			t.Errorf("embedded %q, stored %+v", f.embedded, f.stored)
		}
		if f.queued != 1 || f.woken != woken {
			t.Errorf("the queue was woken %d times, the builder %d, want 1 and %d", f.queued, f.woken, woken)
		}
		if again, err := in.Enqueue(t.Context(), d, document.Precondition{}); err != nil || again.Outcome != ingest.Unchanged {
			t.Errorf("second write: outcome %v, error %v", again.Outcome, err)
		}
	}
}
