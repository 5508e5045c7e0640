// Package background holds short neutral passages of the project's own writing
// in several languages. A new embedding space estimates from their vectors each
// language's mean and how similar passages are that do not answer a query,
// before its corpus has enough passages of its own. Reference queries in each
// language say what queries have in common, and what one reaches that nothing
// answers.
//
// Every language covers the same topics in about the same proportions, most as
// counterparts of one another, so that the means differ by language and not by
// subject; people in them are never named, and the news in them is invented. It
// is no corpus: nothing here is ever a search result.
package background

import (
	"embed"
	"slices"
	"strings"
)

// texts has a file a language, named by its primary subtag, a passage a line;
// queries has two, of a query a line.
//
//go:embed texts/*.txt
var texts embed.FS

//go:embed queries
var queries embed.FS

const extension = ".txt"

// Languages returns the primary subtags of the languages that have texts,
// sorted.
func Languages() []string {
	entries, err := texts.ReadDir("texts")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	languages := make([]string, len(entries))
	for i, entry := range entries {
		languages[i] = strings.TrimSuffix(entry.Name(), extension)
	}
	return languages
}

// Texts returns the passages of a language, given by its primary subtag in
// lower case ("zh", not "zh-Hant"), or nil if there are none. The slice is the
// caller's; its order never changes within a version of the texts.
func Texts(language string) []string {
	if !slices.Contains(Languages(), language) {
		return nil
	}
	return lines(texts, "texts/"+language+extension)
}

// ShortQueries returns 30 queries of one to five words in a language, as Texts
// returns passages. They are about everyday subjects, so that no collection is
// likely to answer many of them.
func ShortQueries(language string) []string { return queriesOf("short", language) }

// Questions returns 30 whole questions, as ShortQueries returns short ones.
func Questions(language string) []string { return queriesOf("questions", language) }

func queriesOf(form, language string) []string {
	if !slices.Contains(Languages(), language) {
		return nil
	}
	return lines(queries, "queries/"+form+"/"+language+extension)
}

func lines(files embed.FS, path string) []string {
	file, err := files.ReadFile(path)
	if err != nil {
		panic(err) // the file is part of the binary
	}
	return strings.Split(strings.TrimSpace(string(file)), "\n")
}
