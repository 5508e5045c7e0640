package furniture

import "github.com/accord-search/accord/internal/corpus/pattern"

var (
	stuck   = pattern.MustLoad(files, "patterns/stuck.txt", nil)
	stuckRE = stuck.Regexp("stuck")
)

// FindStuck returns the byte ranges in s of buttons and notes of links that are on the line
// of a text without a space between them.
func FindStuck(s string) [][]int { return stuckRE.FindAllStringIndex(s, -1) }

// ReplaceStuck returns s with replacement in place of each such button or note.
func ReplaceStuck(s, replacement string) string { return stuckRE.ReplaceAllString(s, replacement) }
