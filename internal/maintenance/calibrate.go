package maintenance

import (
	"context"
	"time"

	"github.com/accord-search/accord/internal/space"
)

const (
	// largeCorpus is the number of passages (about 20,000 vectors) above which calibrating
	// takes longer than a caller should wait.
	largeCorpus = 5_000
	// smallLanguage is the number of passages of a language below which each additional
	// passage moves the language's mean noticeably. n passages have the weight n / (n +
	// 100), the reference texts have the rest.
	smallLanguage = 200
	// minChange is the minimum number of changed passages of a language after which a large
	// corpus is calibrated again.
	minChange = 100
	// A new calibration is needed if one in largeShare passages of a language changed. In a
	// small corpus, where calibrating is cheap, one in smallShare of a small language is
	// enough.
	largeShare = 2
	smallShare = 10
)

// outgrown reports whether a corpus needs a new calibration. counts is the number of
// passages in each language now, and calibrated that of the current calibration; written is
// how many of counts were written since. A new one is needed if at least half of a language
// was added, removed or replaced. In a small corpus, less is enough in a small language: one
// passage more or less, or a tenth of them replaced.
func outgrown(calibrated, counts, written map[string]int) bool {
	large := isLarge(counts)
	for language := range union(calibrated, counts) {
		before, now := calibrated[language], counts[language]
		small := !large && min(before, now) < smallLanguage
		if small && before != now {
			return true
		}
		changed := changedPassages(before, now, written[language])
		if changed == 0 || large && changed < minChange {
			continue
		}
		if changed*largeShare >= before || small && changed*smallShare >= before {
			return true
		}
	}
	return false
}

// changedPassages returns how many passages were added or how many were removed, whichever is
// more. before is the earlier number of passages, now the present one, and written is the
// number of new ones among them. written does not count passages that were stored before
// migration 0016.
func changedPassages(before, now, written int) int {
	removed := before - (now - written)
	return max(written, removed, now-before)
}

func isLarge(counts map[string]int) bool {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total >= largeCorpus
}

func union(a, b map[string]int) map[string]bool {
	keys := make(map[string]bool, len(a)+len(b))
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}

// Calibrate builds a new generation for a space, active or not, if its corpus has
// outgrown the current one.
func (k *Keeper) Calibrate(ctx context.Context, sp space.Space) error {
	counts, err := k.store.PassageCounts(ctx, sp)
	if err != nil {
		return err
	}
	return k.calibrate(ctx, sp, counts)
}

func (k *Keeper) calibrate(ctx context.Context, sp space.Space, counts map[string]int) error {
	calibrated, err := k.store.CalibratedCounts(ctx, sp)
	if err != nil {
		return err
	}
	if needed, err := k.needsCalibration(ctx, sp, calibrated, counts); err != nil || !needed {
		return err
	}
	if err := k.prepareAll(ctx, sp, counts); err != nil {
		// This generation is built without the reference texts; the next one may have them.
		k.log.WarnContext(ctx, "reference texts not embedded", "space", sp.Name(), "error", err)
	}
	built, err := k.store.Recalibrate(ctx, sp)
	if err == nil && !built {
		k.checkLater(sp.Collection)
	}
	return err
}

// needsCalibration reports whether a space needs a new generation. It counts the passages
// that were written since only if the numbers of passages do not show it already.
func (k *Keeper) needsCalibration(ctx context.Context, sp space.Space, calibrated, counts map[string]int) (bool, error) {
	if outgrown(calibrated, counts, nil) {
		return true, nil
	}
	written, err := k.store.WrittenCounts(ctx, sp)
	if err != nil {
		return false, err
	}
	if outgrown(calibrated, counts, written) {
		return true, nil
	}
	return k.store.Stale(ctx, sp)
}

// builderPause is the time after which a collection is checked again if another server was
// building a generation. It is longer than the time after which a server that died no longer
// counts as building.
const builderPause = 65 * time.Second

// checkLater maintains a collection again after builderPause, since the server that builds its
// generation may die.
func (k *Keeper) checkLater(collection string) {
	k.mu.Lock()
	waits := k.later[collection]
	k.later[collection] = true
	k.mu.Unlock()
	if waits {
		return
	}
	_ = k.startTask(func(ctx context.Context) { // a closed keeper does nothing
		select {
		case <-ctx.Done():
		case <-time.After(builderPause):
		}
		k.mu.Lock()
		delete(k.later, collection)
		k.mu.Unlock()
		k.Changed(collection)
	})
}

// prepareAll prepares a space for the languages of its corpus. This is needed after the
// language of documents was changed.
func (k *Keeper) prepareAll(ctx context.Context, stored space.Space, counts map[string]int) error {
	for language := range counts {
		if knows(stored, language) {
			continue
		}
		sp, err := k.spaces.Served(ctx, stored)
		if err != nil {
			return err
		}
		if err := k.Prepare(ctx, sp, language); err != nil {
			return err
		}
	}
	return nil
}
