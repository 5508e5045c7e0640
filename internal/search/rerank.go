package search

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// ErrNoReranker says that a search asks for reranking, for which no server is
// configured.
var ErrNoReranker = errors.New("reranking was asked for, but no reranking server is configured: set ACCORD_RERANK_URL, or leave rerank out")

// MaxReranked is how many candidates may be reranked at most: a model reads each of
// them, with somebody waiting.
const MaxReranked = 200

// Reranker says how well each text answers a query: one finite score a text, in the
// order of the texts, of which only the order counts. It bounds its own time, so
// that some of the caller's is left.
type Reranker interface {
	Rerank(ctx context.Context, query string, texts []string) ([]float64, error)
}

// rerank orders the first candidates of a list by what the reranker says of their
// texts, if the request wants it. Articles that the query names stay before them,
// and are not asked about: numbers say what fits, which models do not read well.
// So do passages that hold what it quotes, in an order among themselves.
// All else keeps its order behind. Without the reranker the list stays as it is.
func (s *Searcher) rerank(ctx context.Context, sp space.Space, req Request, list []ranked, out *Response) error {
	if s.cfg.Reranker == nil || req.Rerank != nil && !*req.Rerank {
		return nil
	}
	list = list[namedCount(list):]
	list = list[:min(s.cfg.RerankCandidates, len(list))]
	if len(list) == 0 {
		return nil
	}
	hits, err := s.cfg.Store.Hits(ctx, sp, nil, nil, keysOf(list))
	if err != nil {
		return err
	}
	texts := make([]string, len(hits))
	for i, h := range hits {
		texts[i] = h.Passage.Text
	}
	scores, err := s.cfg.Reranker.Rerank(ctx, req.Query, texts)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.degrade(ctx, out, RerankerUnavailable, err)
		return nil
	}
	// Of one deleted since it was found it does not count where it stands.
	found := make(map[document.PassageKey]float64, len(hits))
	for i, h := range hits {
		found[document.PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal}] = scores[i]
	}
	for i, r := range list {
		list[i].Rerank, list[i].Reranked = found[r.PassageKey]
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Or(b.phrases-a.phrases, cmp.Compare(b.Rerank, a.Rerank)) })
	return nil
}

// namedCount returns how many articles that the query names stand first.
func namedCount(list []ranked) int {
	if at := slices.IndexFunc(list, func(r ranked) bool { return !r.Named }); at >= 0 {
		return at
	}
	return len(list)
}
