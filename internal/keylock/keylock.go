// Package keylock provides one lock for each key, such as one for each collection.
package keylock

import (
	"context"
	"sync"
)

// Locks is a set of locks, one for each key. A key takes memory only while somebody holds
// its lock or waits for it. The zero value is ready for use. Locks is safe for concurrent
// use.
type Locks struct {
	mu    sync.Mutex
	byKey map[string]*lock
}

type lock struct {
	held  chan struct{} // full while the lock is held
	users int           // number of goroutines that hold the lock or wait for it
}

// Acquire takes the lock of a key. It waits until nobody holds it or ctx ends. The holder
// must call release once.
func (l *Locks) Acquire(ctx context.Context, key string) (release func(), err error) {
	own := l.use(key)
	select {
	case own.held <- struct{}{}:
		return func() {
			<-own.held
			l.leave(key, own)
		}, nil
	case <-ctx.Done():
		l.leave(key, own)
		return nil, ctx.Err()
	}
}

// Len returns the number of keys whose lock is held or waited for.
func (l *Locks) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.byKey)
}

func (l *Locks) use(key string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.byKey[key]
	if own == nil {
		if l.byKey == nil {
			l.byKey = map[string]*lock{}
		}
		own = &lock{held: make(chan struct{}, 1)}
		l.byKey[key] = own
	}
	own.users++
	return own
}

func (l *Locks) leave(key string, own *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(l.byKey, key)
	}
}
