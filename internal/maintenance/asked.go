package maintenance

import (
	"context"
	"time"

	"github.com/accord-search/accord/internal/referencetexts/shipped"
	"github.com/accord-search/accord/internal/space"
)

const (
	// askedLimit is how long a search waits until its language is prepared. On an idle
	// machine, that takes a tenth of a second.
	askedLimit = 10 * time.Second
	// askedPause is how long searches do not wait for the preparation of their language after a
	// preparation has failed.
	askedPause = time.Minute
)

// Asked prepares a space for queries in a language, if the space's calibration lacks that
// language. If the vectors for that are shipped with Accord, it waits, so that the first
// query in a language has the same relevance as later ones. added reports whether the
// language was added meanwhile. Otherwise Asked only schedules the preparation.
func (k *Keeper) Asked(ctx context.Context, sp space.Space, language string) (added bool) {
	if knows(sp, language) {
		return false
	}
	if k.prepareShipped(ctx, sp, language) {
		return true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked[question{sp.Collection, referenceLanguageOf(language)}] = true
	k.wake()
	return false
}

// prepareShipped prepares a space with vectors that are shipped with Accord, and reports whether
// it is prepared. It takes at most askedLimit, and half of the time until ctx's deadline. It
// does not try if there are no such vectors for the space's model, or if a try failed within
// askedPause.
func (k *Keeper) prepareShipped(ctx context.Context, stored space.Space, language string) (done bool) {
	if failed := k.askedFailed.Load(); failed != nil && time.Since(*failed) < askedPause {
		return false
	}
	limit := askedLimit
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sp, err := k.spaces.Served(limited, stored)
	if err == nil && !shipped.Known(sp.Fingerprint) {
		return false
	}
	if err == nil {
		err = k.Prepare(limited, sp, language)
	}
	if err != nil && ctx.Err() == nil {
		now := time.Now()
		k.askedFailed.Store(&now)
	}
	return err == nil
}
