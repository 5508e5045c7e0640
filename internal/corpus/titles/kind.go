package titles

import (
	"embed"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/publisher"
)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", map[string]string{"agency": publisher.AgencyPattern})

var (
	instrumentRE = patterns.Regexp("instrument")
	issuerRE     = patterns.Regexp("issuer")
	speakerRE    = patterns.Regexp("speaker")
	siteSuffixRE = patterns.Regexp("site suffix")
)

// IsInstrument reports whether text is the title of an agreement or a declaration of
// states.
func IsInstrument(text string) bool { return instrumentRE.MatchString(text) }

// IsIssuer reports whether text is a line above or below a title that names an authority, a
// speaker, or a kind of text ("Press release").
func IsIssuer(text string) bool { return issuerRE.MatchString(text) }
