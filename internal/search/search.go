// Package search answers a question with the passages that answer it best. It
// speaks neither SQL nor a model server's wire format.
package search

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/space"
)

// Store finds passages by their vectors; store.Store says more.
type Store interface {
	Calibration(ctx context.Context, sp space.Space) (calibrate.Calibration, error)
	Nearest(ctx context.Context, sp space.Space, vector []float32, scales calibrate.Scales, f document.Filter, limit int) ([]document.Candidate, error)
	Hits(ctx context.Context, sp space.Space, vector []float32, keys []document.PassageKey) ([]document.Hit, error)
}

// Spaces says which embedding space a collection is searched in.
type Spaces interface {
	Active(ctx context.Context, collection string) (space.Space, error)
}

// Embedder returns the unit vector of a query.
type Embedder interface {
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
}

// Calibrator is told of the languages that questions are in; upkeep.Keeper says
// more.
type Calibrator interface {
	Asked(sp space.Space, language string)
}

// Policy says what the language of a passage has to do with its rank.
type Policy int

// The policies.
const (
	// PolicyAny ranks passages of all languages together by how well they answer.
	PolicyAny Policy = iota
	// PolicyQueryLanguage looks at passages in the query's language alone, at all
	// where it cannot be told.
	PolicyQueryLanguage
	// PolicyBalanced ranks as PolicyAny, with a share for each language.
	PolicyBalanced
)

// Request is one question.
type Request struct {
	Query      string // not blank
	Collection string // id
	Filter     document.Filter
	Policy     Policy
	// Language is the BCP-47 tag of the query's language, empty to have it
	// detected.
	Language string
	Limit    int // results at most, above 0
}

// Hit is a passage that answers.
type Hit struct {
	document.Hit
	Scores
}

// Response is the answer, best hit first.
type Response struct {
	Hits  []Hit
	Space space.Space
	// Language is the primary subtag of the query's language, language.Unknown
	// where it could not be told.
	Language string
	// Candidates is how many passages were compared with each other.
	Candidates int
	Timing     Timing
}

// Timing is the time that each stage took: the model server's for the query's
// vector, Postgres's for the candidates, the ranking, and Postgres's again for
// the text of the hits.
type Timing struct{ Embed, Retrieve, Rank, Fetch time.Duration }

// Searcher answers questions. It is safe for concurrent use.
type Searcher struct {
	store        Store
	spaces       Spaces
	embedder     Embedder
	calibrator   Calibrator
	calibrations calibrations
}

// New returns a searcher.
func New(store Store, spaces Spaces, embedder Embedder, calibrator Calibrator) *Searcher {
	return &Searcher{
		store: store, spaces: spaces, embedder: embedder, calibrator: calibrator,
		calibrations: calibrations{load: store.Calibration, loaded: map[string]loadedCalibration{}},
	}
}

// Search returns the passages that answer the query best; none is no error.
// document.ErrNotFound where the collection does not exist.
func (s *Searcher) Search(ctx context.Context, req Request) (Response, error) {
	sp, err := s.spaces.Active(ctx, req.Collection)
	if err != nil {
		return Response{}, err
	}
	out := Response{Space: sp, Language: document.PrimarySubtag(req.Language)}
	if out.Language == "" {
		out.Language = language.Detect(req.Query)
	}
	s.calibrator.Asked(sp, out.Language)
	var watch stopwatch
	watch.start()
	vector, err := s.embed(ctx, req.Query, sp.WindowTokens)
	if err != nil {
		return Response{}, err
	}
	out.Timing.Embed = watch.lap()
	calibration, err := s.calibrations.of(ctx, sp)
	if err != nil {
		return Response{}, err
	}
	query := calibration.Query(vector, out.Language)
	scales := calibration.Scales(query)
	out.Timing.Rank = watch.lap()
	var candidates []document.Candidate
	if filter, some := narrow(req, out.Language); some {
		if candidates, err = s.store.Nearest(ctx, sp, query, scales, filter, max(depth, req.Limit)); err != nil {
			return Response{}, err
		}
	}
	out.Candidates = len(candidates)
	out.Timing.Retrieve = watch.lap()
	list := fuse(candidates, nil, scales)
	if req.Policy == PolicyBalanced {
		list = balance(list)
	}
	list = list[:min(req.Limit, len(list))]
	out.Timing.Rank += watch.lap()
	out.Hits, err = s.fetch(ctx, sp, vector, list)
	out.Timing.Fetch = watch.lap()
	return out, err
}

// narrow returns the filter of a request with what its policy adds; some is
// false where nothing can pass it.
func narrow(req Request, tongue string) (f document.Filter, some bool) {
	f = req.Filter
	if req.Policy != PolicyQueryLanguage || tongue == language.Unknown {
		return f, true
	}
	if len(f.Languages) == 0 {
		f.Languages = []string{tongue}
		return f, true
	}
	f.Languages = slices.DeleteFunc(slices.Clone(f.Languages), func(r string) bool { return document.PrimarySubtag(r) != tongue })
	return f, len(f.Languages) > 0
}

// fetch returns the passages of a ranked list; those deleted since are left out.
func (s *Searcher) fetch(ctx context.Context, sp space.Space, vector []float32, list []ranked) ([]Hit, error) {
	keys := make([]document.PassageKey, len(list))
	scores := make(map[document.PassageKey]Scores, len(list))
	for i, r := range list {
		keys[i], scores[r.PassageKey] = r.PassageKey, r.Scores
	}
	found, err := s.store.Hits(ctx, sp, vector, keys)
	hits := make([]Hit, len(found))
	for i, h := range found {
		hits[i] = Hit{Hit: h, Scores: scores[document.PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal}]}
	}
	return hits, err
}

// stopwatch times stages that follow each other.
type stopwatch struct{ last time.Time }

func (w *stopwatch) start() { w.last = time.Now() }

func (w *stopwatch) lap() time.Duration {
	now := time.Now()
	d := now.Sub(w.last)
	w.last = now
	return d
}

// embed returns the query's vector; of a query longer than the model takes,
// which servers cut in silence or refuse, the mean over its windows.
func (s *Searcher) embed(ctx context.Context, query string, windowTokens int) ([]float32, error) {
	windows := chunk.Windows(norm.NFC.String(strings.TrimSpace(query)), windowTokens, chunk.EstimateTokens)
	var sum []float32
	for _, window := range windows {
		vector, err := s.embedder.EmbedQuery(ctx, window)
		if err != nil || len(windows) == 1 {
			return vector, err
		}
		if sum == nil {
			sum = make([]float32, len(vector))
		}
		for i, x := range vector {
			sum[i] += x
		}
	}
	return unit(sum), nil
}

// unit scales a vector to length 1.
func unit(v []float32) []float32 {
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range v {
		v[i] *= scale
	}
	return v
}
