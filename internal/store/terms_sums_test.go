package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/accord-search/accord/internal/document"
)

// TestScoreSums compares the sums of postings in segments with scores that are added up one
// by one and sorted. The sums drop low scores when they hold 4*keep, so the numbers of
// passages include those around keep and 4*keep.
func TestScoreSums(t *testing.T) {
	t.Parallel()
	const keep, terms = 10, 3
	for _, passages := range []int{0, 1, keep - 1, keep, keep + 1, 4*keep - 1, 4 * keep, 4*keep + 1, 500} {
		t.Run(fmt.Sprint(passages, " passages"), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(passages), 1))
			var sums scoreSums
			sums.reset(keep)
			scores := map[int64]float32{}
			for first, left := int64(1), passages; left > 0; {
				segment := min(left, 1+r.IntN(30))
				for range terms {
					var list []posting
					for offset := range int64(segment) {
						p := newPosting(3*offset, 2*r.Float32()) // two of three numbers have no passage
						list = append(list, p)
						scores[first+3*offset] += float32(p>>offsetBits) * (0.5 / weightSteps)
					}
					for _, block := range blocksOf(list) {
						sums.addBlock(block, first, 0.5)
					}
				}
				first, left = first+int64(3*segment), left-segment
			}
			want := make([]scored, 0, len(scores))
			for number, score := range scores {
				want = append(want, scored{number, score})
			}
			highest := func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.number, b.number)) }
			slices.SortFunc(want, highest)
			got, more := sums.best()
			slices.SortFunc(got, highest)
			if !slices.Equal(got, want[:min(keep, len(want))]) || more != (passages > keep) {
				t.Errorf("got %v, more %v, want %v of %v", got, more, keep, want)
			}
		})
	}
}

func TestReadTermsEndsWithContext(t *testing.T) {
	t.Parallel()
	passages := []document.Passage{{Text: "Trade grew.", LanguageCode: "en"}, {Text: "数字经济", LanguageCode: "zh"}}
	if read, err := readTerms(t.Context(), passages); err != nil || len(read) != len(passages) {
		t.Errorf("%d passages, %v, want %d", len(read), err, len(passages))
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := readTerms(ended, passages); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v, want %v", err, context.Canceled)
	}
}
