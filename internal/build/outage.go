package build

import (
	"sync"
	"time"
)

const (
	// firstOutagePause is how long a collection is left alone whose model server fails;
	// twice as long each time that it still does, up to maxOutagePause.
	firstOutagePause = 2 * time.Second
	maxOutagePause   = time.Minute
	// forgetOutage is when an outage is forgotten that nobody met again: its documents
	// or the collection are gone, or another server is at them.
	forgetOutage = time.Hour
)

// outages are the collections whose documents cannot be embedded now.
type outages struct {
	first time.Duration // firstOutagePause but for tests

	mu sync.Mutex
	of map[string]*outage // by collection
}

type outage struct {
	pause time.Duration
	until time.Time
	// tried says that a worker finds out whether it goes on: the others may have
	// collections of servers that are well.
	tried bool
}

// try notes that documents of a collection are tried.
func (o *outages) try(collection string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known := o.of[collection]; known != nil {
		known.tried = true
	}
}

// resting returns the collections that are to be left alone.
func (o *outages) resting() (resting []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for collection, outage := range o.of {
		switch {
		case outage.tried || time.Now().Before(outage.until):
			resting = append(resting, collection)
		case time.Since(outage.until) > forgetOutage:
			delete(o.of, collection)
		}
	}
	return resting
}

// add notes that a collection's documents could not be embedded, and returns for how
// long they are to be left alone, and whether that is news.
func (o *outages) add(collection string) (pause time.Duration, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.of[collection]
	if known == nil {
		known = &outage{pause: o.first}
		o.of[collection], first = known, true
	} else if time.Now().After(known.until) { // another worker met the same one
		known.pause = min(2*known.pause, maxOutagePause)
	}
	known.until, known.tried = time.Now().Add(known.pause), false
	return known.pause, first
}

// end reports whether a collection had an outage, which has ended.
func (o *outages) end(collection string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.of[collection] != nil
	delete(o.of, collection)
	return known
}
