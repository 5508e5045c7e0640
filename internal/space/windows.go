package space

import (
	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

// Cut cuts passages into the windows of the space. windows holds, for each passage,
// its windows without vectors. texts holds the texts to embed for all windows, in the
// same order.
func (s Space) Cut(passages []document.Passage) (windows [][]document.Window, texts []string) {
	windows = make([][]document.Window, len(passages))
	for i, p := range passages {
		sentences := s.Windowing == WindowingSentences && (p.Kind == document.KindParagraph || p.Kind == document.KindArticle)
		for _, piece := range chunk.Pieces(p.Text, sentences, s.WindowTokens, chunk.EstimateTokens) {
			windows[i] = append(windows[i], document.Window{Role: piece.Role, Range: piece.Range.Within(p.Range)})
			texts = append(texts, piece.Text)
		}
	}
	return windows, texts
}
