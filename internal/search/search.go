// Package search answers a question with the passages that answer it best. It
// speaks neither SQL nor a model server's wire format.
package search

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// Store finds passages by their vectors and by their terms; store.Store says more.
type Store interface {
	Calibration(ctx context.Context, sp space.Space) (calibrate.Calibration, error)
	Nearest(ctx context.Context, sp space.Space, vector []float32, scales calibrate.Scales, f document.Filter, limit int) ([]document.Candidate, error)
	Similarities(ctx context.Context, sp space.Space, vector []float32, keys []document.PassageKey) ([]document.Candidate, error)
	TermCounts(ctx context.Context, sp space.Space, terms map[string][]int32) (map[string]lexical.Counts, error)
	Matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) ([]document.Match, error)
	MatchScores(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey) ([]document.Match, error)
	Hits(ctx context.Context, sp space.Space, vector []float32, keys []document.PassageKey) ([]document.Hit, error)
}

// Spaces says which embedding space a collection is searched in; space.Manager
// says more.
type Spaces interface {
	// Stored does without the model server; Served asks it.
	Stored(ctx context.Context, collection string) (space.Space, error)
	Served(ctx context.Context, stored space.Space) (space.Space, error)
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

// Mode says which legs find and rank passages.
type Mode int

// The modes.
const (
	ModeHybrid   Mode = iota // both
	ModeSemantic             // the dense leg
	ModeLexical              // the lexical leg
)

// OnFailure says what to do where there is no vector of the query.
type OnFailure int

// What to do.
const (
	// OnFailureLexical answers with the lexical leg, in every mode.
	OnFailureLexical OnFailure = iota
	// OnFailureFail gives ErrNoVector.
	OnFailureFail
)

// Degradation says what an answer had to do without.
type Degradation int

// The degradations.
const (
	// EmbedderUnavailable: the lexical leg alone answered.
	EmbedderUnavailable Degradation = iota + 1
	// LexicalUnavailable: the dense leg alone answered.
	LexicalUnavailable
)

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
	Language  string
	Limit     int // results at most, above 0
	Mode      Mode
	OnFailure OnFailure
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
	// Degraded says what went wrong with a leg that should have answered.
	Degraded []Degradation
	Timing   Timing
}

// Timing is the time that each stage took: the model server's for the query's
// vector, Postgres's for the nearest candidates and, beside these two, for those
// that share terms, the ranking, and Postgres's again for the text of the hits.
type Timing struct{ Embed, Retrieve, Lexical, Rank, Fetch time.Duration }

// Config is what a Searcher stands on.
type Config struct {
	Store      Store
	Spaces     Spaces
	Embedder   Embedder
	Calibrator Calibrator
	// Unavailable reports whether an error of Spaces or Embedder is the model
	// server's fault, so that answers without it help; not of its serving another
	// model, say, or of what it was asked.
	Unavailable func(error) bool
	// VectorTimeout bounds the making of a query's vector.
	VectorTimeout time.Duration
	// KeptVectors is how many vectors of queries are kept for when they are asked
	// again.
	KeptVectors int
	// Logger gets what a leg failed of.
	Logger *slog.Logger
}

// Searcher answers questions. It is safe for concurrent use.
type Searcher struct {
	cfg          Config
	vectors      *vectors
	calibrations calibrations
}

// New returns a searcher.
func New(cfg Config) *Searcher {
	return &Searcher{
		cfg: cfg, vectors: newVectors(cfg),
		calibrations: calibrations{load: cfg.Store.Calibration, loaded: map[string]loadedCalibration{}},
	}
}

// Search returns the passages that answer the query best; none is no error.
// document.ErrNotFound where the collection does not exist.
func (s *Searcher) Search(ctx context.Context, req Request) (Response, error) {
	sp, err := s.cfg.Spaces.Stored(ctx, req.Collection)
	if err != nil {
		return Response{}, err
	}
	out := Response{Space: sp, Language: document.PrimarySubtag(req.Language)}
	if out.Language == "" {
		out.Language = language.Detect(req.Query)
	}
	s.cfg.Calibrator.Asked(sp, out.Language)
	filter, some := narrow(req, out.Language)
	if !some {
		return out, nil
	}
	q := question{text: req.Query, language: out.Language, filter: filter, limit: max(depth, req.Limit)}
	vector, list, err := s.rank(ctx, sp, q, req, &out)
	if err != nil {
		return Response{}, err
	}
	var watch stopwatch
	watch.start()
	out.Candidates = len(list)
	if req.Policy == PolicyBalanced {
		list = balance(list)
	}
	list = list[:min(req.Limit, len(list))]
	out.Timing.Rank += watch.lap()
	out.Hits, err = s.fetch(ctx, sp, vector, list)
	out.Timing.Fetch = watch.lap()
	return out, err
}

// rank has the legs find passages, side by side, and ranks them, best first. The
// vector is the query's; nil where the lexical leg alone answered.
func (s *Searcher) rank(ctx context.Context, sp space.Space, q question, req Request, out *Response) (vector []float32, list []ranked, err error) {
	var (
		near         denseLeg
		words        lexicalLeg
		nearErr      error
		wordsErr     error
		side         sync.WaitGroup
		alone        = req.Mode == ModeLexical
		matchesAsked = req.Mode != ModeSemantic
	)
	if matchesAsked {
		side.Go(func() { words, wordsErr = s.match(ctx, sp, q) })
	}
	if !alone {
		near, nearErr = s.dense(ctx, sp, q)
	}
	side.Wait()
	if errors.Is(nearErr, ErrNoVector) && req.OnFailure == OnFailureLexical && ctx.Err() == nil {
		if !matchesAsked {
			words, wordsErr = s.match(ctx, sp, q)
		}
		if wordsErr != nil {
			return nil, nil, nearErr
		}
		s.degrade(ctx, out, EmbedderUnavailable, nearErr)
		alone, nearErr = true, nil
	}
	out.Timing = Timing{Embed: near.embed, Retrieve: near.retrieve, Lexical: words.took, Rank: near.rank}
	switch {
	case nearErr != nil:
		return nil, nil, nearErr
	case alone:
		return nil, byTerms(words.matches), wordsErr
	}
	var matched bm25
	if matchesAsked && wordsErr == nil {
		var watch stopwatch
		watch.start()
		if matched, wordsErr, err = s.complete(ctx, sp, &near, words); err != nil {
			return nil, nil, err
		}
		out.Timing.Retrieve += watch.lap()
	}
	if wordsErr != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		s.degrade(ctx, out, LexicalUnavailable, wordsErr)
	}
	return near.vector, fuse(near.candidates, matched, near.scales), nil
}

func (s *Searcher) degrade(ctx context.Context, out *Response, d Degradation, err error) {
	out.Degraded = append(out.Degraded, d)
	s.cfg.Logger.WarnContext(ctx, "a search answered with one leg alone", "space", out.Space.Name(), "error", err)
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
	found, err := s.cfg.Store.Hits(ctx, sp, vector, keys)
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
