package chunk

import "github.com/accord-search/accord/internal/document"

// Piece is a window before it is embedded.
type Piece struct {
	Role document.Role
	// Range is the part of the passage's text that the window covers: all of it for a
	// window of RolePassage.
	Range document.TextRange
	// Text is what the model reads.
	Text string
}

// Pieces cuts a passage's text into its windows: those of Windows and, if sentences
// is true, those of SentenceWindows. A sentence window that exceeds limit is split
// again. limit and count are as for Windows.
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
