package furniture

import "github.com/accord-search/accord/internal/corpus/pattern"

var (
	separators      = pattern.MustLoad(files, "patterns/separator.txt", nil)
	separatorRE     = separators.Regexp("separator")
	weakSeparatorRE = separators.Regexp("weak separator")
)

// IsSeparator reports whether text is a rule or a counter between documents.
func IsSeparator(text string) bool { return separatorRE.MatchString(text) }

// IsWeakSeparator reports whether text is a rule that may also separate sections of one
// document.
func IsWeakSeparator(text string) bool { return weakSeparatorRE.MatchString(text) }
