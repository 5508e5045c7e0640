package search

import (
	"strings"
	"unicode"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// spellings holds the words of a short query that no passage in its language contains, and those
// of the first passages that have a word that is spelt almost like them.
type spellings struct {
	unknown []unknownWord
	known   map[int32]bool // unknown words that some passage has in another spelling
	in      map[document.PassageKey]map[int32]bool
}

// unknownWord is a word that no passage contains.
type unknownWord struct {
	id   int32
	text string // as the query spells it
}

// findUnknown returns the words of a short query that no passage in its language contains, neither
// in a wider term nor in its parts.
func findUnknown(words lexicalLeg) spellings {
	s := spellings{known: map[int32]bool{}, in: map[document.PassageKey]map[int32]bool{}}
	query, asked := words.queries[words.language], words.terms[words.language]
	if words.shortness == 0 || query.Passages() == 0 {
		return s
	}
	wider, parts := widerTerms(asked), partsOfCompounds(asked)
	for _, t := range asked {
		w := queryWord{id: t.ID(), wider: append(parts[t.ID()], wider[t.ID()]...)}
		if !t.Part && !t.IsGram() && !strings.ContainsFunc(t.Text, unicode.IsNumber) && len(s.unknown) < maxNames && mostHolding(query.Holding, w) == 0 {
			s.unknown = append(s.unknown, unknownWord{t.ID(), words.text[t.Start:t.End]})
		}
	}
	return s
}

// read records which of the unknown words a passage has in another spelling.
func (s *spellings) read(key document.PassageKey, text string) {
	for _, w := range s.unknown {
		if !lexical.HasLike(text, w.text) {
			continue
		}
		if s.in[key] == nil {
			s.in[key] = map[int32]bool{}
		}
		s.in[key][w.id], s.known[w.id] = true, true
	}
}

// respelt returns the other spellings of a word of a query.
func respelt(asked []lexical.Term, word lexical.Term) (ids []int32) {
	for _, t := range asked {
		if t.Respelt && t.Start == word.Start && t.End == word.End {
			ids = append(ids, t.ID())
		}
	}
	return ids
}

// mostHolding returns the highest number of passages that hold a word or one of its wider terms,
// given the number for each term.
func mostHolding(holding func(int32) int, w queryWord) int {
	most := holding(w.id)
	for _, id := range w.wider {
		most = max(most, holding(id))
	}
	return most
}
