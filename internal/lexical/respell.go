package lexical

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// shortestRespelt is the minimum number of letters of a word that has a term for its other
// spelling. Short words such as the Swedish "på" are not names.
const shortestRespelt = 4

// respellings write marked letters as two letters, by primary subtag: Århus as Aarhus. Languages
// that are not listed have that of "". A letter is listed for the languages in which only foreign
// names have it.
var respellings = func() map[string]*strings.Replacer {
	pairs := map[string][]string{"": nil}
	lines := linesOf(respeltLines)
	for _, fields := range lines {
		for _, language := range fields[2:] {
			pairs[language] = nil
		}
	}
	for _, fields := range lines {
		for language := range pairs {
			if everywhere := len(fields) == 2; everywhere || wordSet(strings.Join(fields[2:], " "))[language] {
				pairs[language] = append(pairs[language], fields[0], fields[1])
			}
		}
	}
	out := make(map[string]*strings.Replacer, len(pairs))
	for language, list := range pairs {
		out[language] = strings.NewReplacer(list...)
	}
	return out
}()

// respellingOf returns the respelling for a BCP-47 tag.
func respellingOf(language string) *strings.Replacer {
	if r, ok := respellings[primarySubtag(language)]; ok {
		return r
	}
	return respellings[""]
}

// addRespelt adds the other spelling of a word with a marked letter. The spelling without marks
// is a term already.
func (s *scanner) addRespelt(start, end int) {
	from := s.span(start, end)
	if s.respelling == nil || from.end-from.start <= end-start { // a marked letter has more bytes than its folded form
		return
	}
	word := norm.NFC.String(strings.ToLower(s.original[from.start:from.end]))
	respelt := s.respelling.Replace(word)
	if respelt == word || utf8.RuneCountInString(word) < shortestRespelt {
		return
	}
	text := fold(respelt).text
	if s.german {
		text = foldUmlauts(text)
	}
	if runEnd(text, 0, isSpelt) == len(text) {
		s.add(s.stem(text), start, end)
		last := &s.terms[len(s.terms)-1]
		last.Part, last.Respelt = true, true
	}
}
