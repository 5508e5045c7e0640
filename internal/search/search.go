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
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// Store finds passages by their vectors and by their terms; store.Store says more.
type Store interface {
	Calibration(ctx context.Context, sp space.Space) (calibrate.Calibration, error)
	Nearest(ctx context.Context, sp space.Space, vector []float32, scales calibrate.Scales, f document.Filter, limit int) (list []document.Candidate, incomplete bool, err error)
	Similarities(ctx context.Context, sp space.Space, vector []float32, keys []document.PassageKey) ([]document.Candidate, error)
	TermCounts(ctx context.Context, sp space.Space, terms map[string][]int32) (map[string]lexical.Counts, error)
	Matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) (list []document.Match, incomplete bool, err error)
	Articles(ctx context.Context, sp space.Space, terms, years []int32, f document.Filter) ([]document.Article, error)
	PassageTerms(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey) (map[document.PassageKey]document.PassageTerms, error)
	// CountingOnce has what passes a filter counted once for all that is asked, with
	// this one filter, under the context that it returns.
	CountingOnce(ctx context.Context) context.Context
	// Likeness returns the cosine of the centred vectors of a passage and of others.
	Likeness(ctx context.Context, sp space.Space, of document.PassageKey, keys []document.PassageKey) (map[document.PassageKey]float64, error)
	LikenessAndTerms(ctx context.Context, sp space.Space, of document.PassageKey, keys, all []document.PassageKey) (map[document.PassageKey]float64, map[document.PassageKey]document.PassageTerms, error)
	PassageVectors(ctx context.Context, sp space.Space, keys []document.PassageKey) (map[document.PassageKey][]float32, error)
	TermsAndSimilarities(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey, vector []float32, far []document.PassageKey) (map[document.PassageKey]document.PassageTerms, []document.Candidate, error)
	Hits(ctx context.Context, sp space.Space, vector, centred []float32, keys []document.PassageKey) ([]document.Hit, error)
	// Texts returns passages with their text, language and ordinal alone.
	Texts(ctx context.Context, sp space.Space, keys []document.PassageKey) (map[document.PassageKey]document.Passage, error)
	Neighbours(ctx context.Context, sp space.Space, hits []document.Hit, n int) ([][]document.Passage, error)
}

// Spaces says which embedding space a collection is searched in; space.Manager
// says more.
type Spaces interface {
	// Stored does without the model server; Served asks it. An empty id stands for
	// the space that is searched.
	Stored(ctx context.Context, collection, id string) (space.Space, error)
	Served(ctx context.Context, stored space.Space) (space.Space, error)
}

// Embedder returns the unit vector of a query, as a space's model makes it.
type Embedder interface {
	EmbedQuery(ctx context.Context, sp space.Space, text string) ([]float32, error)
}

// Calibrator is told of the languages that questions are in; upkeep.Keeper says
// more.
type Calibrator interface {
	Asked(sp space.Space, language string)
}

// Config is what a Searcher stands on.
type Config struct {
	Store      Store
	Spaces     Spaces
	Embedder   Embedder
	Calibrator Calibrator
	// Reranker orders the first RerankCandidates candidates of a search anew, at most
	// MaxReranked; nil for none.
	Reranker         Reranker
	RerankCandidates int
	// Unavailable reports whether an error of Spaces or Embedder is the model
	// server's fault, so that answers without it help; not of its serving another
	// model, say, or of what it was asked.
	Unavailable func(error) bool
	// VectorTimeout bounds the making of a query's vector.
	VectorTimeout time.Duration
	// KeptVectors is how many vectors of queries, their languages and scales are kept
	// for when they are asked again.
	KeptVectors int
	// Logger gets what a leg failed of.
	Logger *slog.Logger
}

// Searcher answers questions. It is safe for concurrent use.
type Searcher struct {
	cfg          Config
	vectors      *vectors
	kept         kept
	calibrations calibrations
}

// New returns a searcher.
func New(cfg Config) *Searcher {
	return &Searcher{
		cfg: cfg, vectors: newVectors(cfg), kept: newKept(cfg.KeptVectors),
		calibrations: calibrations{load: cfg.Store.Calibration, loaded: map[string]loadedCalibration{}},
	}
}

// Search returns the passages that answer the query best; none is no error.
// document.ErrNotFound where the collection does not exist, ErrExpired where the
// list to go on with is of another space, ErrNoReranker where reranking is asked for
// and cannot be had.
func (s *Searcher) Search(ctx context.Context, req Request) (Response, error) {
	out, err := s.search(ctx, req)
	if errors.Is(err, document.ErrChanged) { // the space was deleted, or its calibration replaced long since
		out, err = s.search(ctx, req)
	}
	return out, err
}

func (s *Searcher) search(ctx context.Context, req Request) (Response, error) {
	sp, err := s.cfg.Spaces.Stored(ctx, req.Collection, req.Space)
	if err != nil {
		return Response{}, err
	}
	out := Response{Space: sp}
	look := s.find
	if req.List != nil {
		look = s.resume
	}
	vector, err := look(ctx, sp, req, &out)
	if err != nil {
		return Response{}, err
	}
	var watch stopwatch
	watch.start()
	asked := pageQuery{vector: vector}
	if asked.centred, err = s.centred(ctx, sp, req, out.Language, vector); err == nil {
		out.Hits, out.Next, err = s.page(ctx, sp, asked, out.Entries, req.Limit)
	}
	if err == nil {
		err = s.cite(ctx, sp, req, out.Hits)
	}
	if err == nil {
		err = s.translate(ctx, sp, req, out.List, out.Hits)
	}
	out.Timing.Fetch = watch.lap()
	return out, err
}

// find makes the list of what answers. The vector is the query's; nil where the
// lexical leg alone answered.
func (s *Searcher) find(ctx context.Context, sp space.Space, req Request, out *Response) (vector []float32, err error) {
	if req.Rerank != nil && *req.Rerank && s.cfg.Reranker == nil {
		return nil, ErrNoReranker
	}
	out.List = List{
		SpaceID: sp.ID, Generation: sp.Calibration.Generation, Language: document.PrimarySubtag(req.Language),
		Confidence: OffTopic, // until something is found
	}
	if out.Language == "" {
		out.Language = s.kept.tongue(req.Query, sp.Terms.Languages)
	}
	s.cfg.Calibrator.Asked(sp, out.Language)
	tongue := out.Language
	if req.Language == "" && !slices.Contains(sp.Terms.Languages, tongue) {
		tongue = language.Unknown // a guess that would find nothing
	}
	filter, some := narrow(req, tongue)
	if !some {
		return nil, nil
	}
	q := question{text: req.Query, language: out.Language, filter: filter, limit: depth}
	if req.MaxPerDocument > 0 {
		q.limit = groupedDepth
	}
	vector, found, err := s.rank(ctx, sp, q, req, out)
	if err != nil {
		return nil, err
	}
	list := found.list
	out.Candidates, out.Confidence = len(list), confidenceOf(list)
	list = relevant(list, req.MinRelevance)
	var watch stopwatch
	watch.start()
	if err := s.rerank(ctx, sp, req, list, out); err != nil {
		return nil, err
	}
	out.Timing.Rerank = watch.lap()
	out.List.Degraded = out.Degraded
	out.Entries, err = s.shape(ctx, sp, req, found.with(list), out.Counterparts)
	out.Timing.Rank += watch.lap()
	return vector, err
}

// finding is what the legs found, best first, with the terms of its passages as far
// as they were read.
type finding struct {
	list  []ranked
	terms map[document.PassageKey]document.PassageTerms
}

func (f finding) with(list []ranked) finding { return finding{list, f.terms} }

// rank has the legs find passages, side by side, and ranks them, best first. The
// vector is the query's; nil where the lexical leg alone answered.
func (s *Searcher) rank(ctx context.Context, sp space.Space, q question, req Request, out *Response) (vector []float32, found finding, err error) {
	var (
		near         denseLeg
		words        lexicalLeg
		nearErr      error
		wordsErr     error
		side         sync.WaitGroup
		alone        = req.Mode == ModeLexical
		matchesAsked = req.Mode != ModeSemantic
	)
	ctx = s.cfg.Store.CountingOnce(ctx)
	if matchesAsked {
		side.Go(func() {
			wordsErr = guard.Call(func() (err error) {
				words, err = s.match(ctx, sp, q)
				return err
			})
		})
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
			return nil, finding{}, nearErr
		}
		s.degrade(ctx, out, EmbedderUnavailable, nearErr)
		alone, nearErr = true, nil
	}
	out.PossiblyIncomplete, out.UnmatchedPhrases = near.incomplete || words.incomplete, words.phrased.unmatched
	out.Timing, out.Null = Timing{Embed: near.embed, Retrieve: near.retrieve, Lexical: words.took, Rank: near.rank}, near.null
	switch {
	case nearErr != nil:
		return nil, finding{}, nearErr
	case wordsErr != nil && alone:
		return nil, finding{}, wordsErr
	case alone:
		found, err = s.rankByWords(ctx, sp, q, words)
		return nil, found, err
	}
	var matched bm25
	if matchesAsked && wordsErr == nil {
		var watch stopwatch
		watch.start()
		if matched, wordsErr, err = s.complete(ctx, sp, &near, words); err != nil {
			return nil, finding{}, err
		}
		out.Timing.Retrieve += watch.lap()
	}
	if wordsErr != nil {
		if ctx.Err() != nil {
			return nil, finding{}, ctx.Err()
		}
		s.degrade(ctx, out, LexicalUnavailable, wordsErr)
	}
	list := fuse(near.candidates, matched, near.scales, q.language)
	var held *holdings
	if matchesAsked && wordsErr == nil {
		held = newHoldings(words, matched.terms)
	}
	judge(list, near, held, q.language)
	if held != nil {
		weigh(list, q.language)
	}
	terms := &matched.terms
	if req.KeepDuplicates {
		terms = nil // they are not compared
	}
	if out.Counterparts, err = s.pivot(ctx, sp, list, terms); err != nil {
		return nil, finding{}, err
	}
	return near.vector, finding{namedFirst(phrasedFirst(list, words.phrased), words.named), matched.terms}, nil
}

// rankByWords ranks what the lexical leg found by itself.
func (s *Searcher) rankByWords(ctx context.Context, sp space.Space, q question, words lexicalLeg) (finding, error) {
	list := byTerms(words.matches)
	terms, err := s.cfg.Store.PassageTerms(ctx, sp, nil, keysOf(list))
	if err != nil {
		return finding{}, err
	}
	judgeByWords(list, newHoldings(words, terms), q.language)
	return finding{namedFirst(phrasedFirst(list, words.phrased), words.named), terms}, nil
}

func (s *Searcher) degrade(ctx context.Context, out *Response, d Degradation, err error) {
	out.Degraded = append(out.Degraded, d)
	s.cfg.Logger.WarnContext(ctx, "a search did without a part", "space", out.Space.Name(), "error", err)
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

// stopwatch times stages that follow each other.
type stopwatch struct{ last time.Time }

func (w *stopwatch) start() { w.last = time.Now() }

func (w *stopwatch) lap() time.Duration {
	now := time.Now()
	d := now.Sub(w.last)
	w.last = now
	return d
}
