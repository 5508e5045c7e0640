package search

import (
	"context"
	"errors"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// ErrExpired means that a list was made in a space that is no longer searched.
var ErrExpired = errors.New("the collection has changed its embedding space since this list was made; start at the first page")

// List is the ordered result of a search, from which pages are read. It does not depend
// on the size of pages, and later writes do not change it.
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
	// PossiblyIncomplete reports whether a leg may have missed passages that pass the
	// filter.
	PossiblyIncomplete bool
	// UnmatchedPhrases are the quoted phrases of the query that were found in no
	// passage.
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

// entries makes the entries of a list from ranked candidates. It applies what the
// request says about copies, translations, passages per document, diversity and
// languages. The result does not depend on the page.
func (s *Searcher) entries(ctx context.Context, sp space.Space, req Request, found finding, counterparts []Counterpart) (entries []Entry, err error) {
	list := found.list
	if !req.KeepDuplicates {
		list = s.collapse(ctx, sp, found)
	}
	if req.GroupTranslations {
		list = groupCounterparts(list, counterparts)
	}
	list = limitPerDocument(list, req.MaxPerDocument)
	if list, err = s.diversify(ctx, sp, list, req.Diversity); err != nil {
		return nil, err
	}
	if req.Policy == PolicyBalanced { // last, since other steps would break the shares
		list = balance(list)
	}
	entries = make([]Entry, min(MaxEntries, len(list)))
	for i := range entries {
		entries[i] = Entry{PassageKey: list[i].PassageKey, Scores: list[i].Scores, Copies: list[i].Copies}
	}
	return entries, nil
}

// resume continues the list of an earlier search. It returns the query's vector, or nil
// if the list was made without one or the model server is unavailable.
func (s *Searcher) resumeList(ctx context.Context, sp space.Space, req Request, out *Response) (vector []float32, err error) {
	if req.List.SpaceID != sp.ID {
		return nil, ErrExpired
	}
	out.List, out.Degraded = *req.List, slices.Clone(req.List.Degraded)
	if !slices.ContainsFunc(out.Entries, func(e Entry) bool { return e.DenseRank > 0 }) {
		return nil, nil
	}
	var watch stopwatch
	watch.start()
	vector, err = s.vectors.get(ctx, sp, req.Query)
	out.Timing.Embed = watch.lap()
	if errors.Is(err, ErrNoVector) && req.OnFailure == OnFailureLexical && ctx.Err() == nil {
		s.degrade(ctx, out, EmbedderUnavailable, err)
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

// readPage reads the first limit passages of the entries from index 0 on. It skips those
// that were deleted since, and reads more in their place. next is the index of the first
// entry of the next page.
func (s *Searcher) readPage(ctx context.Context, sp space.Space, asked pageQuery, list []Entry, limit int) (hits []Hit, next int, err error) {
	for size := limit; len(hits) < limit && next < len(list); size *= 2 { // doubled, so that many deleted passages take few queries
		batch := list[next:min(next+size, len(list))]
		keys := make([]document.PassageKey, len(batch))
		for i, e := range batch {
			keys[i] = e.PassageKey
		}
		found, err := s.cfg.Store.Hits(ctx, sp, asked.vector, asked.centred, keys)
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
			hits = append(hits, Hit{Hit: h, Entry: list[place], Place: place, Compared: asked.vector != nil})
		}
	}
	return hits, next, nil
}
