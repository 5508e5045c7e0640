package search

import (
	"context"
	"errors"
	"sync"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// finding holds the passages that the legs found, best first, and their terms as far as
// they were read.
type finding struct {
	list  []ranked
	terms map[document.PassageKey]document.PassageTerms
}

func (f finding) withList(list []ranked) finding { return finding{list, f.terms} }

// rank runs the legs concurrently and ranks the passages that they find, best first. It
// returns the query's vector, or nil if only the lexical leg answered.
func (s *Searcher) rank(ctx context.Context, sp space.Space, q question, req Request, out *Response) (vector []float32, found finding, err error) {
	var (
		dense       denseLeg
		words       lexicalLeg
		denseErr    error
		wordsErr    error
		side        sync.WaitGroup
		lexicalOnly = req.Mode == ModeLexical
		useLexical  = req.Mode != ModeSemantic
	)
	ctx = s.cfg.Store.CountingOnce(ctx, q.filter)
	if useLexical {
		side.Go(func() {
			wordsErr = guard.Call(func() (err error) {
				words, err = s.findByWords(ctx, sp, q)
				return err
			})
		})
	}
	if !lexicalOnly {
		dense, denseErr = s.findByVector(ctx, sp, q)
	}
	side.Wait()
	if errors.Is(denseErr, ErrNoVector) && req.OnFailure == OnFailureLexical && ctx.Err() == nil {
		if !useLexical {
			words, wordsErr = s.findByWords(ctx, sp, q)
		}
		if wordsErr != nil {
			return nil, finding{}, denseErr
		}
		s.degrade(ctx, out, EmbedderUnavailable, denseErr)
		lexicalOnly, denseErr = true, nil
	}
	out.PossiblyIncomplete, out.UnmatchedPhrases = dense.incomplete || words.incomplete, words.phrased.unmatched
	out.Timing, out.Null = Timing{Embed: dense.embed, Retrieve: dense.retrieve, Lexical: words.took, Rank: dense.rank}, dense.null
	switch {
	case denseErr != nil:
		return nil, finding{}, denseErr
	case wordsErr != nil && lexicalOnly:
		return nil, finding{}, wordsErr
	case lexicalOnly:
		found, err = s.rankByWords(ctx, sp, q, words)
		return nil, found, err
	}
	var matched bm25
	if useLexical && wordsErr == nil {
		var watch stopwatch
		watch.start()
		if matched, wordsErr, err = s.completeScores(ctx, sp, &dense, words); err != nil {
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
	list := fuse(dense.candidates, matched, dense.scales, q.language)
	var covered *coverage
	if useLexical && wordsErr == nil {
		covered = newCoverage(words, matched.terms)
	}
	setRelevance(list, dense, covered, q.language)
	if covered != nil {
		boost(list, q.language)
	}
	terms := &matched.terms
	if req.KeepDuplicates {
		terms = nil // nothing compares them later
	}
	if out.Counterparts, err = s.pivot(ctx, sp, list, terms); err != nil {
		return nil, finding{}, err
	}
	return dense.vector, finding{namedFirst(phrasedFirst(list, words.phrased), words.named), matched.terms}, nil
}

// rankByWords ranks the passages that the lexical leg found, without vectors.
func (s *Searcher) rankByWords(ctx context.Context, sp space.Space, q question, words lexicalLeg) (finding, error) {
	list := rankByBM25(words.matches)
	terms, err := s.cfg.Store.PassageTerms(ctx, sp, nil, keysOf(list))
	if err != nil {
		return finding{}, err
	}
	setLexicalRelevance(list, newCoverage(words, terms), q.language)
	return finding{namedFirst(phrasedFirst(list, words.phrased), words.named), terms}, nil
}

func (s *Searcher) degrade(ctx context.Context, out *Response, d Degradation, err error) {
	out.Degraded = append(out.Degraded, d)
	s.cfg.Logger.WarnContext(ctx, "search degraded", "space", out.Space.Name(), "leg", d.leg(), "error", err)
}
