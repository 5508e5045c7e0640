package embed

import (
	"cmp"
	"iter"
	"sync"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/embed/driver"
)

// maxInputsInFlight bounds the texts of all requests to a server that tells no
// bound: half of the 512 that Text Embeddings Inference takes before it refuses
// whole requests, so that two clients of one server fit.
const maxInputsInFlight = 256

// maxQueryBatch bounds the queries that go together: the most that hosted and
// local servers alike take in one request is often 32.
const maxQueryBatch = 32

// batchLimits returns the bounds of a request for passages to a server that
// limits suit. What a server tells of its inputs and bytes it enforces; how many
// tokens suit it is advice.
func (cfg Config) batchLimits(limits driver.Limits) batchLimits {
	_, inFlight := inputShares(limits)
	return batchLimits{
		inputs: min(cfg.BatchInputs, inFlight, cmp.Or(limits.MaxBatchInputs, cfg.BatchInputs)),
		bytes:  min(cfg.BatchBytes, cmp.Or(limits.MaxBatchBytes, cfg.BatchBytes)),
		tokens: cmp.Or(cfg.BatchTokens, min(cmp.Or(limits.MaxBatchTokens, DefaultBatchTokens), DefaultBatchTokens)),
	}
}

// queryLimits returns the bounds of a request for queries.
func (cfg Config) queryLimits(limits driver.Limits) batchLimits {
	l := cfg.batchLimits(limits)
	inFlight, _ := inputShares(limits)
	l.inputs = min(maxQueryBatch, inFlight, cmp.Or(limits.MaxBatchInputs, maxQueryBatch))
	return l
}

// inputShares divides the texts that may be in flight: a quarter for queries, so
// that passages never take the last place, and the rest for passages.
func inputShares(limits driver.Limits) (queries, passages int) {
	all := cmp.Or(limits.MaxConcurrentInputs, maxInputsInFlight)
	queries = max(1, all/4)
	return queries, max(1, all-queries)
}

// passageRequests returns how many requests for passages may be in flight to a
// server that limits suit.
func (cfg Config) passageRequests(limits driver.Limits) int {
	return cmp.Or(cfg.MaxPassageRequests, limits.MaxConcurrentRequests, DefaultMaxPassageRequests)
}

// queryRequests returns how many requests for queries may be in flight to a
// server that limits suit.
func (cfg Config) queryRequests(limits driver.Limits) int {
	suits := min(cmp.Or(limits.MaxConcurrentRequests, DefaultMaxQueryRequests), DefaultMaxQueryRequests)
	return cmp.Or(cfg.MaxQueryRequests, suits)
}

// batchLimits bounds a request: its texts, the sum of their
// lengths, and that of the tokens that they are estimated to have.
type batchLimits struct{ inputs, bytes, tokens int }

// growAfter is how many requests in a row, each as large as a server was seen to
// take, have it tried with one of twice that. A server that refuses it for good
// costs that one in so many; one that did so once is as fast again.
const growAfter = 32

// fitting is how many texts a request may have, as refusals teach it.
type fitting struct {
	mu         sync.Mutex
	most, ever int // now, and where nothing is refused
	fitted     int // requests of most texts in a row
}

// now returns the most texts of a request.
func (f *fitting) now() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.most
}

// refused remembers that the server takes no more than n texts like those that it
// was sent.
func (f *fitting) refused(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.most, f.fitted = min(f.most, n), 0
}

// took remembers that the server took a request of n texts.
func (f *fitting) took(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n < f.most || f.most == f.ever {
		return
	}
	if f.fitted++; f.fitted >= growAfter {
		f.most, f.fitted = min(2*f.most, f.ever), 0
	}
}

// batches cuts texts into runs within limits, each with the index of its first
// text. A text that exceeds them by itself is a run of its own.
func batches(texts []string, limits batchLimits) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		for start := 0; start < len(texts); {
			end := start + 1
			size, tokens := len(texts[start]), chunk.EstimateTokens(texts[start])
			for ; end < len(texts) && end-start < limits.inputs; end++ {
				size += len(texts[end])
				tokens += chunk.EstimateTokens(texts[end])
				if size > limits.bytes || tokens > limits.tokens {
					break
				}
			}
			if !yield(start, texts[start:end]) {
				return
			}
			start = end
		}
	}
}
