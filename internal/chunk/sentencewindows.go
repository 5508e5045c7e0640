package chunk

import "github.com/accord-search/accord/internal/document"

// SentenceWindows returns the ranges of each two sentences of text that follow
// each other, in order; none where there are at most two, since then they are
// the text itself. Each sentence but the first and the last lies in two windows,
// so that an answer that runs over a full stop lies whole in one.
func SentenceWindows(text string) []document.TextRange {
	sentences := Sentences(text)
	if len(sentences) <= 2 {
		return nil
	}
	windows := make([]document.TextRange, len(sentences)-1)
	for i := range windows {
		first, second := sentences[i], sentences[i+1]
		windows[i] = document.TextRange{Start: first.Start, End: second.End, StartByte: first.StartByte, EndByte: second.EndByte}
	}
	return windows
}
