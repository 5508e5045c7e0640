package upkeep

const (
	// largeCorpus is how many passages, about 20,000 vectors, take longer to
	// calibrate anew than a caller should wait.
	largeCorpus = 5_000
	// smallLanguage is how many passages of a language let each more or less
	// move its mean: against the background they count n / (n + 100).
	smallLanguage = 200
	// least is how many passages more or less of a language make a large corpus
	// be calibrated anew.
	least = 100
)

// outgrown reports whether a corpus with counts passages in each language needs
// another calibration than that made when it had calibrated: a language grew or
// shrank by half, or, since that costs little in a small corpus, at all while it
// is small.
func outgrown(calibrated, counts map[string]int) bool {
	large := isLarge(counts)
	for language := range union(calibrated, counts) {
		before, now := calibrated[language], counts[language]
		change := max(before-now, now-before)
		switch {
		case change == 0:
		case !large && min(before, now) < smallLanguage:
			return true
		case large && change < least:
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
