package chunk

import "github.com/accord-search/accord/internal/document"

// Piece is a window that has no vector yet.
type Piece struct {
	Role document.Role
	// Range is what it covers of the text that was cut: of RolePassage all.
	Range document.TextRange
	// Text is what the model reads.
	Text string
}

// Pieces cuts a passage's text into its windows: those of Windows, and if
// sentences those of SentenceWindows, which are cut again where the model does
// not take them whole. Limit and count are as for Windows.
func Pieces(text string, sentences bool, limit int, count func(string) int) []Piece {
	var pieces []Piece
	add := func(role document.Role, r document.TextRange) {
		for _, window := range Windows(r.Slice(text), limit, count) {
			pieces = append(pieces, Piece{Role: role, Range: r, Text: window})
		}
	}
	add(document.RolePassage, document.NewRangeCounter(text).Range(0, len(text)))
	if sentences {
		for _, r := range SentenceWindows(text) {
			add(document.RoleSentences, r)
		}
	}
	return pieces
}
