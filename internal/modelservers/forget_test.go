package modelservers

import (
	"errors"
	"fmt"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/space"
)

// TestManySpaces checks that only a bounded number of spaces are remembered, those that
// were used last.
func TestManySpaces(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	s := open(t, named{"default", model("one")})
	serve := func(i int) {
		t.Helper()
		sp.ID = fmt.Sprint("space-", i)
		if _, err := s.Serving(callContext(t), sp); err != nil {
			t.Fatal(err)
		}
	}
	remembered := func(i int) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		sp.ID = fmt.Sprint("space-", i)
		return s.spaces[spaceKey(sp)] != nil
	}
	for i := range maxSpaces {
		serve(i)
	}
	serve(0)
	serve(maxSpaces)
	if len(s.spaces) != maxSpaces {
		t.Errorf("%d spaces are remembered, want %d", len(s.spaces), maxSpaces)
	}
	for i, want := range map[int]bool{0: true, 1: false, 2: true, maxSpaces: true} {
		if got := remembered(i); got != want {
			t.Errorf("space %d is remembered: %t, want %t", i, got, want)
		}
	}
	serve(1)
}

// TestSwappedAfterForgotten checks that a change of the model is noticed even if the space
// was forgotten while a call waited for the server.
func TestSwappedAfterForgotten(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	behind := plugged(model("one"))
	s := open(t, named{"default", behind})
	begun, err := s.providerOf(callContext(t), sp)
	if err != nil {
		t.Fatal(err)
	}
	behind.plug(down())
	if _, err := s.EmbedQuery(callContext(t), sp, "ports"); err == nil || !begun.wasAway() {
		t.Fatalf("while it is down: %v", err)
	}
	behind.plug(embedtest.Backwards{Server: model("one")})
	s.mu.Lock()
	clear(s.spaces)
	s.mu.Unlock()
	if err := s.ensureSameModel(callContext(t), sp, begun, driver.Passage); !errors.Is(err, space.ErrModelMismatch) {
		t.Errorf("after the swap: %v", err)
	}
	err = s.EmbedEach(callContext(t), sp, []string{"ports"}, func(int, []document.Embedding) error { return nil })
	if !errors.Is(err, space.ErrModelMismatch) {
		t.Errorf("the next call: %v", err)
	}
}
