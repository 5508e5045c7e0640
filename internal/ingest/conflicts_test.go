package ingest_test

import (
	"maps"
	"testing"

	"github.com/accord-search/accord/internal/document"
)

// TestConflictsEmbedOnce: if a write is repeated because of a concurrent change, it asks
// the model server of each space only once, and stores the vectors of the first try.
func TestConflictsEmbedOnce(t *testing.T) {
	t.Parallel()
	f := &fakes{conflicts: 2, others: []string{"new", "old"}}
	in := newIngester(f)
	d := document.Document{Collection: "c", ID: "d", LanguageCode: "en", Text: "One.\n\nTwo."}
	if _, err := in.Upsert(t.Context(), d, document.Precondition{}); err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"active": 1, "new": 1, "old": 1}; !maps.Equal(f.calls, want) {
		t.Errorf("calls to the model servers %v, want %v", f.calls, want)
	}
	stored := f.stored[0]
	for id, windows := range map[string][][]document.Window{"active": stored.Windows, "new": stored.Others["new"], "old": stored.Others["old"]} {
		if len(windows) != 2 || windows[0][0].Vector[0] != 0 || windows[1][0].Vector[0] != 1 {
			t.Errorf("space %s: windows %v", id, windows)
		}
	}
	d.Text = "Three.\n\nFour."
	if _, err := in.Upsert(t.Context(), d, document.Precondition{}); err != nil || f.calls["active"] != 2 {
		t.Errorf("another write: %d calls, error %v", f.calls["active"], err)
	}
}
