package search

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// citation holds the parts of a passage that answer the query, and the passages around it.
// All ranges are relative to the document's text.
type citation struct {
	// Highlights are the sentences that answer best. There are none if the query has no
	// vector.
	Highlights []document.TextRange
	// MatchedTerms are the ranges of the query's terms.
	MatchedTerms []document.TextRange
	// Previous and Next are the passages before and after it, in document order.
	Previous, Next []document.Passage
}

// cite adds citations to the hits of a page. A hit whose document was replaced after the
// hit was read gets neither highlights nor neighbours.
func (s *Searcher) cite(ctx context.Context, sp space.Space, req Request, hits []Hit) (err error) {
	ctx, stage := telemetry.Start(ctx, telemetry.SearchCite)
	defer func() { stage.End(err) }()
	found := make([]document.Hit, len(hits))
	for i := range hits {
		found[i] = hits[i].Hit
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(guard.Func(func() error { // takes about as long as reading the neighbours
		asked := map[string]map[string]bool{} // the query's terms in each language
		for i, h := range found {
			language := h.Passage.LanguageCode
			if asked[language] == nil {
				asked[language] = soughtTerms(req.Query, s.caches.queryTerms(req.Query, language))
			}
			hits[i].MatchedTerms = matchedTerms(h.Passage, s.caches.passageTerms(h.Passage), asked[language])
			if hits[i].Compared {
				hits[i].Highlights = highlights(h.Passage, h.Nearest)
			}
		}
		return nil
	}))
	if req.Context > 0 && len(hits) > 0 {
		group.Go(guard.Func(func() error {
			around, err := s.cfg.Passages.Neighbours(ctx, sp, found, req.Context)
			for i, list := range around {
				at := slices.IndexFunc(list, func(p document.Passage) bool { return p.Ordinal > found[i].Passage.Ordinal })
				if at < 0 {
					at = len(list)
				}
				hits[i].Previous, hits[i].Next = list[:at], list[at:]
			}
			return err
		}))
	}
	return group.Wait()
}
