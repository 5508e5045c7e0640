package search_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// shelf holds English texts, each a document of one passage. It implements the methods that
// a search by words calls. The embedded interfaces stand for all others.
type shelf struct {
	search.TermIndex
	search.BothIndexes
	search.PassageReader
	search.Spaces
	texts []string
}

var english = space.Terms{Languages: []string{"en"}}

// Stored implements search.Spaces.
func (shelf) Stored(context.Context, string, string) (space.Space, error) {
	return space.Space{ID: "words", Terms: english}, nil
}

// Asked implements search.Calibrator.
func (shelf) Asked(context.Context, space.Space, string) bool { return false }

// CountingOnce implements search.BothIndexes.
func (shelf) CountingOnce(ctx context.Context, _ document.Filter) context.Context { return ctx }

// TermCounts implements search.TermIndex.
func (s shelf) TermCounts(context.Context, space.Space, map[string][]int32) (map[string]lexical.Counts, error) {
	counts := lexical.Counts{Passages: len(s.texts), Holding: map[int32]int{}}
	for i := range s.texts {
		for _, id := range s.passageTerms(i).IDs {
			counts.Holding[id]++
		}
	}
	return map[string]lexical.Counts{"en": counts}, nil
}

// Matches implements search.TermIndex.
func (s shelf) Matches(_ context.Context, _ space.Space, queries map[string]lexical.Query, _ document.Filter, _ int) (list []document.Match, incomplete bool, err error) {
	scorer := queries["en"].Scorer()
	for i := range s.texts {
		terms := s.passageTerms(i)
		if score := scorer.Score(terms.IDs, terms.Weights); score > 0 {
			list = append(list, document.Match{PassageKey: document.PassageKey{Document: fmt.Sprint(i)}, Language: "en", Score: score})
		}
	}
	return list, false, nil
}

// PassageTerms implements search.TermIndex.
func (s shelf) PassageTerms(_ context.Context, _ space.Space, _ map[string]lexical.Query, keys []document.PassageKey) (map[document.PassageKey]document.PassageTerms, error) {
	found := map[document.PassageKey]document.PassageTerms{}
	for _, key := range keys {
		found[key] = s.passageTerms(s.index(key))
	}
	return found, nil
}

// Hits implements search.PassageReader.
func (s shelf) Hits(_ context.Context, _ space.Space, _, _ []float32, keys []document.PassageKey) (hits []document.Hit, err error) {
	for _, key := range keys {
		text := s.texts[s.index(key)]
		whole := document.NewRangeCounter(text).Range(0, len(text))
		hits = append(hits, document.Hit{
			Document: document.Document{ID: key.Document},
			Passage:  document.Passage{LanguageCode: "en", Text: text, Range: whole},
		})
	}
	return hits, nil
}

func (shelf) index(key document.PassageKey) (i int) {
	_, _ = fmt.Sscan(key.Document, &i)
	return i
}

func (s shelf) passageTerms(i int) document.PassageTerms {
	const averageLength = 5
	terms := lexical.Terms(s.texts[i], "en")
	weights := lexical.Weights(terms, averageLength)
	found := document.PassageTerms{Language: "en", IDs: slices.Sorted(maps.Keys(weights)), Length: len(terms)}
	for _, id := range found.IDs {
		found.Weights = append(found.Weights, weights[id])
	}
	return found
}

// Narrow returns the filter unchanged: the shelf has too few texts to gain by it.
func (s shelf) Narrow(_ context.Context, _ space.Space, f document.Filter) (document.Filter, bool, error) {
	return f, true, nil
}

// A Searcher needs only the parts that its searches use: a search by words needs no
// vectors.
func ExampleSearcher_Search() {
	s := shelf{texts: []string{
		"Both sides agreed to build a port at Chancay.",
		"The ministers met in Lima.",
		"Ports and railways were the subject of the talks.",
	}}
	searcher := search.New(search.Config{
		Terms: s, Both: s, Passages: s, Spaces: s, Calibrator: s, QueryCacheSize: 10, Logger: slog.Default(),
	})
	answer, err := searcher.Search(context.Background(), search.Request{
		Query: "Chancay port", Language: "en", Mode: search.ModeLexical, Limit: 10,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hit := range answer.Hits {
		fmt.Println(hit.LexicalRank, hit.Passage.Text)
		for _, r := range hit.MatchedTerms {
			fmt.Println("  matched:", hit.Passage.Text[r.StartByte:r.EndByte])
		}
	}
	// Output:
	// 1 Both sides agreed to build a port at Chancay.
	//   matched: port
	//   matched: Chancay
	// 2 Ports and railways were the subject of the talks.
	//   matched: Ports
}
