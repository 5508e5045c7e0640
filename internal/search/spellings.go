package search

import "github.com/accord-search/accord/internal/lexical"

// respelt returns the other spellings of a word of a query.
func respelt(asked []lexical.Term, word lexical.Term) (ids []int32) {
	for _, t := range asked {
		if t.Respelt && t.Start == word.Start && t.End == word.End {
			ids = append(ids, t.ID())
		}
	}
	return ids
}

// mostHolding returns the highest number of passages that hold a word or one of its wider terms,
// given the number for each term.
func mostHolding(holding func(int32) int, w queryWord) int {
	most := holding(w.id)
	for _, id := range w.wider {
		most = max(most, holding(id))
	}
	return most
}
