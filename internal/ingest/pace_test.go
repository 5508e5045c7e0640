package ingest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestPace: more documents are processed at once while each takes little time, and fewer
// otherwise. The total length of texts is limited, but one longer text is processed alone.
func TestPace(t *testing.T) {
	t.Parallel()
	p := newPace(nil)
	for range 3 * importsInFlight {
		if !p.admit(1) {
			t.Fatal("a document waits although none is in progress")
		}
		p.end(1, promptly)
	}
	for n := range importsInFlight {
		if !p.admit(1) {
			t.Fatalf("only %d documents at once", n)
		}
	}
	if p.admit(1) {
		t.Errorf("more than %d documents at once", importsInFlight)
	}
	for range importsInFlight {
		p.end(1, promptly+1)
	}
	for n := range firstInFlight {
		if !p.admit(1) {
			t.Fatalf("only %d documents at once", n)
		}
	}
	if p.admit(1) {
		t.Errorf("more than %d slow documents at once", firstInFlight)
	}
	for range firstInFlight {
		p.end(1, promptly)
	}
	if !p.admit(2*bytesInFlight) || p.admit(1) {
		t.Error("another document started beside a long text")
	}
}

// TestPaceYields: while more urgent calls wait, an import processes one document at a time.
func TestPaceYields(t *testing.T) {
	t.Parallel()
	urgent := true
	p := newPace(func() bool { return urgent })
	if !p.admit(1) || p.admit(1) {
		t.Error("want exactly one document at once")
	}
	urgent = false
	if !p.admit(1) {
		t.Error("want more documents once no calls wait")
	}
}

// TestPaceWaits: a waiting document starts when another ends, and gives up when the call
// ends.
func TestPaceWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(nil)
		for range firstInFlight {
			if err := p.begin(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(time.Second, func() { p.end(1, time.Minute) })
		if err := p.begin(t.Context(), 1); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.begin(ctx, 1); err == nil {
			t.Error("a document started after the call ended")
		}
	})
}
