package ingest

import (
	"context"
	"sync"

	"github.com/accord-search/accord/internal/guard"
)

// groupsAtOnce is how many groups of one kind are worked on at once: Postgres has the
// next one while the answer of the last is looked at.
const groupsAtOnce = 2

// grouper works on what several callers ask at once together: what comes while groups
// are worked on waits, and is the next one. Nobody waits for others to come.
type grouper[K comparable, I, O any] struct {
	// run returns an answer for each of a group.
	run func(ctx context.Context, key K, group []I) []answer[O]
	// fits reports whether one more may join a group; nil if any may.
	fits func(group []I, next I) bool

	mu     sync.Mutex
	queues map[K]*queue[I, O]
}

// answer is what one of a group is told.
type answer[O any] struct {
	value O
	err   error
}

// queue is what waits for a group with others of its key.
type queue[I, O any] struct {
	waiting []*asked[I, O]
	running int
}

// asked is what one caller asks.
type asked[I, O any] struct {
	ctx    context.Context
	in     I
	answer chan answer[O] // holds one
}

// do asks with others of the same key. If ctx ends first, a group that has begun goes
// on without this caller.
func (g *grouper[K, I, O]) do(ctx context.Context, key K, in I) (O, error) {
	a := &asked[I, O]{ctx: ctx, in: in, answer: make(chan answer[O], 1)}
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
		go g.work(key, q) // until nobody waits
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

// work runs groups until nobody waits.
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
		// No caller's end ends what is others' as well; who runs has time limits of its own.
		answers := g.safely(context.WithoutCancel(group[0].ctx), key, ins)
		for i, a := range group {
			a.answer <- answers[i]
		}
	}
}

// next takes the next group, in the order of coming.
func (g *grouper[K, I, O]) next(key K, q *queue[I, O]) (group []*asked[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ins []I
	for len(q.waiting) > 0 {
		first := q.waiting[0]
		if first.ctx.Err() == nil {
			if len(group) > 0 && g.fits != nil && !g.fits(ins, first.in) {
				break
			}
			group, ins = append(group, first), append(ins, first.in)
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

// safely is run; a panic is an error of all, since the goroutine is no caller's and
// would end the server.
func (g *grouper[K, I, O]) safely(ctx context.Context, key K, group []I) (answers []answer[O]) {
	err := guard.Call(func() error {
		answers = g.run(ctx, key, group)
		return nil
	})
	if err != nil {
		return all(len(group), answer[O]{err: err})
	}
	return answers
}

// all returns the same answer for each of a group.
func all[O any](n int, a answer[O]) []answer[O] {
	answers := make([]answer[O], n)
	for i := range answers {
		answers[i] = a
	}
	return answers
}
