package embed

import (
	"fmt"
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
