// Package referencetexts holds short neutral passages in several languages, written for
// this project. Before a corpus has enough passages of its own, a new embedding space uses
// their vectors to estimate each language's mean and the similarity of passages that do not
// answer a query. Reference queries show what queries in a language have in common, and how
// similar passages are to a query that none of them answers.
//
// All languages cover the same topics in about the same proportions, mostly with
// corresponding texts, so that the means differ by language and not by subject. The texts
// name no people, and their news is invented. They are never search results.
package referencetexts

import (
	"embed"
	"slices"
	"strings"
)

// texts has a file for each language, named by its primary subtag, with a passage on
// each line. queries has two files for each language, with a query on each line.
//
//go:embed texts/*.txt
var texts embed.FS

//go:embed queries
var queries embed.FS

const extension = ".txt"

// Languages returns the primary subtags of the languages with texts, sorted.
func Languages() []string {
	entries, err := texts.ReadDir("texts")
	if err != nil {
		panic(err) // the folder is embedded
	}
	languages := make([]string, len(entries))
	for i, entry := range entries {
		languages[i] = strings.TrimSuffix(entry.Name(), extension)
	}
	return languages
}

// Texts returns the passages of a language, or nil if there are none. language is a
// primary subtag in lower case ("zh", not "zh-Hant"). The caller owns the slice. Its
// order never changes within a version of the texts.
func Texts(language string) []string {
	if !slices.Contains(Languages(), language) {
		return nil
	}
	return lines(texts, "texts/"+language+extension)
}

// ShortQueries returns 30 queries of one to five words in a language, or nil if there
// are none. They are about everyday subjects, so that a collection is unlikely to
// answer many of them.
func ShortQueries(language string) []string { return queriesOf("short", language) }

// Questions returns 30 whole questions in a language, or nil if there are none.
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
		panic(err) // the file is embedded
	}
	return strings.Split(strings.TrimSpace(string(file)), "\n")
}
