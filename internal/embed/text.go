package embed

import (
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
)

// prepare checks texts and puts prefix before each. What no server may be
// asked is refused here, since servers differ in what they do about it: they
// cut at NUL, mend broken UTF-8, refuse an empty text or give it a vector.
func prepare(texts []string, prefix string) ([]string, error) {
	out := make([]string, len(texts))
	for i, text := range texts {
		switch {
		case text == "":
			return nil, fmt.Errorf("%w: text %d of %d is empty", ErrInvalidText, i+1, len(texts))
		case !utf8.ValidString(text):
			return nil, fmt.Errorf("%w: text %d of %d is not valid UTF-8", ErrInvalidText, i+1, len(texts))
		case strings.IndexByte(text, 0) >= 0:
			return nil, fmt.Errorf("%w: text %d of %d holds a NUL character, where some servers cut it; remove it", ErrInvalidText, i+1, len(texts))
		}
		out[i] = prefix + text
	}
	return out, nil
}

// batchLimits bounds a request for passages: its texts, the sum of their
// lengths, and that of the tokens that they are estimated to have.
type batchLimits struct{ inputs, bytes, tokens int }

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
