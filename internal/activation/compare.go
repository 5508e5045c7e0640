package activation

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
)

const (
	// comparedResults is the number of results of each space that are compared.
	comparedResults = 10
	// comparisonsInFlight is the maximum number of concurrent queries of a comparison,
	// so that searches keep their share of the server.
	comparisonsInFlight = 2
)

// ErrOverlapTooLow means that the results of the two spaces overlap less than requested.
var ErrOverlapTooLow = errors.New("the results of the space overlap too little with those of the active space")

// OverlapError wraps ErrOverlapTooLow with the figures.
type OverlapError struct {
	Mean, Least float64 // 0 to 1
	Queries     int
}

// Error implements error.
func (e *OverlapError) Error() string {
	if e.Queries == 0 {
		return fmt.Sprintf("%v: this server has no recent queries to check min_overlap %.3g with; set compare_queries", ErrOverlapTooLow, e.Least)
	}
	return fmt.Sprintf("%v: on average %.3f of the first %d passages over %d queries, below min_overlap %.3g; validate_only shows the queries",
		ErrOverlapTooLow, e.Mean, comparedResults, e.Queries, e.Least)
}

// Unwrap returns the sentinel.
func (e *OverlapError) Unwrap() error { return ErrOverlapTooLow }

// Figures returns the figures by name.
func (e *OverlapError) Figures() map[string]string {
	return map[string]string{
		"mean_overlap": strconv.FormatFloat(e.Mean, 'f', 3, 64),
		"min_overlap":  strconv.FormatFloat(e.Least, 'g', -1, 64),
		"query_count":  strconv.Itoa(e.Queries),
	}
}

// Overlap is the share, 0 to 1, of the first passages for a query that are the same in both
// spaces.
type Overlap struct {
	Query string
	Share float64
}

// Comparison holds how much the results of two spaces overlap.
type Comparison struct {
	Overlaps []Overlap
	Mean     float64 // 0 if no queries were compared
}

// compare runs the queries of a request in its space and in the active one. It returns
// nil if the request asks for no comparison, and ErrOverlapTooLow if the results overlap
// too little.
func (a *Activator) compare(ctx context.Context, req Request) (*Comparison, error) {
	if len(req.Queries) == 0 && req.Recent == 0 {
		return nil, nil
	}
	queries := slices.Clone(req.Queries)
	for _, query := range a.recorder.recent.last(req.Collection, req.Recent) {
		if !slices.Contains(queries, query) {
			queries = append(queries, query)
		}
	}
	out := &Comparison{Overlaps: make([]Overlap, len(queries))}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(comparisonsInFlight)
	for i, query := range queries {
		group.Go(guard.Func(func() error {
			share, err := a.overlap(ctx, req, query)
			out.Overlaps[i] = Overlap{query, share}
			return err
		}))
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, o := range out.Overlaps {
		out.Mean += o.Share
	}
	out.Mean /= float64(max(1, len(queries))) // divided only once, so that the mean of ones is exactly 1
	if out.Mean < req.MinOverlap {
		return nil, &OverlapError{Mean: out.Mean, Least: req.MinOverlap, Queries: len(queries)}
	}
	return out, nil
}

// overlap returns the share of the first passages for a query that the active space and
// another space have in common, relative to the longer of the two lists.
func (a *Activator) overlap(ctx context.Context, req Request, query string) (float64, error) {
	active, err := a.topPassages(ctx, req.Collection, "", query)
	if err != nil {
		return 0, err
	}
	other, err := a.topPassages(ctx, req.Collection, req.Space, query)
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

// topPassages returns the first passages for a query in a space. It fails if there is no
// query vector, since words alone find the same passages in every space.
func (a *Activator) topPassages(ctx context.Context, collection, id, query string) ([]document.PassageKey, error) {
	answer, err := a.recorder.searcher.Search(ctx, search.Request{
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
