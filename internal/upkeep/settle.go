package upkeep

import (
	"cmp"
	"context"
	"time"

	"github.com/accord-search/accord/internal/space"
)

// Settle waits so long at most for a collection to be calibrated, and so much longer
// for each passage of an import: on a small machine that is busy a generation takes
// a tenth of it.
const (
	settleLeast   = 10 * time.Second
	settlePassage = 10 * time.Millisecond
)

// Settle has a collection that was written to look as it will look once the
// background work is done, so that what follows an import does not depend on
// how fast that is. A large collection is left to the background, as is one that
// takes longer than an import of so many passages should wait, or half of what ctx's
// deadline leaves: settled is false then, and the work goes on.
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
	err = k.begin(func(ctx context.Context) {
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

// settle does what Settle is for; false if it is left to the background. It waits for
// others that keep the collection as long as waiting lasts.
func (k *Keeper) settle(ctx, waiting context.Context, collection string) (settled bool, err error) {
	if _, counts, err := k.corpus(ctx, collection); err != nil || isLarge(counts) {
		return false, err
	}
	free, err := k.hold(waiting, collection)
	if err != nil {
		return false, err
	}
	defer free()
	spaces, counts, err := k.corpus(ctx, collection)
	if err != nil {
		return false, err
	}
	err = k.keepActive(ctx, spaces[0], counts)
	return err == nil, err
}

// keep does the housekeeping of a corpus's terms and builds a generation of each
// space that the corpus has outgrown the one in use of.
func (k *Keeper) keep(ctx context.Context, collection string) error {
	free, err := k.hold(ctx, collection)
	if err != nil {
		return err
	}
	defer free()
	spaces, counts, err := k.corpus(ctx, collection)
	if err != nil {
		return err
	}
	if err := k.keepActive(ctx, spaces[0], counts); err != nil {
		return err
	}
	for _, sp := range spaces[1:] {
		if sp.State == space.Building {
			continue // its builder calibrates it when it has all documents
		}
		if err := k.Calibrate(ctx, sp); err != nil {
			return err
		}
	}
	return nil
}

// corpus returns the spaces of a collection, the active one first, and how many
// passages of each language that holds.
func (k *Keeper) corpus(ctx context.Context, collection string) ([]space.Space, map[string]int, error) {
	spaces, err := k.store.Spaces(ctx, collection)
	if err != nil {
		return nil, nil, err
	}
	counts, err := k.store.PassageCounts(ctx, spaces[0])
	return spaces, counts, err
}

func (k *Keeper) keepActive(ctx context.Context, active space.Space, counts map[string]int) error {
	if err := k.store.KeepTerms(ctx, active); err != nil {
		return err
	}
	return k.calibrate(ctx, active, counts)
}

// hold waits until nobody else keeps a collection, and keeps others out until free is
// called.
func (k *Keeper) hold(ctx context.Context, collection string) (free func(), err error) {
	held, _ := k.building.LoadOrStore(collection, make(chan struct{}, 1))
	lock := held.(chan struct{})
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
