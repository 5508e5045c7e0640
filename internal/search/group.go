package search

// firstOfEach leaves at most so many passages of each document, the first ones;
// all where most is 0.
func firstOfEach(list []ranked, most int) []ranked {
	if most == 0 {
		return list
	}
	taken := map[string]int{}
	kept := list[:0]
	for _, r := range list {
		if taken[r.Document]++; taken[r.Document] <= most {
			kept = append(kept, r)
		}
	}
	return kept
}
