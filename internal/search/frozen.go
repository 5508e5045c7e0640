package search

import (
	"context"
	"errors"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// ErrExpired says that a list was found in a space that is no longer searched.
var ErrExpired = errors.New("the space that this list was found in is no longer searched; start at the first page")

// List is what a search found, in its order, for pages to be read from: nothing
// that is written later changes it. It depends on no page's size.
type List struct {
	// SpaceID and Generation are what was searched, the latter of its calibration.
	SpaceID    string
	Generation int
	// Language is the primary subtag of the query's language, language.Unknown
	// where it could not be told.
	Language string
	// Candidates is how many passages were compared with each other.
	Candidates int
	// Degraded says what went wrong with a leg that should have found passages.
	Degraded []Degradation
	// Confidence says how sure it is that something compared answers.
	Confidence Confidence
	// Counterparts are the best passage and its translations.
	Counterparts []Counterpart
	// PossiblyIncomplete says that a leg may have missed passages that the filter
	// lets through.
	PossiblyIncomplete bool
	// UnmatchedPhrases are those that the query quotes and no passage was found to
	// hold.
	UnmatchedPhrases []string
	// Entries are at most MaxEntries.
	Entries []Entry
}

// Entry is a passage of a list.
type Entry struct {
	document.PassageKey
	Scores
	// Copies are the passages that say the same and would stand further down, best
	// first, at most MaxCopies.
	Copies []document.PassageKey
}

// shape makes the list of what is shown of ranked candidates: what the request
// does not want is left out, and the order is its own. What it leaves does not
// depend on the page that is asked for.
func (s *Searcher) shape(ctx context.Context, sp space.Space, req Request, found finding, counterparts []Counterpart) (entries []Entry, err error) {
	list := found.list
	if !req.KeepDuplicates {
		list = s.collapse(ctx, sp, found)
	}
	if req.GroupTranslations {
		list = underFirst(list, counterparts)
	}
	list = firstOfEach(list, req.MaxPerDocument)
	if list, err = s.diversify(ctx, sp, list, req.Diversity); err != nil {
		return nil, err
	}
	if req.Policy == PolicyBalanced { // last, so that what it promises holds
		list = balance(list)
	}
	entries = make([]Entry, min(MaxEntries, len(list)))
	for i := range entries {
		entries[i] = Entry{PassageKey: list[i].PassageKey, Scores: list[i].Scores, Copies: list[i].Copies}
	}
	return entries, nil
}

// resume goes on with a list that an earlier search gave. The vector is the
// query's, nil where the list was made without, or where there is none now.
func (s *Searcher) resume(ctx context.Context, sp space.Space, req Request, out *Response) (vector []float32, err error) {
	if req.List.SpaceID != sp.ID {
		return nil, ErrExpired
	}
	out.List, out.Degraded = *req.List, slices.Clone(req.List.Degraded)
	if !slices.ContainsFunc(out.Entries, func(e Entry) bool { return e.DenseRank > 0 }) {
		return nil, nil
	}
	var watch stopwatch
	watch.start()
	vector, err = s.vectors.of(ctx, sp, req.Query)
	out.Timing.Embed = watch.lap()
	if errors.Is(err, ErrNoVector) && req.OnFailure == OnFailureLexical && ctx.Err() == nil {
		s.degrade(ctx, out, EmbedderUnavailable, err)
		return nil, nil
	}
	return vector, err
}

// pageQuery is the vector of a query as the model made it and as it was centred; both
// nil where there is none.
type pageQuery struct{ vector, centred []float32 }

// centred returns the vector of a query as it is compared with passages.
func (s *Searcher) centred(ctx context.Context, sp space.Space, req Request, tongue string, vector []float32) ([]float32, error) {
	if vector == nil {
		return nil, nil
	}
	calibration, err := s.calibrations.of(ctx, sp)
	if err != nil {
		return nil, err
	}
	return calibration.Query(vector, tongue, shortness(req.Query)), nil
}

// page reads a list's passages from its start until there are limit. Those
// deleted since are left out, and others read in their place. next is where the
// next page starts.
func (s *Searcher) page(ctx context.Context, sp space.Space, asked pageQuery, list []Entry, limit int) (hits []Hit, next int, err error) {
	for size := limit; len(hits) < limit && next < len(list); size *= 2 { // where many are gone, few questions
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
