package search

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// citation says where in a passage the answer stands, and what stands around it.
// All ranges are into the document's text.
type citation struct {
	// Highlights are the sentences that answer best; none without a vector of the
	// query.
	Highlights []document.TextRange
	// MatchedTerms are where terms of the query stand.
	MatchedTerms []document.TextRange
	// Previous and Next are the passages around it, in the order of the document.
	Previous, Next []document.Passage
}

// cite completes the hits of a page. Of a document that has been replaced since it was
// read, neither sentences nor neighbours are told.
func (s *Searcher) cite(ctx context.Context, sp space.Space, req Request, hits []Hit) error {
	found := make([]document.Hit, len(hits))
	for i := range hits {
		found[i] = hits[i].Hit
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(guard.Func(func() error { // takes about as long as what follows
		asked := map[string]map[string]bool{} // by language
		for i, h := range found {
			language := h.Passage.LanguageCode
			if asked[language] == nil {
				asked[language] = askedTerms(req.Query, language)
			}
			hits[i].MatchedTerms = matchedTerms(h.Passage, s.kept.terms(h.Passage), asked[language])
			if hits[i].Compared {
				hits[i].Highlights = highlights(h.Passage, h.Nearest)
			}
		}
		return nil
	}))
	if req.Context > 0 && len(hits) > 0 {
		group.Go(guard.Func(func() error {
			around, err := s.cfg.Store.Neighbours(ctx, sp, found, req.Context)
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
