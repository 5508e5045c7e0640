package search_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// fakes is a store, a model server and the spaces in one.
type fakes struct {
	asked    []string // queries that were embedded
	requests int      // number of calls that embedded them
	// beforeEmbedding, if not nil, is called at the beginning of each of these calls.
	beforeEmbedding func()
	vector          []float32                       // vector of the last call of the store
	near            map[document.PassageKey]float64 // similarities of the passages that vectors find
	far             map[document.PassageKey]float64 // similarities of all other passages
	words           map[document.PassageKey]float64 // BM25 scores of the passages that terms find
	weak            map[document.PassageKey]float64 // BM25 scores of all other passages
	err             error                           // error of the model server
	hangs           bool                            // whether the model server does not answer
	lost            error                           // error of the lexical leg

	skipped, missed bool // whether the list of the dense leg, and of the lexical leg, may be incomplete

	articles []document.Article // articles with the number in the question

	gone      map[document.PassageKey]bool      // passages that were deleted after they were found
	read      []int                             // number of passages in each read of hits
	texts     map[document.PassageKey]string    // texts of passages
	script    string                            // script of the passages of document b
	vectors   map[document.PassageKey][]float32 // vectors of passages
	languages map[document.PassageKey]string    // languages of passages that are not in English
	likeness  map[document.PassageKey]float64   // likeness to the best passage
	noTerms   error                             // error of reading the terms of passages
	signed    func(document.PassageKey) bool    // reports whether a passage has a signature; nil if none has one
	termsRead [][]document.PassageKey           // passages of each call that reads terms

	spaceLanguages []string          // languages of the passages; en and zh if nil
	holding        map[string]string // words that some passage holds, by language
	counted        int               // number of times that terms were counted
	packed         []string          // languages with postings
	matchLimit     int               // limit of the last search by words
	beforeMatching func()            // called at the beginning of each search by words, if not nil

	titles, documents map[string]string // title and text of documents whose names are read
	namesRead         [][]string        // documents of each call that reads names

	lacks  bool // whether the calibration lacks the language of the next question
	stored int  // number of times that the space was read

	reranker search.Reranker // reranks the first two candidates
	ahead    search.Ahead
}

var errDown = errors.New("down")

// Stored implements search.Spaces.
func (f *fakes) Stored(context.Context, string, string) (space.Space, error) {
	f.stored++
	if f.spaceLanguages == nil {
		f.spaceLanguages = []string{"en", "zh"}
	}
	return space.Space{ID: "s", Terms: space.Terms{Languages: f.spaceLanguages, Packed: f.packed}}, nil
}

// Served implements search.Spaces.
func (f *fakes) Served(_ context.Context, sp space.Space) (space.Space, error) {
	sp.WindowTokens = 20
	return sp, nil
}

// EmbedQueries implements search.Embedder. Each vector is at a right angle to the previous
// one.
func (f *fakes) EmbedQueries(ctx context.Context, _ space.Space, texts []string) (vectors [][]float32, errs []error) {
	f.requests++
	if f.beforeEmbedding != nil {
		f.beforeEmbedding()
	}
	for _, text := range texts {
		f.asked = append(f.asked, text)
		vector, err := []float32{0, 0}, f.err
		if f.hangs {
			<-ctx.Done()
			err = ctx.Err()
		}
		vector[len(f.asked)%2] = 1
		vectors, errs = append(vectors, vector), append(errs, err)
	}
	return vectors, errs
}

// Asked implements search.Calibrator. It adds a language that is lacking.
func (f *fakes) Asked(context.Context, space.Space, string) (added bool) {
	added, f.lacks = f.lacks, false
	return added
}

// Calibration implements search.CalibrationSource.
func (f *fakes) Calibration(context.Context, space.Space) (calibrate.Calibration, error) {
	return calibrate.Calibration{}, nil
}

// Nearest implements search.VectorIndex.
func (f *fakes) Nearest(_ context.Context, _ space.Space, vector []float32, _ calibrate.Scales, _ document.Filter, _ int) ([]document.Candidate, bool, error) {
	f.vector = vector
	return f.candidates(f.near), f.skipped, nil
}

// Similarities implements search.VectorIndex.
func (f *fakes) Similarities(_ context.Context, _ space.Space, _ []float32, keys []document.PassageKey) (list []document.Candidate, err error) {
	for _, c := range f.candidates(f.far) {
		if slices.Contains(keys, c.PassageKey) {
			list = append(list, c)
		}
	}
	return list, nil
}

func (f *fakes) candidates(similarities map[document.PassageKey]float64) (list []document.Candidate) {
	for k, s := range similarities {
		c := document.Candidate{PassageKey: k, Language: f.languageOf(k), Passage: s, Window: s}
		if f.signed != nil && f.signed(k) {
			c.Signature = document.SignatureOf(lexical.IDs(lexical.Terms(f.texts[k], "en")))
		}
		list = append(list, c)
	}
	return list
}

// Likeness implements search.VectorIndex.
func (f *fakes) Likeness(context.Context, space.Space, document.PassageKey, []document.PassageKey) (map[document.PassageKey]float64, error) {
	return f.likeness, nil
}

// DocumentTerms implements search.TermIndex. A document holds the terms of its text and of
// its title.
func (f *fakes) DocumentTerms(_ context.Context, _ space.Space, documents []string, terms []int32) (map[string]document.DocumentTerms, error) {
	f.namesRead = append(f.namesRead, documents)
	found := map[string]document.DocumentTerms{}
	for _, id := range documents {
		d := document.DocumentTerms{Title: f.titles[id], Language: "en"}
		for _, term := range lexical.IDs(lexical.Terms(f.documents[id], "en")) {
			if slices.Contains(terms, term) {
				d.IDs = append(d.IDs, term)
			}
		}
		found[id] = d
	}
	return found, nil
}

// Narrow implements search.BothIndexes.
func (f *fakes) Narrow(_ context.Context, _ space.Space, filter document.Filter) (document.Filter, bool, error) {
	return filter, true, nil
}

// CountingOnce implements search.BothIndexes.
func (f *fakes) CountingOnce(ctx context.Context, _ document.Filter) context.Context { return ctx }

func (f *fakes) languageOf(k document.PassageKey) string {
	if language, ok := f.languages[k]; ok {
		return language
	}
	return "en"
}

// TermCounts implements search.TermIndex.
func (f *fakes) TermCounts(context.Context, space.Space, map[string][]int32) (map[string]lexical.Counts, error) {
	f.counted++
	counts := map[string]lexical.Counts{}
	for language, words := range f.holding {
		counts[language] = lexical.Counts{Passages: 9, Holding: map[int32]int{}}
		for _, id := range lexical.IDs(lexical.Terms(words, language)) {
			counts[language].Holding[id] = 1
		}
	}
	return counts, f.lost
}

// Matches implements search.TermIndex.
func (f *fakes) Matches(_ context.Context, _ space.Space, _ map[string]lexical.Query, _ document.Filter, limit int) ([]document.Match, bool, error) {
	f.matchLimit = limit
	if f.beforeMatching != nil {
		f.beforeMatching()
	}
	var list []document.Match
	for k, s := range f.words {
		list = append(list, document.Match{PassageKey: k, Language: f.languageOf(k), Score: s})
	}
	return list, f.missed, f.lost
}

// Hits implements search.PassageReader.
func (f *fakes) Hits(_ context.Context, _ space.Space, _, _ []float32, keys []document.PassageKey) ([]document.Hit, error) {
	f.read = append(f.read, len(keys))
	var hits []document.Hit
	for _, k := range keys {
		if !f.gone[k] {
			hits = append(hits, document.Hit{
				Document: document.Document{ID: k.Document}, Passage: document.Passage{Ordinal: k.Ordinal, Text: f.texts[k], LanguageCode: "en"},
			})
		}
	}
	for i, h := range hits {
		if h.Document.ID == "b" {
			hits[i].Passage.LanguageCode += f.script
		}
	}
	return hits, nil
}

// PassageTerms implements search.TermIndex.
func (f *fakes) PassageTerms(_ context.Context, _ space.Space, _ map[string]lexical.Query, keys []document.PassageKey) (map[document.PassageKey]document.PassageTerms, error) {
	f.termsRead = append(f.termsRead, keys)
	found := map[document.PassageKey]document.PassageTerms{}
	for _, k := range keys {
		terms := lexical.Terms(f.texts[k], "en")
		weights := lexical.Weights(terms, 20)
		p := document.PassageTerms{Language: "en", IDs: slices.Sorted(maps.Keys(weights)), Length: len(terms), Score: f.weak[k]}
		for _, id := range p.IDs {
			p.Weights = append(p.Weights, weights[id])
		}
		found[k] = p
	}
	return found, errors.Join(f.noTerms, f.lost)
}

// Texts implements search.PassageReader.
func (f *fakes) Texts(ctx context.Context, sp space.Space, keys []document.PassageKey) (map[document.PassageKey]document.Passage, error) {
	read := f.read
	hits, err := f.Hits(ctx, sp, nil, nil, keys)
	f.read = read
	found := map[document.PassageKey]document.Passage{}
	for _, h := range hits {
		found[document.PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal}] = h.Passage
	}
	return found, err
}

// PassageVectors implements search.VectorIndex.
func (f *fakes) PassageVectors(context.Context, space.Space, []document.PassageKey) (map[document.PassageKey][]float32, error) {
	return f.vectors, nil
}

// Articles implements search.TermIndex.
func (f *fakes) Articles(context.Context, space.Space, []int32, []int32, document.Filter) ([]document.Article, error) {
	return f.articles, nil
}

// TermsAndSimilarities implements search.BothIndexes.
func (f *fakes) TermsAndSimilarities(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey, vector []float32, far []document.PassageKey) (map[document.PassageKey]document.PassageTerms, []document.Candidate, error) {
	terms, err := f.PassageTerms(ctx, sp, queries, keys)
	if err != nil {
		return nil, nil, err
	}
	list, err := f.Similarities(ctx, sp, vector, far)
	return terms, list, err
}

// Values implements search.PassageReader. No passage has a value.
func (f *fakes) Values(context.Context, space.Space, []document.PassageKey, []string) (map[document.PassageKey]document.PassageValues, error) {
	return nil, nil
}

// Neighbours implements search.PassageReader.
func (f *fakes) Neighbours(_ context.Context, _ space.Space, hits []document.Hit, n int) ([][]document.Passage, error) {
	around := make([][]document.Passage, len(hits))
	for i, h := range hits {
		for ordinal := max(0, h.Passage.Ordinal-n); ordinal <= h.Passage.Ordinal+n; ordinal++ {
			if ordinal != h.Passage.Ordinal {
				around[i] = append(around[i], document.Passage{Ordinal: ordinal})
			}
		}
	}
	return around, nil
}

func (f *fakes) searcher() *search.Searcher {
	return search.New(search.Config{
		Vectors: f, Terms: f, Both: f, Passages: f, Calibrations: f,
		Spaces: f, Embedder: f, Calibrator: f, VectorTimeout: 50 * time.Millisecond, QueryCacheSize: 2,
		Reranker: f.reranker, RerankCandidates: 2, Ahead: f.ahead,
		Unavailable: func(err error) bool { return errors.Is(err, errDown) }, Logger: slog.New(slog.DiscardHandler),
	})
}
