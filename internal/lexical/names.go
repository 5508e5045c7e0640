package lexical

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fewestTitleWords is the minimum number of words of a title, in which each word begins with a
// capital.
const fewestTitleWords = 3

// Names returns the spans of the words of a query that are names: the capitalised ones, and in
// scripts without capitals those that are listed as names of people.
func Names(query, language string) []Term {
	names := capitalisedNames(query, language)
	if p := personsOf(language); p != nil {
		names = append(names, p.find(query)...)
		slices.SortFunc(names, func(a, b Term) int { return a.Start - b.Start })
	}
	return names
}

// capitalisedNames returns the words of a query that are capitalised as names. The first
// word of a sentence counts only if a name follows it. Acronyms are not names, since a text may
// spell them out. Neither are common nouns in German, such as those after an article, nor the
// words of a title, in which every word is capitalised.
func capitalisedNames(query, language string) (names []Term) {
	a := analyserOf(language)
	words := capitalWords(query)
	if !a.german && isTitle(words) {
		return nil
	}
	for i, w := range words {
		if !w.capital || a.isCommonWord(words, i) || beginsSentence(query, words, i) && !capitalFollows(words, i) {
			continue
		}
		names = append(names, w.Term)
	}
	return names
}

// isTitle reports whether each of several words begins with a capital.
func isTitle(words []capitalWord) bool {
	return len(words) >= fewestTitleWords && !slices.ContainsFunc(words, func(w capitalWord) bool { return !w.capital })
}

// isCommonWord reports whether words[i] is a stop word, a form of address or a common noun in
// German.
func (a *analyser) isCommonWord(words []capitalWord, i int) bool {
	folded := fold(words[i].Text).text
	if a.stops[folded] || formsOfAddress[folded] {
		return true
	}
	return a.german && (isGermanNoun(folded) || i > 0 && germanDeterminers[fold(words[i-1].Text).text])
}

// beginsSentence reports whether a sentence of the query begins with words[i].
func beginsSentence(query string, words []capitalWord, i int) bool {
	return i == 0 || endsSentence(words[i-1].Text, query[words[i-1].End:words[i].Start])
}

// capitalFollows reports whether the word after words[i] begins with a capital and only one
// character is between them.
func capitalFollows(words []capitalWord, i int) bool {
	return i+1 < len(words) && words[i+1].capital && words[i+1].Start == words[i].End+1
}

// formsOfAddress are words that a text about a person may leave out.
var formsOfAddress = wordSet("mr mrs ms miss dr prof sr sra mme mlle sig dear sir madam")

// germanDeterminers are words before a common noun, which has a capital in German too.
var germanDeterminers = wordSet(`der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner keines
	mein meine meinen meinem meiner meines sein seine seinen seinem seiner seines ihr ihre ihren ihrem ihrer ihres
	unser unsere unseren unserem unserer unseres dieser diese dieses diesen diesem jeder jede jedes jeden jedem
	welcher welche welches welchen welchem im am beim vom zum zur ins ans viel viele vielen wenig wenige mehr alle allen`)

// longestAbbreviation is the number of letters of words such as "Mrs" and "St" before a period
// that ends no sentence.
const longestAbbreviation = 3

// endsSentence reports whether a sentence ends with a word and what follows it.
func endsSentence(word, after string) bool {
	return strings.ContainsAny(after, "!?:;…¿¡\n") || strings.Contains(after, ".") && utf8.RuneCountInString(word) > longestAbbreviation
}

// capitalWord is a word of a query.
type capitalWord struct {
	Term
	capital bool // whether it begins with a capital and has small letters
}

func capitalWords(query string) (words []capitalWord) {
	for at := 0; at < len(query); {
		r, size := utf8.DecodeRuneInString(query[at:])
		if !canBegin(r) {
			at += size
			continue
		}
		end := runEnd(query, at, isSpelt)
		word := query[at:end]
		capital := unicode.IsUpper(r) && strings.IndexFunc(word[size:], unicode.IsLower) >= 0
		words = append(words, capitalWord{Term{Text: word, Start: at, End: end}, capital})
		at = end
	}
	return words
}

// isGermanNoun reports whether a folded German word is probably a common noun: it is listed,
// a compound, or has the ending of a noun.
func isGermanNoun(word string) bool {
	return germanForms[word] || germanNouns[word] || germanParts(word) != nil || slices.ContainsFunc(strings.Fields(germanSuffixLines), func(suffix string) bool {
		return strings.HasSuffix(word, suffix) && len(word) > len(suffix)+shortestPart
	})
}
