// Package search finds and ranks the passages that answer a question best. It has no SQL
// and knows no wire format of model servers.
package search

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// Spaces returns the embedding space to search for a collection. See space.Registry for
// the full contract.
type Spaces interface {
	// Stored returns the space with an id, or the active space if the id is empty. It
	// does not call the model server.
	Stored(ctx context.Context, collection, id string) (space.Space, error)
	// Served checks that a model server makes the vectors of the space. It may send a
	// request to the server.
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder makes vectors with the model of a space.
type Embedder interface {
	// EmbedQueries returns the unit vector of each query, or the reason why it has none.
	EmbedQueries(ctx context.Context, sp space.Space, texts []string) (vectors [][]float32, errs []error)
}

// Calibrator is notified of the language of each question that has a vector. See
// maintenance.Keeper for the full contract.
type Calibrator interface {
	// Asked adds the language to the space's calibration, or schedules that. added reports
	// whether it was added, so that the space must be read again to use it.
	Asked(ctx context.Context, sp space.Space, language string) (added bool)
}

// Config holds a Searcher's dependencies and settings.
type Config struct {
	// Vectors, Terms, Both, Passages and Calibrations read stored data. They must read the
	// same database.
	Vectors      VectorIndex
	Terms        TermIndex
	Both         BothIndexes
	Passages     PassageReader
	Calibrations CalibrationSource

	// Ahead may be nil.
	Ahead      Ahead
	Spaces     Spaces
	Embedder   Embedder
	Calibrator Calibrator
	// Reranker, if not nil, reorders the first RerankCandidates candidates of a search, at
	// most MaxReranked.
	Reranker         Reranker
	RerankCandidates int
	// Unavailable reports whether an error of Spaces or Embedder means that the model
	// server is unavailable, so that an answer without it is better than none. Other errors
	// mean that the server has another model or the request is invalid.
	Unavailable func(error) bool
	// VectorTimeout limits the time for making a query's vector.
	VectorTimeout time.Duration
	// QueryCacheSize is the number of recent queries whose vectors, languages and scales
	// are cached.
	QueryCacheSize int
	// Logger logs the errors of legs that failed.
	Logger *slog.Logger
}

// Searcher answers questions. It is safe for concurrent use.
type Searcher struct {
	cfg          Config
	vectors      *queryVectors
	caches       queryCaches
	calibrations calibrations
}

// New returns a Searcher.
func New(cfg Config) *Searcher {
	return &Searcher{
		cfg: cfg, vectors: newQueryVectors(cfg), caches: newQueryCaches(cfg.QueryCacheSize),
		calibrations: calibrations{source: cfg.Calibrations, loaded: map[string]loadedCalibration{}},
	}
}

// errLanguageAdded means that the calibration has now learned the language of the question,
// so that the search must be repeated.
var errLanguageAdded = errors.New("the language of the question was added to the calibration")

// Search returns the passages that answer the query best. Finding none is not an error.
// The error is document.ErrNotFound if the collection does not exist, ErrExpired if the
// list to continue belongs to another space, and ErrNoReranker if the request asks for
// reranking and no reranker is configured.
func (s *Searcher) Search(ctx context.Context, req Request) (Response, error) {
	out, err := s.searchOnce(ctx, req)
	if errors.Is(err, errLanguageAdded) {
		req.languageAdded = true
		out, err = s.searchOnce(ctx, req)
	}
	if errors.Is(err, document.ErrChanged) { // the space was deleted, or its calibration was replaced
		out, err = s.searchOnce(ctx, req)
	}
	return out, err
}

// Warm loads the data that searches of a collection keep in memory.
func (s *Searcher) Warm(ctx context.Context, collection string) error {
	sp, err := s.cfg.Spaces.Stored(ctx, collection, "")
	if err == nil {
		_, err = s.calibrations.get(ctx, sp)
	}
	for _, language := range sp.Terms.Languages {
		if ctx.Err() == nil {
			lexical.LoadPlaces(language)
		}
	}
	return err
}

// searchOnce searches the space that was active at the last read, which saves the round trip
// that looks up the active space. If that space is no longer active, or the request names a
// space, it searches the stored one.
func (s *Searcher) searchOnce(ctx context.Context, req Request) (out Response, err error) {
	var (
		reads     context.Context
		recent    space.Space
		confirmed func() bool
	)
	if s.cfg.Ahead != nil && req.Space == "" && !req.languageAdded {
		reads, recent, confirmed = s.cfg.Ahead.RecentSpace(ctx, req.Collection)
	}
	if confirmed != nil {
		if out, err = s.searchSpace(reads, recent, req, confirmed); confirmed() {
			return out, err
		}
	}
	stored, missing := s.cfg.Spaces.Stored(ctx, req.Collection, req.Space)
	switch {
	case missing != nil:
		return Response{}, missing
	case confirmed != nil && !errors.Is(err, document.ErrChanged) && reflect.DeepEqual(stored, recent):
		return out, err // the search failed before it read anything
	}
	return s.searchSpace(ctx, stored, req, nil)
}

// searchSpace searches a space. confirmed is nil, or reports after the first read whether the
// space is still the active one. If it is not, the error is document.ErrChanged, or the
// caller must discard the response.
func (s *Searcher) searchSpace(ctx context.Context, sp space.Space, req Request, confirmed func() bool) (Response, error) {
	out := Response{Space: sp}
	ctx, page := s.readAhead(ctx)
	page.confirmed = confirmed
	run := s.buildList
	if req.List != nil {
		run = s.resumeList
	}
	vector, err := run(ctx, sp, req, page, &out)
	if err != nil {
		return Response{}, err
	}
	var watch stopwatch
	watch.start()
	query := pageQuery{vector: vector}
	if query.centred, err = s.centredQuery(ctx, sp, req, out.Language, vector); err == nil {
		out.Hits, out.Next, err = s.readPage(ctx, sp, query, page, out.Entries, req.Limit)
	}
	if err == nil {
		err = s.cite(ctx, sp, req, out.Hits)
	}
	if err == nil {
		err = s.addTranslations(ctx, sp, req, out.List, out.Hits)
	}
	out.Timing.Fetch = watch.lap()
	return out, err
}

// buildList runs the search and sets out, except for the hits. It returns the query's vector,
// or nil if only the lexical leg answered.
func (s *Searcher) buildList(ctx context.Context, sp space.Space, req Request, page pageAhead, out *Response) (vector []float32, err error) {
	if req.Rerank != nil && *req.Rerank && s.cfg.Reranker == nil {
		return nil, ErrNoReranker
	}
	out.List = emptyList(sp, req)
	q, possible, err := s.questionOf(ctx, sp, req, out)
	if err == nil && !possible {
		out.Facets, err = s.arrange(ctx, sp, req, nil) // facets without counts
	}
	if err != nil || !possible {
		return nil, err
	}
	vector, found, err := s.rank(ctx, sp, q, req, page, out)
	if err != nil {
		return nil, err
	}
	if page.confirmed != nil && !page.confirmed() {
		return nil, document.ErrChanged // the search is repeated, so reranking now would be wasted
	}
	list := found.list
	out.Candidates, out.Confidence = len(list), confidenceOf(list)
	list = atLeast(list, req.MinRelevance)
	var watch stopwatch
	watch.start()
	if err := s.rerank(ctx, sp, req, list, out); err != nil {
		return nil, err
	}
	out.Timing.Rerank = watch.lap()
	out.List.Degraded = out.Degraded
	out.Entries, out.Facets, err = s.entries(ctx, sp, req, found.withList(list), out.Counterparts)
	out.Timing.Rank += watch.lap()
	return vector, err
}

// questionOf returns the question that a request asks, and sets the language of out unless the
// request says it. possible is false if no passage can match the filter.
func (s *Searcher) questionOf(ctx context.Context, sp space.Space, req Request, out *Response) (q question, possible bool, err error) {
	q = question{text: req.Query, limit: depth, languageAdded: req.languageAdded}
	if req.MaxPerDocument > 0 {
		q.limit = groupedDepth
	}
	if out.Language == "" {
		out.Language, q.counted = s.queryLanguage(ctx, sp, req.Query)
	}
	q.language = out.Language
	searched := out.Language
	if req.Language == "" && !slices.Contains(sp.Terms.Languages, searched) {
		searched = language.Unknown // no passage is in the detected language
	}
	q.filter, possible, err = s.filterOf(ctx, sp, req, searched)
	return q, possible, err
}

// emptyList returns the list of a request before a passage is found.
func emptyList(sp space.Space, req Request) List {
	return List{SpaceID: sp.ID, Generation: sp.Calibration.Generation, Language: document.PrimarySubtag(req.Language), Confidence: OffTopic}
}

// filterOf returns the filter of a request, restricted by its language policy and narrowed
// to documents. possible is false if no passage can match it.
func (s *Searcher) filterOf(ctx context.Context, sp space.Space, req Request, searched string) (f document.Filter, possible bool, err error) {
	if f, possible = applyPolicy(req, searched); !possible {
		return f, false, nil
	}
	return s.cfg.Both.Narrow(ctx, sp, f)
}

// applyPolicy returns the filter of a request, restricted by its language policy. possible
// is false if no passage can match it.
func applyPolicy(req Request, searched string) (f document.Filter, possible bool) {
	f = req.Filter
	if req.Policy != PolicyQueryLanguage || searched == language.Unknown {
		return f, true
	}
	if len(f.Languages) == 0 {
		f.Languages = []string{searched}
		return f, true
	}
	f.Languages = slices.DeleteFunc(slices.Clone(f.Languages), func(r string) bool { return document.PrimarySubtag(r) != searched })
	return f, len(f.Languages) > 0
}

// stopwatch measures consecutive stages.
type stopwatch struct{ last time.Time }

func (w *stopwatch) start() { w.last = time.Now() }

func (w *stopwatch) lap() time.Duration {
	now := time.Now()
	d := now.Sub(w.last)
	w.last = now
	return d
}
