package search

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// PassageReader reads passages for display and for rerankers. It leaves out deleted
// passages. See store.Store for the full contract.
type PassageReader interface {
	// Hits returns passages with their documents, in the order of keys. If the vectors of
	// the query are given, the hits have similarities and nearest sentences.
	Hits(ctx context.Context, sp space.Space, vector, centred []float32, keys []document.PassageKey) ([]document.Hit, error)
	// Texts returns passages with only their text, language and ordinal.
	Texts(ctx context.Context, sp space.Space, keys []document.PassageKey) (map[document.PassageKey]document.Passage, error)
	// Values returns the values of fields for passages, and their publish times.
	Values(ctx context.Context, sp space.Space, keys []document.PassageKey, fields []string) (map[document.PassageKey]document.PassageValues, error)
	// Neighbours returns, for each hit, up to n passages before and after it.
	Neighbours(ctx context.Context, sp space.Space, hits []document.Hit, n int) ([][]document.Passage, error)
}

// ErrExpired means that a list belongs to a space that is no longer searched.
var ErrExpired = errors.New("the collection has changed its embedding space since this list was made; start at the first page")

// List is the ordered result of a search, from which pages are read. It does not depend on
// the size of pages, and later writes do not change it.
type List struct {
	// SpaceID and Generation identify the space that was searched and the generation of
	// its calibration.
	SpaceID    string
	Generation int
	// Language is the primary subtag of the query's language, or language.Unknown if it
	// could not be detected.
	Language string
	// Candidates is the number of passages that were compared.
	Candidates int
	// Degraded lists the parts of the search that failed.
	Degraded []Degradation
	// Confidence is the confidence that a passage of the list answers.
	Confidence Confidence
	// Counterparts are the best passage and its translations.
	Counterparts []Counterpart
	// PossiblyIncomplete reports whether a leg may have missed passages that match the
	// filter.
	PossiblyIncomplete bool
	// UnmatchedPhrases are the quoted phrases of the query that no passage was found to
	// contain.
	UnmatchedPhrases []string
	// Entries has at most MaxEntries elements.
	Entries []Entry
}

// Entry is a passage of a list.
type Entry struct {
	document.PassageKey
	Scores
	// Copies are the lower-ranked passages with the same words, best first, at most
	// MaxCopies.
	Copies []document.PassageKey
}

// entries makes the entries of a list from ranked candidates. It applies the request's
// settings for copies, translations, passages per document, diversity, languages and order,
// and counts the entries by its facets. The result does not depend on the page.
func (s *Searcher) entries(ctx context.Context, sp space.Space, req Request, found finding, counterparts []Counterpart) (entries []Entry, facets []Facet, err error) {
	ctx, stage := telemetry.Start(ctx, telemetry.SearchList)
	defer func() { stage.End(err) }()
	list := found.list
	if !req.KeepDuplicates {
		if list, err = s.collapse(ctx, sp, found); err != nil {
			return nil, nil, err
		}
	}
	if req.GroupTranslations {
		list = groupCounterparts(list, counterparts)
	}
	list = limitPerDocument(list, req.MaxPerDocument)
	if list, err = s.diversify(ctx, sp, list, req.Diversity); err != nil {
		return nil, nil, err
	}
	if req.Policy == PolicyBalanced { // last, since later steps would change the shares
		list = balance(list)
	}
	entries = make([]Entry, min(MaxEntries, len(list)))
	for i := range entries {
		entries[i] = Entry{PassageKey: list[i].PassageKey, Scores: list[i].Scores, Copies: list[i].Copies}
	}
	facets, err = s.arrange(ctx, sp, req, entries)
	return entries, facets, err
}

// limitPerDocument keeps the first passages of each document, at most limit of each. If
// limit is 0, it keeps all.
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

// resumeList continues the list of an earlier search. It returns the query's vector, or nil
// if the list was made without one or the model server is unavailable.
func (s *Searcher) resumeList(ctx context.Context, sp space.Space, req Request, _ pageAhead, out *Response) (vector []float32, err error) {
	if req.List.SpaceID != sp.ID {
		return nil, ErrExpired
	}
	out.List, out.Degraded = *req.List, slices.Clone(req.List.Degraded)
	if !slices.ContainsFunc(out.Entries, func(e Entry) bool { return e.DenseRank > 0 }) {
		return nil, nil
	}
	var watch stopwatch
	watch.start()
	vector, err = s.queryVector(ctx, sp, req.Query, new(sync.WaitGroup))
	out.Timing.Embed = watch.lap()
	if errors.Is(err, ErrNoVector) && req.OnFailure == OnFailureLexical && ctx.Err() == nil {
		s.recordDegradation(ctx, out, EmbedderUnavailable, err)
		return nil, nil
	}
	return vector, err
}

// pageQuery holds the vector of a query as made by the model, and centred. Both are nil
// if there is none.
type pageQuery struct{ vector, centred []float32 }

// centredQuery returns the centred vector of a query, or nil if there is no vector.
func (s *Searcher) centredQuery(ctx context.Context, sp space.Space, req Request, queryLanguage string, vector []float32) ([]float32, error) {
	if vector == nil {
		return nil, nil
	}
	calibration, err := s.calibrations.get(ctx, sp)
	if err != nil {
		return nil, err
	}
	return calibration.Query(vector, queryLanguage, shortness(req.Query)), nil
}

// readPage reads the first limit passages of the entries from index 0 on. It skips passages
// that were deleted meanwhile, and reads more instead. next is the index of the first entry
// of the next page.
func (s *Searcher) readPage(ctx context.Context, sp space.Space, query pageQuery, page pageAhead, list []Entry, limit int) (hits []Hit, next int, err error) {
	ctx, stage := telemetry.Start(ctx, telemetry.SearchHits)
	defer func() { stage.End(err) }()
	hits = make([]Hit, 0, min(limit, len(list)))
	for size := limit; len(hits) < limit && next < len(list); size *= 2 { // the size doubles, so that even many deleted passages need few queries
		batch := list[next:min(next+size, len(list))]
		keys := make([]document.PassageKey, len(batch))
		for i, e := range batch {
			keys[i] = e.PassageKey
		}
		found, err := s.readHits(ctx, sp, query, page, keys)
		if err != nil {
			return nil, 0, err
		}
		places := make(map[document.PassageKey]int, len(batch))
		for i, key := range keys {
			places[key] = next + i
		}
		next += len(batch)
		for _, h := range found {
			place := places[document.PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal}]
			if len(hits) == limit {
				return hits, place, nil
			}
			hits = append(hits, Hit{Hit: h, Entry: list[place], Place: place, Compared: query.vector != nil})
		}
	}
	return hits, next, nil
}
