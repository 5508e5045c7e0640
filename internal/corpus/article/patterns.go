package article

import (
	"embed"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

var (
	endMarkRE     = patterns.Regexp("end mark")
	signedRE      = patterns.Regexp("signing")
	nameRE        = patterns.Regexp("author")
	innerNumberRE = patterns.Regexp("inner number")
)
