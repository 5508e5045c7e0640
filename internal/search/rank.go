package search

import (
	"context"
	"errors"
	"sync"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// question is the input of both legs.
type question struct {
	text     string
	language string // primary subtag
	filter   document.Filter
	limit    int // number of passages of each language
	// languageAdded reports whether the calibration was already told of the language.
	languageAdded bool
	// counted has the terms of the text in all languages of the space. It is nil until they
	// are counted.
	counted *countedTerms
}

// finding holds the passages that the legs found, best first, and those of their terms that
// were read.
type finding struct {
	list  []ranked
	terms map[document.PassageKey]document.PassageTerms
}

func (f finding) withList(list []ranked) finding { return finding{list, f.terms} }

// legs holds the results of the legs, or the errors with which they failed.
type legs struct {
	dense    denseLeg
	words    lexicalLeg
	matched  bm25 // for the candidates of both legs, if both answered
	useDense bool
	useWords bool

	denseErr, wordsErr error
	// withoutVector reports whether the request is answered by words alone, because
	// denseErr means that there is no vector of the query.
	withoutVector bool
}

// rank ranks the passages that the legs find, best first. It returns the query's vector,
// or nil if only the lexical leg answered. In out it sets what the legs say about the whole
// answer, such as times, degradations and counterparts.
func (s *Searcher) rank(ctx context.Context, sp space.Space, q question, req Request, page pageAhead, out *Response) (vector []float32, found finding, err error) {
	ctx = s.cfg.Both.CountingOnce(ctx, q.filter)
	answers := s.gather(ctx, sp, q, req)
	if err := s.degrade(ctx, &answers, out); err != nil {
		return nil, finding{}, err
	}
	dense, words := answers.dense, answers.words
	out.PossiblyIncomplete, out.UnmatchedPhrases = dense.incomplete || words.incomplete, words.phrased.unmatched
	out.Timing, out.Null = Timing{Embed: dense.embed, Retrieve: dense.retrieve, Lexical: words.took, Rank: dense.rank}, dense.null
	found, err = s.fuseLegs(ctx, sp, q, req, answers, page, out)
	return dense.vector, found, err
}

// gather runs the legs that the request asks for concurrently. If both answer, it adds the
// missing scores of the other leg to the passages of each. If there is no vector of the
// query and the request allows it, it runs the lexical leg in any case, and again if that found
// fewer passages than it finds alone.
func (s *Searcher) gather(ctx context.Context, sp space.Space, q question, req Request) legs {
	var (
		side    sync.WaitGroup
		answers = legs{useDense: req.Mode != ModeLexical, useWords: req.Mode != ModeSemantic}
	)
	words := q
	if answers.useDense {
		words.limit = besideDense(sp, q.limit)
	}
	if answers.useWords {
		side.Go(func() {
			answers.wordsErr = guard.Call(func() (err error) {
				answers.words, err = s.findByWords(ctx, sp, words)
				return err
			})
		})
	}
	if answers.useDense {
		answers.dense, answers.denseErr = s.findByVector(ctx, sp, q, &side)
	}
	side.Wait()
	answers.withoutVector = errors.Is(answers.denseErr, ErrNoVector) && req.OnFailure == OnFailureLexical && ctx.Err() == nil
	switch {
	case answers.withoutVector && (!answers.useWords || answers.wordsErr == nil && words.limit < q.limit):
		answers.words, answers.wordsErr = s.findByWords(ctx, sp, q)
	case answers.useDense && answers.denseErr == nil && answers.useWords && answers.wordsErr == nil:
		var watch stopwatch
		watch.start()
		answers.matched, answers.wordsErr, answers.denseErr = s.completeScores(ctx, sp, &answers.dense, answers.words)
		answers.dense.retrieve += watch.lap()
	}
	return answers
}

// degrade decides which legs the answer uses, given those that failed. It records a
// degradation if a leg is missing. It returns an error if no leg can answer.
func (s *Searcher) degrade(ctx context.Context, answers *legs, out *Response) error {
	switch {
	case answers.denseErr != nil && (!answers.withoutVector || answers.wordsErr != nil):
		return answers.denseErr
	case answers.denseErr != nil:
		s.recordDegradation(ctx, out, EmbedderUnavailable, answers.denseErr)
		answers.useDense, answers.useWords = false, true
	case answers.wordsErr != nil && !answers.useDense:
		return answers.wordsErr
	case answers.wordsErr != nil && ctx.Err() != nil:
		return ctx.Err()
	case answers.wordsErr != nil:
		s.recordDegradation(ctx, out, LexicalUnavailable, answers.wordsErr)
		answers.useWords = false
	}
	return nil
}

// fuseLegs puts the candidates of the legs into one order, estimates their relevance, and
// moves up the translations of the best one.
func (s *Searcher) fuseLegs(ctx context.Context, sp space.Space, q question, req Request, answers legs, page pageAhead, out *Response) (found finding, err error) {
	ctx, stage := telemetry.Start(ctx, telemetry.SearchRank)
	defer func() { stage.End(err) }()
	if !answers.useDense {
		return s.rankByWords(ctx, sp, q, answers.words)
	}
	dense, words, matched := answers.dense, answers.words, answers.matched
	list := fuse(dense.candidates, matched, dense.scales, q.language)
	var covered *coverage
	if answers.useWords {
		covered = newCoverage(words, matched.terms)
		if err := s.readTexts(ctx, sp, list, words, covered); err != nil {
			return finding{}, err
		}
	}
	setRelevance(list, *dense.null, covered, q.language)
	if covered != nil {
		if err := s.distrustOtherNumbers(ctx, sp, list, words, covered); err != nil {
			return finding{}, err
		}
		boost(list, q.language)
		req.weighWords(list, covered)
	}
	if out.Counterparts, err = s.pivot(ctx, sp, list, req.meaningShare()); err != nil {
		return finding{}, err
	}
	found = finding{namedFirst(phrasedFirst(list, words.phrased), words.named), matched.terms}
	if covered != nil && req.lexicalWeight() == 0 {
		sortBy(found.list, func(r *ranked) float64 { return r.Fused }) // by meaning alone, articles and phrases do not come first
	}
	if matched.terms == nil && !req.KeepDuplicates && !s.reranks(req) && req.Order == BestFirst {
		page.wantFirst(sp, dense, found.list, req.Limit) // if terms are read next, the hits are read with them
	}
	return found, nil
}

// rankByWords ranks the passages that the lexical leg found, without vectors.
func (s *Searcher) rankByWords(ctx context.Context, sp space.Space, q question, words lexicalLeg) (finding, error) {
	list := rankByBM25(words.matches)
	terms, err := s.cfg.Terms.PassageTerms(ctx, sp, nil, keysOf(list))
	if err != nil {
		return finding{}, err
	}
	covered := newCoverage(words, terms)
	if err := s.readTexts(ctx, sp, list, words, covered); err != nil {
		return finding{}, err
	}
	setLexicalRelevance(list, covered, q.language)
	if err := s.distrustOtherNumbers(ctx, sp, list, words, covered); err != nil {
		return finding{}, err
	}
	return finding{namedFirst(phrasedFirst(list, words.phrased), words.named), terms}, nil
}

// recordDegradation adds a failed part to the response, and logs its error.
func (s *Searcher) recordDegradation(ctx context.Context, out *Response, d Degradation, err error) {
	out.Degraded = append(out.Degraded, d)
	s.cfg.Logger.WarnContext(ctx, "search degraded", "space", out.Space.Name(), "leg", d.leg(), "error", err)
}
