package eval

import "github.com/accord-search/accord/internal/document"

// Placed counts queries by the rank of their first answer.
type Placed struct {
	Queries    int `json:"queries"` // number of queries that have an answer
	First      int `json:"first"`
	FirstThree int `json:"first_three"` // includes First
}

// Placements holds counts for the queries of a set.
type Placements struct {
	All Placed `json:"all"`
	// OwnLanguage counts queries with at least one answer in their own language.
	OwnLanguage Placed `json:"own_language"`
	// Kinds counts the queries of each kind. It leaves out queries without a kind.
	Kinds map[string]Placed `json:"kinds,omitempty"`
}

// Placements counts queries by the rank that their first answer in Pool has in a run.
func (s *Set) Placements(run Run[string]) Placements {
	to := s.passageLanguages()
	p := Placements{Kinds: map[string]Placed{}}
	for _, q := range s.Queries {
		answers := s.Judgements[Pool][q.ID]
		if len(answers) == 0 {
			continue
		}
		rank := rankOf(answers, run[q.ID])
		p.All = p.All.with(rank)
		for id := range answers {
			if to[id] == document.PrimarySubtag(q.Language) {
				p.OwnLanguage = p.OwnLanguage.with(rank)
				break
			}
		}
		if q.Kind != "" {
			p.Kinds[q.Kind] = p.Kinds[q.Kind].with(rank)
		}
	}
	return p
}

// rankOf returns the rank of the first answer, from 1, or 0 if there is none.
func rankOf(answers map[string]int, found []string) int {
	for i, id := range found {
		if answers[id] > 0 {
			return i + 1
		}
	}
	return 0
}

// with returns the counts after adding a query whose first answer has this rank.
func (p Placed) with(rank int) Placed {
	p.Queries++
	if rank == 1 {
		p.First++
	}
	if 1 <= rank && rank <= 3 {
		p.FirstThree++
	}
	return p
}
