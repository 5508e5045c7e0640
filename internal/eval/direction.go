package eval

import (
	"slices"

	"github.com/accord-search/accord/internal/document"
)

// Direction is a pair of languages, as primary subtags: the language of queries and the
// language of passages.
type Direction struct{ From, To string }

// String returns a direction such as "en-zh".
func (d Direction) String() string { return d.From + "-" + d.To }

// Directions returns the judgements of Pool by direction. It leaves out judgements of
// queries or passages that are not in the set.
func (s *Set) Directions() map[Direction]Qrels {
	from, to := s.queryLanguages(), s.passageLanguages()
	out := map[Direction]Qrels{}
	for query, grades := range s.Judgements[Pool] {
		for passage, grade := range grades {
			d := Direction{from[query], to[passage]}
			if d.From == "" || d.To == "" {
				continue
			}
			if out[d] == nil {
				out[d] = Qrels{}
			}
			out[d].add(query, passage, grade)
		}
	}
	return out
}

// otherLanguage returns the judgements of Pool for answers in another language than their
// query.
func (s *Set) otherLanguage() Qrels {
	out := Qrels{}
	for d, qrels := range s.Directions() {
		if d.From == d.To {
			continue
		}
		for query, grades := range qrels {
			for passage, grade := range grades {
				out.add(query, passage, grade)
			}
		}
	}
	return out
}

// OwnLanguage returns, for each query language, the share of passages in that language
// among the first ten of its judged queries.
func (s *Set) OwnLanguage(run Run[string]) map[string]float64 {
	from, to := s.queryLanguages(), s.passageLanguages()
	own, all := map[string]float64{}, map[string]float64{}
	for query := range s.Judgements[Pool] {
		language := from[query]
		for _, passage := range run[query][:min(10, len(run[query]))] {
			all[language]++
			if to[passage] == language {
				own[language]++
			}
		}
	}
	for language, n := range all {
		all[language] = own[language] / n
	}
	return all
}

// WithoutOwn returns a run without the passages that are in their query's language.
func (s *Set) WithoutOwn(run Run[string]) Run[string] {
	from, to := s.queryLanguages(), s.passageLanguages()
	out := make(Run[string], len(run))
	for query, passages := range run {
		out[query] = slices.DeleteFunc(slices.Clone(passages), func(id string) bool { return to[id] == from[query] })
	}
	return out
}

// Cut returns a run with only the passages in one language.
func (s *Set) Cut(run Run[string], language string) Run[string] {
	in := s.passageLanguages()
	out := make(Run[string], len(run))
	for query, passages := range run {
		out[query] = slices.DeleteFunc(slices.Clone(passages), func(id string) bool { return in[id] != language })
	}
	return out
}

func (s *Set) queryLanguages() map[string]string {
	out := make(map[string]string, len(s.Queries))
	for _, q := range s.Queries {
		out[q.ID] = document.PrimarySubtag(q.Language)
	}
	return out
}

func (s *Set) passageLanguages() map[string]string {
	out := make(map[string]string, len(s.Passages))
	for _, p := range s.Passages {
		out[p.ID] = document.PrimarySubtag(p.Language)
	}
	return out
}
