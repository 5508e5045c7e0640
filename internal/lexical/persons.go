package lexical

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// persons are the names of people in a language whose script has no capitals.
type persons struct {
	// names are folded words that are hardly ever anything but names.
	names []string
	// titles are folded words that may be written together with a name after them.
	titles []string
	// family, first and second have syllables of Korean names: those of families, and the first
	// and second syllables of given names. after has what may follow a name in the same word,
	// and not has words that look like names.
	family, first, second, after, not map[string]bool
}

// personsIn holds the names of people by primary subtag.
var personsIn = func() map[string]*persons {
	out := map[string]*persons{}
	for _, fields := range linesOf(personLines) {
		if strings.HasPrefix(fields[0], "#") {
			continue
		}
		languages, role, _ := strings.Cut(fields[0], ":")
		for language := range strings.SplitSeq(languages, ",") {
			if out[language] == nil {
				out[language] = &persons{}
			}
			out[language].read(role, fields[1:])
		}
	}
	return out
}()

// read adds words with a role.
func (p *persons) read(role string, words []string) {
	for i, word := range words {
		words[i] = fold(word).text
	}
	set := wordSet(strings.Join(words, " "))
	switch role {
	case "":
		p.names = append(p.names, words...)
		slices.SortFunc(p.names, func(a, b string) int { return len(b) - len(a) })
	case "title":
		p.titles = words
		slices.SortFunc(p.titles, func(a, b string) int { return len(b) - len(a) })
	case "family":
		p.family = set
	case "first":
		p.first = set
	case "second":
		p.second = set
	case "after":
		p.after = set
	case "not":
		p.not = set
	}
}

// personsOf returns the names of people for a BCP-47 tag, or nil if none are listed.
func personsOf(language string) *persons {
	return personsIn[primarySubtag(language)]
}

// find returns the spans of the names of people in a query.
func (p *persons) find(query string) (found []Term) {
	f := fold(query)
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
	for at := 0; at < len(f.text); {
		end := runEnd(f.text, at, inWord)
		if end == at {
			_, size := utf8.DecodeRuneInString(f.text[at:])
			at += size
			continue
		}
		if start, size := p.nameIn(f.text[at:end]); size > 0 {
			from := f.span(at+start, at+start+size)
			found = append(found, Term{Text: query[from.start:from.end], Start: from.start, End: from.end})
		}
		at = end
	}
	return found
}

// nameIn returns where a name is in a run of letters: the whole run, or in Thai and Korean what it
// begins with. size is 0 if it has none.
func (p *persons) nameIn(run string) (start, size int) {
	first, _ := utf8.DecodeRuneInString(run)
	switch {
	case unicode.Is(unicode.Hangul, first):
		return 0, p.koreanName(run)
	case !isUnspaced(first):
		if slices.Contains(p.names, run) {
			return 0, len(run)
		}
		return 0, 0
	}
	for _, title := range append([]string{""}, p.titles...) {
		rest, ok := strings.CutPrefix(run, title)
		if !ok {
			continue
		}
		for _, name := range p.names {
			if strings.HasPrefix(rest, name) {
				return len(title), len(name)
			}
		}
	}
	return 0, 0
}

// koreanName returns the size of the Korean name with which a word begins, or 0. Most names have
// three syllables.
func (p *persons) koreanName(word string) int {
	const syllables = 3
	var parts [syllables]string
	rest := word
	for i := range parts {
		_, size := utf8.DecodeRuneInString(rest)
		parts[i], rest = rest[:size], rest[size:]
	}
	name := word[:len(word)-len(rest)]
	if !p.family[parts[0]] || !p.first[parts[1]] || !p.second[parts[2]] || p.not[name] || rest != "" && !p.after[rest] {
		return 0
	}
	return len(name)
}
