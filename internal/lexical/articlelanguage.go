package lexical

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// joiningWords are the words that stand before articles and between their numbers, with
// their languages.
var joiningWords = map[string][]string{
	"the": {"en"}, "l": {"fr", "it"}, "les": {"fr"}, "der": {"de"},
	"and": {"en"}, "or": {"en"}, "to": {"en"}, "und": {"de"}, "oder": {"de"}, "bis": {"de"}, "et": {"fr"}, "ou": {"fr", "pt"},
	"y": {"es"}, "e": {"pt", "it"}, "o": {"es", "it"}, "и": {"ru", "bg"}, "или": {"ru", "bg"}, "до": {"ru", "bg"},
	"i": {"pl"}, "dan": {"id", "ms"}, "en": {"nl"}, "και": {"el"}, "ja": {"fi", "et"}, "och": {"sv"}, "og": {"da", "nb", "no"}, "ve": {"tr"},
}

// ArticleLanguages returns the languages that a question may be in, likeliest first, if the
// question consists only of names of articles, such as "articles 3 and 5". Such a question
// is too short for language detection. It returns nil for any other question.
func ArticleLanguages(question string) []string {
	var languages []string
	named := false
	f := fold(question)
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || r == '§' }
	for start := 0; start < len(f.text); {
		end := runEnd(f.text, start, inWord)
		if end == start {
			_, size := utf8.DecodeRuneInString(f.text[start:])
			start += size
			continue
		}
		word := f.text[start:end]
		name, isName := articleNames[word]
		joins, isJoining := joiningWords[word]
		switch {
		case word == "§" && !named:
			_, ofSign := NamedArticles(question) // they depend on where the number is
			named, languages = true, intersect(languages, ofSign)
		case isName && !named:
			named, languages = true, intersect(languages, f.nameLanguages(name, question, start, end))
		case isJoining:
			languages = intersect(languages, joins)
		case !isName && !isArticleNumber(word):
			return nil
		}
		start = end
	}
	if !named {
		return nil
	}
	return languages
}

// nameLanguages returns the languages of the name in [start, end): those that spell it like
// the original, or, if there are none, those that spell it so without marks.
func (f folded) nameLanguages(name articleName, original string, start, end int) []string {
	from := f.span(start, end)
	if languages := spelledNames[strings.ToLower(original[from.start:from.end])]; languages != nil {
		return languages
	}
	return name.languages
}

// addNameLanguages records the languages of a name that has a number.
func (s *scanner) addNameLanguages(name namedArticle) {
	s.articleLanguages = append(s.articleLanguages, s.nameLanguages(name.articleName, s.original, name.start, name.end)...)
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
