package search

// limitPerDocument keeps the first passages of each document, at most limit each. It
// keeps all if limit is 0.
func limitPerDocument(list []ranked, limit int) []ranked {
	if limit == 0 {
		return list
	}
	taken := map[string]int{}
	kept := list[:0]
	for _, r := range list {
		if taken[r.Document]++; taken[r.Document] <= limit {
			kept = append(kept, r)
		}
	}
	return kept
}
