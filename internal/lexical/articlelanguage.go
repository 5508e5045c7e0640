package lexical

import (
	"slices"
	"strings"
	"unicode"
)

// joiningWords are the words that stand before articles and between their numbers, with
// their languages.
var joiningWords = map[string][]string{
	"the": {"en"}, "l": {"fr", "it"}, "les": {"fr"}, "der": {"de"},
	"and": {"en"}, "or": {"en"}, "to": {"en"}, "und": {"de"}, "oder": {"de"}, "bis": {"de"}, "et": {"fr"}, "ou": {"fr", "pt"},
	"y": {"es"}, "e": {"pt", "it"}, "o": {"es", "it"}, "и": {"ru", "bg"}, "или": {"ru", "bg"}, "до": {"ru", "bg"},
}

// ArticleLanguages returns the languages that a question may be in, likeliest first, if the
// question consists only of names of articles, such as "articles 3 and 5". Such a question
// is too short for language detection. It returns nil for any other question.
func ArticleLanguages(question string) []string {
	var languages []string
	named := false
	words := strings.FieldsFunc(fold(question).text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '§'
	})
	for _, word := range words {
		name, isName := articleNames[word]
		joins, isJoining := joiningWords[word]
		switch {
		case isName && !named:
			named, languages = true, intersect(languages, name.languages)
		case isJoining:
			languages = intersect(languages, joins)
		case isName || isArticleNumber(word):
			continue
		default:
			return nil
		}
	}
	if !named {
		return nil
	}
	return languages
}

// isArticleNumber reports whether a word is a number in some language, or a part of one, or a
// Roman numeral.
func isArticleNumber(word string) bool { return romanValue(word) > 0 || articleNumberWords[word] }

// articleNumberWords are the words of the numbers of articles.
var articleNumberWords = func() map[string]bool {
	words := map[string]bool{}
	for _, name := range articleNames {
		for number := range name.numbers {
			for word := range strings.FieldsFuncSeq(number, func(r rune) bool { return r == ' ' || r == '-' }) {
				words[word] = true
			}
		}
	}
	return words
}()

// intersect returns the elements of a that are in b. It returns b if a is empty.
func intersect(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}
