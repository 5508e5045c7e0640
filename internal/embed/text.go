package embed

import (
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
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

// batches cuts texts into runs of at most maxInputs texts and maxBytes bytes,
// each with the index of its first text. A text over maxBytes is a run of its
// own.
func batches(texts []string, maxInputs, maxBytes int) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		for start := 0; start < len(texts); {
			end, size := start+1, len(texts[start])
			for end < len(texts) && end-start < maxInputs && size+len(texts[end]) <= maxBytes {
				size += len(texts[end])
				end++
			}
			if !yield(start, texts[start:end]) {
				return
			}
			start = end
		}
	}
}
