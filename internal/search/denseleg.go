package search

import (
	"context"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// VectorIndex finds and compares passages by their vectors. See store.Store for the full
// contract.
type VectorIndex interface {
	// Nearest returns the passages of each language that are nearest to a centred vector,
	// at most limit of each language. incomplete reports whether it may have missed some.
	Nearest(ctx context.Context, sp space.Space, vector []float32, scales calibrate.Scales, f document.Filter, limit int) (list []document.Candidate, incomplete bool, err error)
	// Similarities returns the similarities of passages to a centred vector.
	Similarities(ctx context.Context, sp space.Space, vector []float32, keys []document.PassageKey) ([]document.Candidate, error)
	// Likeness returns the cosines between the centred vectors of one passage and of
	// others.
	Likeness(ctx context.Context, sp space.Space, of document.PassageKey, keys []document.PassageKey) (map[document.PassageKey]float64, error)
	// PassageVectors returns the centred vectors of passages.
	PassageVectors(ctx context.Context, sp space.Space, keys []document.PassageKey) (map[document.PassageKey][]float32, error)
}

// denseLeg is the result of the search by vectors.
type denseLeg struct {
	vector     []float32 // vector of the query, as the model made it
	query      []float32 // the same vector, centred
	scales     calibrate.Scales
	null       *calibrate.Normal // similarity that queries without an answer reach; nil without a vector
	candidates []document.Candidate
	incomplete bool // whether passages that match the filter may be missing

	embed, rank, retrieve time.Duration
}

// findByVector finds the passages whose vectors are nearest to the query's. beside is the work
// of the search that runs meanwhile; see queryVectors.get. The error is errLanguageAdded if the
// space must be read again.
func (s *Searcher) findByVector(ctx context.Context, sp space.Space, q question, beside *sync.WaitGroup) (leg denseLeg, err error) {
	var watch stopwatch
	watch.start()
	leg.vector, err = s.queryVector(ctx, sp, q.text, beside)
	leg.embed = watch.lap()
	if err != nil {
		return leg, err
	}
	if !q.languageAdded && s.cfg.Calibrator.Asked(ctx, sp, q.language) {
		return leg, errLanguageAdded
	}
	calibration, err := s.calibrations.get(ctx, sp)
	if err != nil {
		return leg, err
	}
	scaled, null := s.caches.scaleQuery(sp, calibration, leg.vector, q), calibration.Null(q.language)
	leg.query, leg.scales, leg.null = scaled.query, scaled.scales, &null
	leg.rank = watch.lap()
	ctx, stage := telemetry.Start(ctx, telemetry.SearchRetrieve)
	leg.candidates, leg.incomplete, err = s.cfg.Vectors.Nearest(ctx, sp, leg.query, leg.scales, q.filter, q.limit)
	stage.End(err)
	leg.retrieve = watch.lap()
	return leg, err
}

// queryVector returns the vector of a query. Callers must not change it. beside is the work
// of the search that runs meanwhile.
func (s *Searcher) queryVector(ctx context.Context, sp space.Space, text string, beside *sync.WaitGroup) (vector []float32, err error) {
	ctx, stage := telemetry.Start(ctx, telemetry.SearchEmbed)
	defer func() { stage.End(err) }()
	return s.vectors.get(ctx, sp, text, beside)
}
