package embed

import (
	"cmp"
	"iter"
	"sync"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/embed/driver"
)

// maxInputsInFlight bounds the texts of all requests in flight to a server that does
// not report a limit. It is half of 512, the limit above which Text Embeddings Inference
// refuses whole requests, so that two clients can share a server.
const maxInputsInFlight = 256

// maxQueryBatch bounds the queries in one request. Hosted and local servers often
// take at most 32 texts.
const maxQueryBatch = 32

// batchLimits returns the limits of a request for passages, given the server's limits. The
// server enforces its limits of inputs and bytes, while its limit of tokens is only a
// recommendation.
func (cfg Config) batchLimits(limits driver.Limits) batchLimits {
	_, inFlight := inputShares(limits)
	return batchLimits{
		inputs: min(cfg.BatchInputs, inFlight, cmp.Or(limits.MaxBatchInputs, cfg.BatchInputs)),
		bytes:  min(cfg.BatchBytes, cmp.Or(limits.MaxBatchBytes, cfg.BatchBytes)),
		tokens: cmp.Or(cfg.BatchTokens, min(cmp.Or(limits.MaxBatchTokens, DefaultBatchTokens), DefaultBatchTokens)),
	}
}

// queryLimits returns the limits of a request for queries.
func (cfg Config) queryLimits(limits driver.Limits) batchLimits {
	l := cfg.batchLimits(limits)
	inFlight, _ := inputShares(limits)
	l.inputs = min(maxQueryBatch, inFlight, cmp.Or(limits.MaxBatchInputs, maxQueryBatch))
	return l
}

// inputShares divides the limit of texts in flight between queries and passages. A quarter is
// reserved for queries, so that passages never take the whole limit.
func inputShares(limits driver.Limits) (queries, passages int) {
	all := cmp.Or(limits.MaxConcurrentInputs, maxInputsInFlight)
	queries = max(1, all/4)
	return queries, max(1, all-queries)
}

// passageRequests returns how many requests for passages may be in flight, given the
// server's limits.
func (cfg Config) passageRequests(limits driver.Limits) int {
	return cmp.Or(cfg.MaxPassageRequests, limits.MaxConcurrentRequests, DefaultMaxPassageRequests)
}

// queryRequests returns how many requests for queries may be in flight, given the
// server's limits.
func (cfg Config) queryRequests(limits driver.Limits) int {
	suits := min(cmp.Or(limits.MaxConcurrentRequests, DefaultMaxQueryRequests), DefaultMaxQueryRequests)
	return cmp.Or(cfg.MaxQueryRequests, suits)
}

// batchLimits bounds a request: the number of its texts, the sum of their lengths in
// bytes, and the sum of their estimated tokens.
type batchLimits struct{ inputs, bytes, tokens int }

// sizeOf returns the size of texts.
func sizeOf(texts []string) batchLimits {
	size := batchLimits{inputs: len(texts)}
	for _, text := range texts {
		size.bytes += len(text)
		size.tokens += chunk.EstimateTokens(text)
	}
	return size
}

func (l batchLimits) plus(m batchLimits) batchLimits {
	return batchLimits{l.inputs + m.inputs, l.bytes + m.bytes, l.tokens + m.tokens}
}

// within reports whether a request of size l is within limits.
func (l batchLimits) within(limits batchLimits) bool {
	return l.inputs <= limits.inputs && l.bytes <= limits.bytes && l.tokens <= limits.tokens
}

// growAfter is the number of consecutive successful requests of the current size
// after which the size is doubled. A server that always refuses the larger size costs
// one refusal in growAfter requests; one that refused it once gets full-sized
// requests again.
const growAfter = 32

// batchSize is the number of texts in a request, adapted to the server's refusals.
type batchSize struct {
	mu               sync.Mutex
	current, largest int // current limit, and limit if nothing is refused
	streak           int // consecutive successful requests of the current size
}

// limit returns the maximum number of texts that a request may have now.
func (b *batchSize) limit() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current
}

// shrinkTo records that the server refused a request of more than n texts.
func (b *batchSize) shrinkTo(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.current, b.streak = min(b.current, n), 0
}

// succeeded records that the server took a request of n texts.
func (b *batchSize) succeeded(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n < b.current || b.current == b.largest {
		return
	}
	if b.streak++; b.streak >= growAfter {
		b.current, b.streak = min(2*b.current, b.largest), 0
	}
}

// batches cuts texts into consecutive batches within limits, and yields each with the
// index of its first text. A text that exceeds the limits by itself gets a batch of
// its own.
func batches(texts []string, limits batchLimits) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		for start := 0; start < len(texts); {
			end, size := start+1, sizeOf(texts[start:start+1])
			for ; end < len(texts); end++ {
				if size = size.plus(sizeOf(texts[end : end+1])); !size.within(limits) {
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
