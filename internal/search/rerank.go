package search

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// ErrNoReranker means that a search asks for reranking, but no reranking server is
// configured.
var ErrNoReranker = errors.New("the request asks for reranking, but no reranking server is configured: set ACCORD_RERANK_URL, or leave rerank out")

// MaxReranked is the maximum number of candidates to rerank, since a model reads all of
// them while the user waits.
const MaxReranked = 200

// Reranker scores how well each text answers a query: one finite score per text, in the
// order of the texts. Only the order of the scores matters. A Reranker must limit its own
// time, so that the caller has time left.
type Reranker interface {
	Rerank(ctx context.Context, query string, texts []string) ([]float64, error)
}

// rerank orders the first candidates of a list by the reranker's scores, if the request
// asks for it. Articles that the query names stay in front and are not scored, since models
// are bad at numbers. Passages with quoted phrases come next, ordered among themselves. The
// rest of the list keeps its order. If the reranker fails, the whole list keeps its order.
func (s *Searcher) rerank(ctx context.Context, sp space.Space, req Request, list []ranked, out *Response) (err error) {
	if !s.reranks(req) {
		return nil
	}
	list = list[namedCount(list):]
	list = list[:min(s.cfg.RerankCandidates, len(list))]
	if len(list) == 0 {
		return nil
	}
	ctx, stage := telemetry.Start(ctx, telemetry.SearchRerank)
	defer func() { stage.End(err) }()
	hits, err := s.cfg.Passages.Hits(ctx, sp, nil, nil, keysOf(list))
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
		s.recordDegradation(ctx, out, RerankerUnavailable, err)
		return nil
	}
	// deleted passages have no score, and their place does not matter
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

// reranks reports whether the results of a request are reranked.
func (s *Searcher) reranks(req Request) bool {
	return s.cfg.Reranker != nil && (req.Rerank == nil || *req.Rerank)
}

// namedCount returns the number of named articles at the front of a list.
func namedCount(list []ranked) int {
	if at := slices.IndexFunc(list, func(r ranked) bool { return !r.Named }); at >= 0 {
		return at
	}
	return len(list)
}
