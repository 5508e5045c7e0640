package maintenance

import (
	"context"

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
	// minChange is the minimum change in the number of a language's passages after which a
	// large corpus is calibrated again.
	minChange = 100
)

// outgrown reports whether a corpus needs a new calibration. counts is the number of
// passages in each language now, and calibrated that of the current calibration. A new one
// is needed if a language grew or shrank by at least half. In a small corpus, where
// calibrating is cheap, any change in a small language is enough.
func outgrown(calibrated, counts map[string]int) bool {
	large := isLarge(counts)
	for language := range union(calibrated, counts) {
		before, now := calibrated[language], counts[language]
		change := max(before-now, now-before)
		switch {
		case change == 0:
		case !large && min(before, now) < smallLanguage:
			return true
		case large && change < minChange:
		case 2*change >= before:
			return true
		}
	}
	return false
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
	if !outgrown(calibrated, counts) {
		if stale, err := k.store.Stale(ctx, sp); err != nil || !stale {
			return err
		}
	}
	if err := k.prepareAll(ctx, sp, counts); err != nil {
		// This generation is built without the reference texts; the next one may have them.
		k.log.WarnContext(ctx, "reference texts not embedded", "space", sp.Name(), "error", err)
	}
	_, err = k.store.Recalibrate(ctx, sp)
	return err
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
