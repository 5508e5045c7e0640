package embed

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// maxWaitingQueries bounds the queries in a queue. A caller waits for each, and more
// than these would wait for minutes.
const maxWaitingQueries = 1024

// queue sends queries. Queries that arrive while all turns of its lane are taken are
// sent together in the next request. So many callers cost a server little more than
// one.
type queue struct {
	name   string // server and model, for errors
	lane   *lane
	limits batchLimits
	owner  *owner
	// embed returns one outcome for each text in order.
	embed func(ctx context.Context, texts []string) []outcome

	mu      sync.Mutex
	waiting []*query
	// unanswered holds the queries that are waiting or in flight.
	unanswered map[*query]struct{}
	senders    int // number of running senders, at most one for each turn
}

// query is a text whose caller waits for its vector until ctx ends.
type query struct {
	ctx  context.Context
	text string
	done chan struct{} // closed when outcome is set
	outcome
}

// ask returns the vector of text.
func (q *queue) ask(ctx context.Context, text string) ([]float32, error) {
	start := time.Now()
	inTime, cancel := reserveTime(ctx)
	defer cancel()
	item := &query{ctx: ctx, text: text, done: make(chan struct{})}
	if err := q.add(item); err != nil {
		return nil, err
	}
	select {
	case <-item.done:
		return item.vector, item.err
	case <-inTime.Done():
		return nil, q.lane.timeoutError(ctx, inTime, start, fmt.Errorf("%s has not answered or is busy with earlier queries", q.name))
	}
}

// drain waits until all queries that are waiting or in flight now are answered. It
// does not wait for later ones, so that passages get their turn however many queries
// arrive.
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

// add queues item, and starts a sender if there is a free turn.
func (q *queue) add(item *query) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxWaitingQueries {
		return fmt.Errorf("%w: %d queries are already waiting for %s", ErrUnavailable, len(q.waiting), q.name)
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

// send answers waiting queries until there are none.
func (q *queue) send() {
	for {
		items, texts := q.next()
		if len(items) == 0 {
			return
		}
		ctx, cancel := mergedContext(q.owner.ctx, items)
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

// next takes as many waiting queries as fit into one request. If there are none, the
// calling sender must end.
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

// mergedContext returns a context that ends with base, when the contexts of all items
// have ended, or at the latest of their deadlines.
func mergedContext(base context.Context, items []*query) (context.Context, context.CancelFunc) {
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
