package search

import (
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// maxCoded is the maximum number of passages that are searched for codes other than the
// question's. They are those that share the most terms with the question.
const maxCoded = 100

// matchCodes finds passages that contradict a code of the question. It looks at the
// passages that share the most terms with the question. A passage with the name of a code
// shares at least that name.
func (s *Searcher) matchCodes(ctx context.Context, sp space.Space, q question, leg *lexicalLeg) error {
	codes := lexical.Codes(q.text)
	if len(codes) == 0 {
		return nil
	}
	for _, code := range codes {
		if letter, ok := code.Letter(); ok {
			leg.letters = append(leg.letters, letter.ID())
		}
	}
	likely := likeliest(leg.matches, maxCoded)
	texts, err := s.cfg.Passages.Texts(ctx, sp, keysOfMatches(likely))
	if err != nil {
		return err
	}
	leg.contradicting = map[document.PassageKey]bool{}
	for _, m := range likely {
		p, found := texts[m.PassageKey]
		if found && slices.ContainsFunc(codes, func(c lexical.Code) bool { return c.Contradicts(p.Text, m.Language) }) {
			leg.contradicting[m.PassageKey] = true
		}
	}
	return nil
}

// letters are the terms of the single letters that may be codes.
var letters = func() (ids []int32) {
	for letter := 'a'; letter <= 'z'; letter++ {
		if letter != 'i' { // "I" is a word
			ids = append(ids, lexical.Term{Text: string(letter)}.ID())
		}
	}
	return ids
}()

// contradicts reports whether a passage is about something else of the same kind as the
// query, such as hepatitis B for hepatitis A. In another language, the word before the letter
// differs, so it is enough that the passage has other letters and none of the query's.
func (c *coverage) contradicts(key document.PassageKey, foreign bool) bool {
	if c.contradicting[key] || !foreign || len(c.letters) == 0 {
		return c.contradicting[key]
	}
	holds := func(id int32) bool {
		_, found := slices.BinarySearch(c.terms[key].IDs, id)
		return found
	}
	return !slices.ContainsFunc(c.letters, holds) && slices.ContainsFunc(letters, holds)
}

// namesOfLetters returns the terms before the single letters of names in the question, by the
// letter's term: the "vitamin" of "vitamin D". A name may be another word in another
// language. So for a language other than the question's, the result has only names that some
// passage of the language contains.
func (leg *lexicalLeg) namesOfLetters(language string) map[int32]int32 {
	names := map[int32]int32{}
	terms := slices.DeleteFunc(slices.Clone(leg.terms[language]), func(t lexical.Term) bool { return t.Initials })
	for i := 1; i < len(terms); i++ {
		letter, name := terms[i].ID(), terms[i-1]
		beside := terms[i].Start-name.End == 1 && slices.Contains(leg.letters, letter)
		if beside && (language == leg.language || leg.queries[language].Holding(name.ID()) > 0) {
			names[letter] = name.ID()
		}
	}
	return names
}
