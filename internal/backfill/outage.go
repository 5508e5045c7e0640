package backfill

import (
	"sync"
	"time"
)

const (
	// firstOutagePause is how long a collection is skipped after its model server
	// fails. The pause doubles with each further failure, up to maxOutagePause.
	firstOutagePause = 2 * time.Second
	maxOutagePause   = time.Minute
	// forgetOutage is how long an outage is kept if nobody tries again after its pause,
	// because the documents or the collection are gone or another server works on them.
	forgetOutage = time.Hour
)

// outages holds the collections whose documents cannot be embedded now.
type outages struct {
	first time.Duration // firstOutagePause, except in tests

	mu           sync.Mutex
	byCollection map[string]*outage // by collection
}

type outage struct {
	pause time.Duration
	until time.Time
	// tried reports whether a worker is testing whether the outage has ended. Other workers
	// skip the collection meanwhile.
	tried bool
}

// beginTry records that a worker tests if the outage of a collection has ended, and reports
// whether there is one. The worker must call endTry if there is.
func (o *outages) beginTry(collection string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.byCollection[collection]
	if known == nil {
		return false
	}
	known.tried = true
	return true
}

// endTry records that the worker has ended its test, whatever the outcome was.
func (o *outages) endTry(collection string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known := o.byCollection[collection]; known != nil {
		known.tried = false
	}
}

// resting returns the collections to skip.
func (o *outages) resting() (resting []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for collection, outage := range o.byCollection {
		switch {
		case outage.tried || time.Now().Before(outage.until):
			resting = append(resting, collection)
		case time.Since(outage.until) > forgetOutage:
			delete(o.byCollection, collection)
		}
	}
	return resting
}

// add records that documents of a collection could not be embedded. It returns how long to
// skip the collection, and whether this is a new outage.
func (o *outages) add(collection string) (pause time.Duration, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.byCollection[collection]
	if known == nil {
		known = &outage{pause: o.first}
		o.byCollection[collection], first = known, true
	} else if time.Now().After(known.until) { // otherwise another worker has recorded this failure already
		known.pause = min(2*known.pause, maxOutagePause)
	}
	known.until, known.tried = time.Now().Add(known.pause), false
	return known.pause, first
}

// end removes the outage of a collection, and reports whether there was one.
func (o *outages) end(collection string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.byCollection[collection] != nil
	delete(o.byCollection, collection)
	return known
}
