package maintenance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/referencetexts"
	"github.com/accord-search/accord/internal/space"
)

// TestQuestionsAreBounded checks that all languages without reference texts share one
// question, because callers choose the language.
func TestQuestionsAreBounded(t *testing.T) {
	t.Parallel()
	k := &Keeper{spaces: &fake{}, asked: map[question]bool{}, wakeup: make(chan struct{}, 1)}
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			k.Asked(t.Context(), space.Space{Collection: "c"}, string([]rune{a, b}))
		}
	}
	if n := len(k.asked); n > len(referencetexts.Languages())+1 {
		t.Errorf("%d questions wait", n)
	}
}

// TestNothingIsLeft checks that a keeper holds no data about collections whose work is
// done.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	f := &fake{counts: map[string]int{"en": 3}}
	k := start(t, f)
	for n := range 20 {
		if _, err := k.Settle(t.Context(), fmt.Sprint("c", n), 1); err != nil {
			t.Fatal(err)
		}
		k.Changed(fmt.Sprint("c", n))
	}
	wait(t, func() error {
		k.mu.Lock()
		defer k.mu.Unlock()
		if n := k.locks.Len() + len(k.changed) + len(k.inProgress); n > 0 {
			return fmt.Errorf("%d collections are remembered", n)
		}
		return nil
	})
}

// hanging is a model server that does not answer.
type hanging struct {
	*fake
	begun chan struct{}
}

// EmbedEach implements Embedder.
func (h hanging) EmbedEach(ctx context.Context, _ space.Space, _ []string, _ func(int, []document.Embedding) error) error {
	close(h.begun)
	<-ctx.Done()
	return ctx.Err()
}

// TestCloseEndsPreparation checks that Close ends the preparation of a language, even if
// its caller has left already.
func TestCloseEndsPreparation(t *testing.T) {
	t.Parallel()
	f := &fake{references: map[string]map[[2]int]bool{}}
	server := hanging{f, make(chan struct{})}
	k := New(f, f, server, slog.New(slog.DiscardHandler))
	caller, leave := context.WithCancel(t.Context())
	prepare := func(ctx context.Context) <-chan error {
		prepared := make(chan error, 1)
		go func() { prepared <- k.Prepare(ctx, space.Space{Collection: "c", WindowTokens: 500}, "en") }()
		return prepared
	}
	first := prepare(caller)
	<-server.begun
	second := prepare(t.Context())
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that left got %v", err)
	}
	k.Close()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that stayed got %v", err)
	}
}
