package ingest

import (
	"context"

	"golang.org/x/sync/semaphore"
)

const (
	// largeText is the length in bytes from which texts share largeTextsInFlight. Vectors
	// take about 25 times as much memory as their text, and the limit of concurrent writes
	// bounds this memory only for small texts. A text longer than largeTextsInFlight runs
	// alone among the large ones.
	largeText          = 256 << 10
	largeTextsInFlight = 16 << 20
)

// largeTexts bounds the long texts of all callers that have vectors in memory.
type largeTexts struct{ bytes *semaphore.Weighted }

func newLargeTexts() largeTexts { return largeTexts{semaphore.NewWeighted(largeTextsInFlight)} }

// begin waits until a text of a length may be embedded. The caller calls end when its
// vectors are stored. Short texts do not wait.
func (l largeTexts) begin(ctx context.Context, length int) (end func(), err error) {
	if length < largeText {
		return func() {}, nil
	}
	weight := min(int64(length), largeTextsInFlight)
	if err := l.bytes.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	return func() { l.bytes.Release(weight) }, nil
}
