package maintenance

import (
	"cmp"
	"context"
	"time"

	"github.com/accord-search/accord/internal/space"
)

// Settle waits for at most settleLeast, plus settlePassage for each passage of an import.
// On a small, busy machine, a generation takes a tenth of that.
const (
	settleLeast   = 10 * time.Second
	settlePassage = 10 * time.Millisecond
)

// Settle does the pending background work of a collection now, so that searches after an
// import do not depend on when it is done. settled is false if the work continues in the
// background. That happens if the collection is large, or if the work takes longer than an
// import of that size should wait, or than half of the time until ctx's deadline.
func (k *Keeper) Settle(ctx context.Context, collection string, passages int) (settled bool, err error) {
	limit := settleLeast + time.Duration(passages)*settlePassage
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type result struct {
		settled bool
		err     error
	}
	done := make(chan result, 1)
	err = k.startTask(func(ctx context.Context) {
		ok, err := k.settle(ctx, waiting, collection)
		done <- result{ok, err}
	})
	if err != nil {
		return false, err
	}
	select {
	case r := <-done:
		if r.settled {
			return true, nil
		}
		if waiting.Err() == nil {
			err = r.err
		}
	case <-waiting.Done():
	}
	k.Changed(collection)
	return false, cmp.Or(err, ctx.Err())
}

// settle does the work of Settle. settled is false if the work is left to the background.
// If another task maintains the collection, settle waits for it until waiting ends.
func (k *Keeper) settle(ctx, waiting context.Context, collection string) (settled bool, err error) {
	if _, counts, err := k.corpus(ctx, collection); err != nil || isLarge(counts) {
		return false, err
	}
	release, err := k.locks.Acquire(waiting, collection)
	if err != nil {
		return false, err
	}
	defer release()
	spaces, counts, err := k.corpus(ctx, collection)
	if err != nil {
		return false, err
	}
	err = k.maintainActive(ctx, spaces[0], counts)
	return err == nil, err
}

// maintain updates a collection's terms, and builds a new generation for each space
// whose corpus has outgrown its current one.
func (k *Keeper) maintain(ctx context.Context, collection string) error {
	release, err := k.locks.Acquire(ctx, collection)
	if err != nil {
		return err
	}
	defer release()
	spaces, counts, err := k.corpus(ctx, collection)
	if err != nil {
		return err
	}
	if err := k.maintainActive(ctx, spaces[0], counts); err != nil {
		return err
	}
	for _, sp := range spaces[1:] {
		if sp.State == space.Building {
			continue // the builder calibrates it when it has all documents
		}
		if err := k.Calibrate(ctx, sp); err != nil {
			return err
		}
	}
	return nil
}

// corpus returns the spaces of a collection, the active one first, and the number of
// passages of each language in the active one.
func (k *Keeper) corpus(ctx context.Context, collection string) ([]space.Space, map[string]int, error) {
	spaces, err := k.store.Spaces(ctx, collection)
	if err != nil {
		return nil, nil, err
	}
	counts, err := k.store.PassageCounts(ctx, spaces[0])
	return spaces, counts, err
}

func (k *Keeper) maintainActive(ctx context.Context, active space.Space, counts map[string]int) error {
	if err := k.store.KeepTerms(ctx, active); err != nil {
		return err
	}
	return k.calibrate(ctx, active, counts)
}
