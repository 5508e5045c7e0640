package ngram

import (
	"embed"
	_ "unsafe" // for go:linkname

	"github.com/pemistahl/lingua-go"
)

// The following belong to lingua-go, which does not export them. The tests compare all results with
// the library's, so they fail if another version of it differs here.

// files are the models, as archives of messages.
//
//go:linkname files github.com/pemistahl/lingua-go.languageModels
var files embed.FS

// sharedLetters are letters that some languages of a script have and others do not.
//
//go:linkname sharedLetters github.com/pemistahl/lingua-go.charsToLanguagesMapping
var sharedLetters map[string][]lingua.Language

// ownLetters returns the letters that only one language has.
//
//go:linkname ownLetters github.com/pemistahl/lingua-go.Language.uniqueCharacters
func ownLetters(lingua.Language) string

// scriptsOf returns the numbers of the scripts of a language.
//
//go:linkname scriptsOf github.com/pemistahl/lingua-go.Language.alphabets
func scriptsOf(lingua.Language) []int
