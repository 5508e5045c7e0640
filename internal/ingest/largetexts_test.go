package ingest

import (
	"context"
	"errors"
	"testing"
)

// TestLargeTexts: long texts wait for each other. Short texts do not wait.
func TestLargeTexts(t *testing.T) {
	t.Parallel()
	large := newLargeTexts()
	end, err := large.begin(t.Context(), 2*largeTextsInFlight) // longer than the limit, so it runs alone
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := large.begin(ended, largeText); !errors.Is(err, context.Canceled) {
		t.Errorf("a second long text: %v, want that it waits", err)
	}
	if _, err := large.begin(ended, largeText-1); err != nil {
		t.Errorf("a short text: %v", err)
	}
	end()
	for range largeTextsInFlight / largeText {
		if _, err := large.begin(t.Context(), largeText); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := large.begin(ended, largeText); !errors.Is(err, context.Canceled) {
		t.Errorf("one too many: %v, want that it waits", err)
	}
}
