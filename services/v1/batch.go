package v1

import (
	"context"
	"math"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// BatchSearch implements accord.v1.SearchService.
func (s *searchServer) BatchSearch(ctx context.Context, req *accordv1.BatchSearchRequest) (*accordv1.BatchSearchResponse, error) {
	collection := document.CollectionID(req.GetParent())
	answers := newBatchAnswers(len(req.GetRequests()))
	asked := make([]*question, len(req.GetRequests()))
	var together []search.Request
	for i, q := range req.GetRequests() {
		q, err := s.batchQuestion(q, collection)
		if err != nil {
			answers.fail(i, s.toStatus(ctx, err))
			continue
		}
		asked[i], together = &q, append(together, q.Request)
	}
	within, end := context.WithCancel(ctx)
	defer end()
	places := semaphore.NewWeighted(int64(s.cfg.BatchParallel))
	searches, embed := s.cfg.Embedder.EmbedTogether(within, collection, together, places)
	var embedding sync.WaitGroup
	embedding.Go(guard.Log(s.cfg.Logger, "vectors of a batch", embed))
	var searching sync.WaitGroup
	for i, q := range asked {
		if q == nil {
			continue
		}
		if places.Acquire(ctx, 1) != nil {
			break // the call has ended
		}
		searching.Go(func() {
			defer places.Release(1)
			var page *resultPage
			err := guard.Call(func() (err error) {
				page, err = s.answerInBatch(searches, req.GetRequests()[i], *q)
				return err
			})
			if err != nil {
				answers.fail(i, s.toStatus(searches, err))
			} else {
				answers.add(i, page)
			}
		})
	}
	searching.Wait()
	end() // no search waits for a vector any more
	embedding.Wait()
	return answers.response, ctx.Err()
}

// answerInBatch answers a question of a batch.
func (s *searchServer) answerInBatch(ctx context.Context, req *accordv1.SearchRequest, asked question) (page *resultPage, err error) {
	_, err = s.read(ctx, req, func(ctx context.Context, _ any) (_ any, err error) {
		page, err = s.answer(ctx, asked)
		return nil, err
	})
	return page, err
}

// batchQuestion decodes a question of a batch.
func (s *searchServer) batchQuestion(req *accordv1.SearchRequest, collection string) (question, error) {
	if err := s.validate(req); err != nil {
		return question{}, err
	}
	if req.GetParent() != "" && document.CollectionID(req.GetParent()) != collection {
		return question{}, &document.FieldError{Field: "parent", Problem: "must be empty, or the parent of the batch"}
	}
	within := proto.CloneOf(req)
	within.Parent = document.CollectionName(collection)
	return s.question(within)
}

// batchAnswers collects the answers of a batch, in any order. The answers together have at most
// maxPageBytes. While they are collected, each question that is being answered may hold one
// more page.
type batchAnswers struct {
	mu       sync.Mutex
	response *accordv1.BatchSearchResponse
	pages    map[int]*resultPage
	sizes    []int // of the answers before they were cut
}

func newBatchAnswers(n int) *batchAnswers {
	return &batchAnswers{
		response: &accordv1.BatchSearchResponse{Answers: make([]*accordv1.BatchSearchAnswer, n)},
		pages:    map[int]*resultPage{}, sizes: make([]int, n),
	}
}

func (b *batchAnswers) fail(i int, err error) {
	b.set(i, failed(err), nil)
}

func failed(err error) *accordv1.BatchSearchAnswer {
	return &accordv1.BatchSearchAnswer{Outcome: &accordv1.BatchSearchAnswer_Status{Status: status.Convert(err).Proto()}}
}

func (b *batchAnswers) add(i int, page *resultPage) {
	b.set(i, &accordv1.BatchSearchAnswer{Outcome: &accordv1.BatchSearchAnswer_Response{Response: page.response}}, page)
}

// framing is an upper bound of the bytes that an answer adds to a batch besides its response.
const framing = 16

// set adds an answer, and cuts those that have become too large. An answer fails if its facets
// and its token, which cannot be cut, are too large.
func (b *batchAnswers) set(i int, answer *accordv1.BatchSearchAnswer, page *resultPage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.response.Answers[i], b.sizes[i] = answer, proto.Size(answer)
	if page != nil {
		b.pages[i] = page
	}
	// The limit falls with each answer, so an answer ends at the same result whatever the
	// order in which the answers come.
	limit := largestLimit(b.sizes, maxPageBytes-framing*len(b.sizes))
	for i, page := range b.pages {
		if b.sizes[i] <= limit {
			continue
		}
		page.cut(limit)
		if proto.Size(page.response) > limit {
			delete(b.pages, i)
			b.response.Answers[i] = failed(badRequest([]*document.FieldError{{
				Field: "requests", Problem: "are too many for this answer, which is too large even without results; ask with Search, or leave out facets",
			}}))
		}
	}
}

// largestLimit returns the largest limit for which the sum of sizes is at most total, if all
// sizes above the limit are cut to it.
func largestLimit(sizes []int, total int) int {
	for i, size := range slices.Sorted(slices.Values(sizes)) {
		if share := total / (len(sizes) - i); size > share {
			return share
		}
		total -= size
	}
	return math.MaxInt
}
