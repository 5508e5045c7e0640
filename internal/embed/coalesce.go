package embed

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/telemetry"
)

// maxWaiting is the maximum number of jobs in a queue. In a longer queue, the caller of the
// last job would wait for minutes.
const maxWaiting = 1024

// queue sends texts to the server. Jobs that arrive while all turns of its lane are taken
// are sent together in the next request. Requests of many concurrent callers therefore cost
// the server little more than those of one.
type queue struct {
	name   string // server and model, for errors
	lane   *lane
	limits func() batchLimits // limits of one request
	owner  *owner
	log    *slog.Logger
	// embed returns one outcome for each text in order, or an error for all of them.
	embed func(ctx context.Context, texts []string) ([]outcome, error)
	// separate means that if a request fails, its jobs are sent again one by one, since a
	// text of one job may have made the server fail.
	separate bool

	mu      sync.Mutex
	waiting []*job
	// unanswered holds the jobs that are waiting or in flight.
	unanswered map[*job]struct{}
	senders    int // number of running senders, at most one for each turn
}

// job is one or more texts whose caller waits for their vectors until ctx ends. They are
// sent in one request.
type job struct {
	ctx   context.Context
	texts []string
	size  batchLimits // size of the texts
	alone bool        // whether it is sent alone
	done  chan struct{}
	// set when done is closed
	outcomes []outcome
	err      error
}

// submit returns one outcome for each text in order.
func (q *queue) submit(ctx context.Context, texts ...string) ([]outcome, error) {
	start := time.Now()
	inTime, cancel := reserveTime(ctx)
	defer cancel()
	item := &job{ctx: ctx, texts: texts, size: sizeOf(texts), done: make(chan struct{})}
	if err := q.add(item); err != nil {
		return nil, err
	}
	select {
	case <-item.done:
		return item.outcomes, item.err
	case <-inTime.Done():
		return nil, q.lane.timeoutError(ctx, inTime, start, fmt.Errorf("%s has not answered, or is still busy with earlier requests", q.name))
	}
}

// drain waits until all jobs that are waiting or in flight now are answered. It does not
// wait for later jobs, so that passages get their turn even if queries keep arriving.
func (q *queue) drain(ctx context.Context) error {
	q.mu.Lock()
	before := make([]*job, 0, len(q.unanswered))
	for item := range q.unanswered {
		before = append(before, item)
	}
	q.mu.Unlock()
	for _, item := range before {
		select {
		case <-item.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// add queues item. It starts a sender if a turn is free.
func (q *queue) add(item *job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxWaiting {
		return fmt.Errorf("%w: %d requests are already waiting for %s", ErrUnavailable, len(q.waiting), q.name)
	}
	if q.senders < cap(q.lane.turns) {
		if err := q.owner.begin(); err != nil {
			return err
		}
		q.senders++
		go guard.Log(q.log, "requests to a model server", func() {
			defer q.owner.running.Done()
			q.send()
		})()
	}
	q.waiting = append(q.waiting, item)
	q.unanswered[item] = struct{}{}
	return nil
}

// send sends waiting jobs until there are none.
func (q *queue) send() {
	for {
		var items []*job
		if err := guard.Call(func() error { items = q.next(); return nil }); err != nil {
			q.failWaiting(err)
			return
		}
		if len(items) == 0 {
			return
		}
		var texts []string
		for _, item := range items {
			texts = append(texts, item.texts...)
		}
		// a request for several callers belongs to the trace of the first
		ctx, cancel := mergedContext(telemetry.Carry(q.owner.ctx, items[0].ctx), items)
		var outcomes []outcome
		err := guard.Call(func() (err error) {
			if outcomes, err = q.embed(ctx, texts); err == nil && len(outcomes) != len(texts) {
				err = fmt.Errorf("%d outcomes for %d texts", len(outcomes), len(texts))
			}
			return err
		})
		cancel()
		q.answer(items, outcomes, err)
	}
}

// answer gives items their outcomes, or err. If one of the items may be the cause of err,
// it queues them again instead, each to be sent alone.
func (q *queue) answer(items []*job, outcomes []outcome, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.owner.ctx.Err() != nil && err != nil {
		err = errClosed
	} else if err != nil && q.separate && len(items) > 1 {
		for _, item := range items {
			item.alone = true
		}
		q.waiting = append(items, q.waiting...)
		return
	}
	for _, item := range items {
		if item.err = err; err == nil {
			item.outcomes, outcomes = outcomes[:len(item.texts)], outcomes[len(item.texts):]
		}
		q.finish(item)
	}
}

// failWaiting gives err to all waiting jobs, when a sender cannot go on.
func (q *queue) failWaiting(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, item := range q.waiting {
		item.err = err
		q.finish(item)
	}
	q.waiting = nil
	q.senders--
}

func (q *queue) finish(item *job) {
	delete(q.unanswered, item)
	close(item.done)
}

// next removes as many waiting jobs as fit into one request, at least one. If it returns
// none, the calling sender must end.
func (q *queue) next() (items []*job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = slices.DeleteFunc(q.waiting, func(item *job) bool {
		if item.err = item.ctx.Err(); item.err == nil {
			return false
		}
		q.finish(item)
		return true
	})
	if len(q.waiting) == 0 {
		q.senders--
		return nil
	}
	n, size, limits := 1, q.waiting[0].size, q.limits()
	for ; n < len(q.waiting) && !q.waiting[n-1].alone && !q.waiting[n].alone; n++ {
		if size = size.plus(q.waiting[n].size); !size.within(limits) {
			break
		}
	}
	items = slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return items
}

// mergedContext returns a context that ends when base ends, when the contexts of all items
// have ended, or at the latest of their deadlines.
func mergedContext(base context.Context, items []*job) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(base)
	var latest time.Time
	waiting := new(atomic.Int64)
	waiting.Store(int64(len(items)))
	stops := make([]func() bool, len(items))
	bounded := true
	for i, item := range items {
		deadline, ok := item.ctx.Deadline()
		bounded = bounded && ok
		if deadline.After(latest) {
			latest = deadline
		}
		stops[i] = context.AfterFunc(item.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel()
			}
		})
	}
	end := cancel
	if bounded {
		ctx, end = context.WithDeadline(ctx, latest)
	}
	return ctx, func() {
		end()
		cancel()
		for _, stop := range stops {
			stop()
		}
	}
}
