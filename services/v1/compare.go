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
	// comparedResults is how many results of each space are compared.
	comparedResults = 10
	// comparisonsInFlight bounds the queries that are asked at once, so that a
	// comparison leaves room for searches.
	comparisonsInFlight = 2
)

// errOverlapTooLow says that a space finds less than was asked for of what the
// active one finds.
var errOverlapTooLow = errors.New("the space finds too little of what the active one finds")

// overlapError is errOverlapTooLow with the figures.
type overlapError struct {
	mean, least float64
	queries     int
}

// Error implements error.
func (e *overlapError) Error() string {
	if e.queries == 0 {
		return fmt.Sprintf("%v: no query was asked of this server lately, so that min_overlap %.3g cannot be held; give compare_queries", errOverlapTooLow, e.least)
	}
	return fmt.Sprintf("%v: of the first %d passages a mean of %.3f over %d queries, and min_overlap is %.3g; validate_only shows the queries",
		errOverlapTooLow, comparedResults, e.mean, e.queries, e.least)
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

// compare asks the queries that a request names of its space and of the active
// one; nil where it names none. errOverlapTooLow where the two agree too little.
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
	out.MeanOverlap /= float64(max(1, len(queries))) // at last, so that a mean of ones is 1
	if out.MeanOverlap < req.GetMinOverlap() {
		return nil, &overlapError{mean: out.MeanOverlap, least: req.GetMinOverlap(), queries: len(queries)}
	}
	return out, nil
}

// overlap is the part of the first passages for a query in the active space that
// are among the first in another, or the other way round where that finds more.
func (s *spaceServer) overlap(ctx context.Context, sp space.Space, query string) (float64, error) {
	active, err := s.first(ctx, sp.Collection, "", query)
	if err != nil {
		return 0, err
	}
	other, err := s.first(ctx, sp.Collection, sp.ID, query)
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

// first returns the first passages for a query in a space. Words alone would
// find the same in every space, so that there must be a vector.
func (s *spaceServer) first(ctx context.Context, collection, id, query string) ([]document.PassageKey, error) {
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
