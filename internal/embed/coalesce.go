package embed

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// maxWaitingQueries bounds the queries that wait for a turn. Each is a call that
// somebody waits for; so many would wait for minutes.
const maxWaitingQueries = 1024

// queue sends queries. Those that come while all turns of its lane are taken go
// together in the next request, so that many callers cost a server little more
// than one.
type queue struct {
	name   string // of server and model, for errors
	lane   *lane
	limits batchLimits
	owner  *owner
	// embed returns one outcome a text.
	embed func(ctx context.Context, texts []string) []outcome

	mu      sync.Mutex
	waiting []*query
	// unanswered are those waiting and those in flight.
	unanswered map[*query]struct{}
	senders    int // at most one a turn; each ends when nothing waits
}

// query is one text that somebody waits for, for as long as ctx lasts.
type query struct {
	ctx  context.Context
	text string
	done chan struct{} // closed when outcome is set
	outcome
}

// ask returns the vector of text.
func (q *queue) ask(ctx context.Context, text string) ([]float32, error) {
	start := time.Now()
	inTime, cancel := reserve(ctx)
	defer cancel()
	item := &query{ctx: ctx, text: text, done: make(chan struct{})}
	if err := q.add(item); err != nil {
		return nil, err
	}
	select {
	case <-item.done:
		return item.vector, item.err
	case <-inTime.Done():
		return nil, q.lane.late(ctx, inTime, start, fmt.Errorf("%s has not answered, or is busy with queries before this one", q.name))
	}
}

// drain waits until the queries that are in flight or waiting now are answered.
// Those that come later are not waited for, so that passages have their turn
// however many come.
func (q *queue) drain(ctx context.Context) error {
	q.mu.Lock()
	before := make([]*query, 0, len(q.unanswered))
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

// add has item sent, at once if there is a turn.
func (q *queue) add(item *query) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxWaitingQueries {
		return fmt.Errorf("%w: %d queries wait for %s already", ErrUnavailable, len(q.waiting), q.name)
	}
	if q.senders < cap(q.lane.turns) {
		if err := q.owner.begin(); err != nil {
			return err
		}
		q.senders++
		go func() {
			defer q.owner.running.Done()
			q.send()
		}()
	}
	q.waiting = append(q.waiting, item)
	q.unanswered[item] = struct{}{}
	return nil
}

// send answers what waits until nothing does.
func (q *queue) send() {
	for {
		items, texts := q.next()
		if len(items) == 0 {
			return
		}
		ctx, cancel := together(q.owner.ctx, items)
		outcomes := q.embed(ctx, texts)
		cancel()
		q.mu.Lock()
		for i, item := range items {
			item.outcome = outcomes[i]
			if item.err != nil && q.owner.ctx.Err() != nil {
				item.err = errClosed
			}
			delete(q.unanswered, item)
			close(item.done)
		}
		q.mu.Unlock()
	}
}

// next takes as many waiting queries as go into one request; none ends the
// sender that asked.
func (q *queue) next() (items []*query, texts []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var wanted []*query
	for _, item := range q.waiting {
		if item.ctx.Err() != nil {
			item.err = item.ctx.Err()
			delete(q.unanswered, item)
			close(item.done)
			continue
		}
		wanted, texts = append(wanted, item), append(texts, item.text)
	}
	for _, batch := range batches(texts, q.limits) {
		q.waiting = wanted[len(batch):]
		return wanted[:len(batch)], batch
	}
	q.waiting = nil
	q.senders--
	return nil, nil
}

// together returns a context that ends with base, or when the last of those who
// wait for items has gone or must have its answer.
func together(base context.Context, items []*query) (context.Context, context.CancelFunc) {
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
