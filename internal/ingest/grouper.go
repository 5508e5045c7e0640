package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/guard"
)

// groupsAtOnce is how many groups of one key run at the same time. With two, Postgres works
// on the next group while the result of the previous one is processed.
const groupsAtOnce = 2

// grouper processes requests of several callers together. Requests that arrive while groups
// run wait, and form the next group. A request never waits for others to arrive.
type grouper[K comparable, I, O any] struct {
	// run processes a group and returns an answer for each of its requests.
	run func(ctx context.Context, key K, group []I) []answer[O]
	// fits reports whether a request may join a group. nil means that any may.
	fits func(group []I, next I) bool
	log  *slog.Logger

	mu     sync.Mutex
	queues map[K]*queue[I, O]
}

// answer is the result of one request.
type answer[O any] struct {
	value O
	err   error
}

// queue holds the waiting requests of one key.
type queue[I, O any] struct {
	waiting []*request[I, O]
	running int
}

// request is a request of one caller.
type request[I, O any] struct {
	ctx    context.Context
	in     I
	answer chan answer[O] // buffered, for one answer
}

// do processes a request together with others of the same key. If ctx ends first, do
// returns, but a group that has begun continues.
func (g *grouper[K, I, O]) do(ctx context.Context, key K, in I) (O, error) {
	a := &request[I, O]{ctx: ctx, in: in, answer: make(chan answer[O], 1)}
	g.mu.Lock()
	if g.queues == nil {
		g.queues = map[K]*queue[I, O]{}
	}
	q := g.queues[key]
	if q == nil {
		q = &queue[I, O]{}
		g.queues[key] = q
	}
	q.waiting = append(q.waiting, a)
	if q.running < groupsAtOnce {
		q.running++
		go guard.Log(g.log, "groups of requests", func() { g.work(key, q) })() // ends when no request waits
	}
	g.mu.Unlock()
	select {
	case got := <-a.answer:
		return got.value, got.err
	case <-ctx.Done():
		var none O
		return none, ctx.Err()
	}
}

// work runs groups until no request waits.
func (g *grouper[K, I, O]) work(key K, q *queue[I, O]) {
	for {
		group := g.next(key, q)
		if len(group) == 0 {
			return
		}
		ins := make([]I, len(group))
		for i, a := range group {
			ins[i] = a.in
		}
		ctx, cancel := contextOf(group)
		answers := g.runRecovered(ctx, key, ins)
		cancel()
		for i, a := range group {
			a.answer <- answers[i]
		}
	}
}

// contextOf returns a context for a group. One caller's cancellation must not end the whole group,
// but the context has the last deadline of its callers: the store gives up waiting for a lock
// shortly before a deadline, so that callers get the reason.
func contextOf[I, O any](group []*request[I, O]) (context.Context, context.CancelFunc) {
	ctx := context.WithoutCancel(group[0].ctx)
	var last time.Time
	for _, r := range group {
		deadline, ok := r.ctx.Deadline()
		if !ok {
			return context.WithCancel(ctx)
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return context.WithDeadline(ctx, last)
}

// next takes the next group from the queue, in order of arrival.
func (g *grouper[K, I, O]) next(key K, q *queue[I, O]) (group []*request[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ins []I
	for len(q.waiting) > 0 {
		first := q.waiting[0]
		if first.ctx.Err() == nil {
			fits, err := g.fitsInto(ins, first.in)
			if err == nil && !fits {
				break
			}
			if err != nil {
				first.answer <- answer[O]{err: err}
			} else {
				group, ins = append(group, first), append(ins, first.in)
			}
		}
		q.waiting = q.waiting[1:]
	}
	if len(group) == 0 {
		if q.running--; q.running == 0 {
			delete(g.queues, key)
		}
	}
	return group
}

// fitsInto reports whether a request may join a group. The error is a panic of fits.
func (g *grouper[K, I, O]) fitsInto(group []I, next I) (fits bool, err error) {
	if len(group) == 0 || g.fits == nil {
		return true, nil
	}
	err = guard.Call(func() error { fits = g.fits(group, next); return nil })
	return fits, err
}

// runRecovered calls run. It turns a panic into an error for the whole group, because
// in this goroutine a panic would end the server.
func (g *grouper[K, I, O]) runRecovered(ctx context.Context, key K, group []I) (answers []answer[O]) {
	err := guard.Call(func() error {
		if answers = g.run(ctx, key, group); len(answers) != len(group) {
			return fmt.Errorf("%d answers for %d requests", len(answers), len(group))
		}
		return nil
	})
	if err != nil {
		return repeat(len(group), answer[O]{err: err})
	}
	return answers
}

// repeat returns n copies of an answer.
func repeat[O any](n int, a answer[O]) []answer[O] {
	answers := make([]answer[O], n)
	for i := range answers {
		answers[i] = a
	}
	return answers
}
