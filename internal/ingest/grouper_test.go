package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
)

// TestGroups checks that requests that arrive while groups run form the next group, that
// each caller gets its own answer, and that a request that does not fit waits for a later
// group.
func TestGroups(t *testing.T) {
	t.Parallel()
	const callers = 40
	var (
		mu     sync.Mutex
		groups [][]int
	)
	begun, released := make(chan struct{}, callers), make(chan struct{})
	g := &grouper[string, int, string]{
		run: func(_ context.Context, key string, group []int) []answer[string] {
			mu.Lock()
			groups = append(groups, group)
			mu.Unlock()
			begun <- struct{}{}
			<-released
			answers := make([]answer[string], len(group))
			for i, n := range group {
				answers[i].value = fmt.Sprint(key, n)
			}
			return answers
		},
		fits: func(group []int, _ int) bool { return len(group) < 10 },
	}
	var wait sync.WaitGroup
	ask := func(n int) {
		wait.Go(func() {
			if got, err := g.do(t.Context(), "k", n); err != nil || got != fmt.Sprint("k", n) {
				t.Errorf("caller %d got %q, error %v", n, got, err)
			}
		})
	}
	for n := range groupsAtOnce {
		ask(n)
		<-begun
	}
	for n := groupsAtOnce; n < callers; n++ {
		ask(n)
	}
	for waiting := 0; waiting < callers-groupsAtOnce; {
		g.mu.Lock()
		waiting = len(g.queues["k"].waiting)
		g.mu.Unlock()
	}
	close(released)
	wait.Wait()
	if len(groups) != groupsAtOnce+4 {
		t.Errorf("%d groups: %v", len(groups), groups)
	}
	for { // the last group is answered shortly before its goroutine ends
		g.mu.Lock()
		n := len(g.queues)
		g.mu.Unlock()
		if n == 0 {
			return
		}
	}
}

// TestGroupWithoutCaller checks that the request of a caller that has left is skipped, that
// do returns when its caller leaves, and that a panic becomes an error of the whole group.
func TestGroupWithoutCaller(t *testing.T) {
	t.Parallel()
	begun, released := make(chan struct{}), make(chan struct{})
	g := &grouper[string, int, int]{run: func(ctx context.Context, _ string, group []int) []answer[int] {
		begun <- struct{}{}
		<-released
		if ctx.Err() != nil {
			t.Error("cancelling one caller cancelled its group")
		}
		if group[0] < 0 {
			panic("secret")
		}
		return repeat(len(group), answer[int]{value: len(group)})
	}}
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for range groupsAtOnce {
		wait.Go(func() {
			if _, err := g.do(ctx, "k", 1); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
		<-begun
	}
	wait.Go(func() {
		if _, err := g.do(ctx, "k", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("the waiting caller got error %v", err)
		}
	})
	for waiting := 0; waiting == 0; {
		g.mu.Lock()
		waiting = len(g.queues["k"].waiting)
		g.mu.Unlock()
	}
	cancel()
	wait.Wait()
	wait.Go(func() {
		if got, err := g.do(t.Context(), "k", 1); err != nil || got != 1 {
			t.Errorf("the next group has %d requests, error %v", got, err)
		}
	})
	close(released)
	<-begun
	wait.Wait()
	wait.Go(func() { <-begun })
	if _, err := g.do(t.Context(), "k", -1); err == nil || !strings.Contains(err.Error(), "secret") {
		t.Errorf("after a panic: error %v", err)
	}
	wait.Wait()
}

// TestFitsGroup checks that two documents of one name are never in one group, and that a
// group stays within the bounds of a transaction.
func TestFitsGroup(t *testing.T) {
	t.Parallel()
	doc := func(id string, passages, bytes int) write {
		return write{Indexed: document.Indexed{
			Document: document.Document{ID: id, Text: strings.Repeat("x", bytes)}, Passages: make([]document.Passage, passages),
		}}
	}
	many := make([]write, groupDocuments)
	for i := range many {
		many[i] = doc(fmt.Sprint(i), 1, 1)
	}
	for what, test := range map[string]struct {
		group []write
		next  write
		want  bool
	}{
		"another":           {[]write{doc("a", 1, 1)}, doc("b", 1, 1), true},
		"the same name":     {[]write{doc("b", 1, 1), doc("a", 1, 1)}, doc("b", 1, 1), false},
		"many documents":    {many, doc("b", 1, 1), false},
		"nearly as many":    {many[1:], doc("b", 1, 1), true},
		"many passages":     {[]write{doc("a", groupPassages, 1)}, doc("b", 1, 1), false},
		"nearly as many of": {[]write{doc("a", groupPassages-1, 1)}, doc("b", 1, 1), true},
		"long texts":        {[]write{doc("a", 1, groupBytes)}, doc("b", 1, 1), false},
	} {
		if got := fitsGroup(test.group, test.next); got != test.want {
			t.Errorf("%s: %v, want %v", what, got, test.want)
		}
	}
}

// TestPanicOfFits checks that a panic while requests are grouped is an error of the request
// that was to join, and that the others are answered.
func TestPanicOfFits(t *testing.T) {
	t.Parallel()
	started, release := make(chan struct{}, groupsAtOnce), make(chan struct{})
	g := &grouper[string, int, int]{
		run: func(_ context.Context, _ string, group []int) []answer[int] {
			if group[0] < 0 {
				started <- struct{}{}
				<-release
			}
			answers := make([]answer[int], len(group))
			for i, in := range group {
				answers[i].value = in
			}
			return answers
		},
		fits: func(_ []int, next int) bool {
			if next == 2 {
				panic("bad request")
			}
			return true
		},
		log: slog.New(slog.DiscardHandler),
	}
	var callers sync.WaitGroup
	ask := func(in int) {
		callers.Go(func() {
			var panicked *guard.PanicError
			got, err := g.do(t.Context(), "key", in)
			if in == 2 && !errors.As(err, &panicked) || in != 2 && (got != in || err != nil) {
				t.Errorf("request %d: got %d, error %v", in, got, err)
			}
		})
	}
	for i := range groupsAtOnce { // so that all later requests wait
		ask(-1 - i)
		<-started
	}
	for in := 1; in <= 3; in++ {
		ask(in)
		for waiting := 0; waiting < in; {
			g.mu.Lock()
			waiting = len(g.queues["key"].waiting)
			g.mu.Unlock()
		}
	}
	close(release)
	callers.Wait()
}
