package v1

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// comparedResults is the number of results of each space that are compared.
	comparedResults = 10
	// comparisonsInFlight is the maximum number of concurrent queries of a comparison,
	// so that searches keep their share of the server.
	comparisonsInFlight = 2
)

// errOverlapTooLow means that a space's results overlap less with the active space's
// than requested.
var errOverlapTooLow = errors.New("the results of the space overlap too little with those of the active space")

// overlapError wraps errOverlapTooLow with the figures.
type overlapError struct {
	mean, least float64
	queries     int
}

// Error implements error.
func (e *overlapError) Error() string {
	if e.queries == 0 {
		return fmt.Sprintf("%v: this server has no recent queries to check min_overlap %.3g with; set compare_queries", errOverlapTooLow, e.least)
	}
	return fmt.Sprintf("%v: on average %.3f of the first %d passages over %d queries, below min_overlap %.3g; validate_only shows the queries",
		errOverlapTooLow, e.mean, comparedResults, e.queries, e.least)
}

// Unwrap returns the sentinel.
func (e *overlapError) Unwrap() error { return errOverlapTooLow }

func (e *overlapError) metadata() map[string]string {
	return map[string]string{
		"mean_overlap": strconv.FormatFloat(e.mean, 'f', 3, 64),
		"min_overlap":  strconv.FormatFloat(e.least, 'g', -1, 64),
		"query_count":  strconv.Itoa(e.queries),
	}
}

// compare runs the queries of a request in its space and in the active one. It returns
// nil if the request asks for no comparison, and errOverlapTooLow if the results overlap
// too little.
func (s *spaceServer) compare(ctx context.Context, sp space.Space, req *accordv1.ActivateSpaceRequest) (*accordv1.SpaceComparison, error) {
	if len(req.GetCompareQueries()) == 0 && req.GetCompareRecent() == 0 {
		return nil, nil
	}
	queries := slices.Clone(req.GetCompareQueries())
	for _, query := range s.recent.last(sp.Collection, int(req.GetCompareRecent())) {
		if !slices.Contains(queries, query) {
			queries = append(queries, query)
		}
	}
	out := &accordv1.SpaceComparison{QueryCount: int32(len(queries)), Queries: make([]*accordv1.QueryOverlap, len(queries))}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(comparisonsInFlight)
	for i, query := range queries {
		group.Go(guard.Func(func() error {
			overlap, err := s.overlap(ctx, sp, query)
			out.Queries[i] = &accordv1.QueryOverlap{Query: query, Overlap: overlap}
			return err
		}))
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, q := range out.Queries {
		out.MeanOverlap += q.GetOverlap()
	}
	out.MeanOverlap /= float64(max(1, len(queries))) // divided last, so that the mean of ones is exactly 1
	if out.MeanOverlap < req.GetMinOverlap() {
		return nil, &overlapError{mean: out.MeanOverlap, least: req.GetMinOverlap(), queries: len(queries)}
	}
	return out, nil
}

// overlap returns the share of the first passages for a query that the active space and
// another have in common. It is relative to the longer of the two lists.
func (s *spaceServer) overlap(ctx context.Context, sp space.Space, query string) (float64, error) {
	active, err := s.topPassages(ctx, sp.Collection, "", query)
	if err != nil {
		return 0, err
	}
	other, err := s.topPassages(ctx, sp.Collection, sp.ID, query)
	if err != nil {
		return 0, err
	}
	most := max(len(active), len(other))
	if most == 0 {
		return 1, nil
	}
	common := 0
	for _, key := range active {
		if slices.Contains(other, key) {
			common++
		}
	}
	return float64(common) / float64(most), nil
}

// topPassages returns the first passages for a query in a space. It fails without a
// query vector, since words alone find the same passages in every space.
func (s *spaceServer) topPassages(ctx context.Context, collection, id, query string) ([]document.PassageKey, error) {
	answer, err := s.cfg.Searcher.Search(ctx, search.Request{
		Query: query, Collection: collection, Space: id, Limit: comparedResults, OnFailure: search.OnFailureFail,
	})
	if err != nil {
		return nil, err
	}
	keys := make([]document.PassageKey, len(answer.Hits))
	for i, hit := range answer.Hits {
		keys[i] = document.PassageKey{Document: hit.Document.ID, Ordinal: hit.Passage.Ordinal}
	}
	return keys, nil
}
