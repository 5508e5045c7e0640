package eval

// Placed counts queries by where the first of their answers stands.
type Placed struct {
	Queries    int `json:"queries"` // that have an answer
	First      int `json:"first"`
	FirstThree int `json:"first_three"` // those of First included
}

// Placements are counts of the queries of a set.
type Placements struct {
	All Placed `json:"all"`
	// OwnLanguage counts queries with at least one answer in their own language.
	OwnLanguage Placed `json:"own_language"`
	// Kinds counts those of each kind; those without a kind are in none.
	Kinds map[string]Placed `json:"kinds,omitempty"`
}

// Placements counts where a run has the answers of Pool.
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
			if to[id] == Primary(q.Language) {
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

// rankOf returns where the first of the answers stands, from 1; 0 if none is there.
func rankOf(answers map[string]int, found []string) int {
	for i, id := range found {
		if answers[id] > 0 {
			return i + 1
		}
	}
	return 0
}

// with returns the counts with those of a query whose answer stands at rank.
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
