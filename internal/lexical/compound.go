package lexical

import "strings"

// Bounds for splitting compounds, in bytes of the folded word. Nearly all compounds
// are within them. Runs of more than longestRun parts are not added as terms.
const (
	shortestCompound, longestCompound = 6, 80
	shortestPart                      = 3 // of a listed part next to listed parts
	shortestRest                      = 4 // of an unlisted part, or of a part next to an unlisted one
	shortestHead                      = 5 // of a listed part before an unlisted one
	longestRun                        = 3
)

var (
	// germanForms are the listed parts as they occur in compounds: with linking and
	// inflectional endings.
	germanForms    = partForms(germanPartLines)
	germanNouns    = nounForms(germanNounLines)
	germanPrefixes = wordSet(germanPrefixLines)
	germanSuffixes = wordSet(germanSuffixLines)
)

// nounForms returns nouns with their endings.
func nounForms(nouns string) map[string]bool {
	forms := map[string]bool{}
	for noun := range strings.FieldsSeq(nouns) {
		for _, ending := range []string{"", "s", "e", "n", "en"} {
			forms[noun+ending] = true
		}
	}
	return forms
}

func partForms(words string) map[string]bool {
	forms := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		word = foldUmlauts(word)
		for _, ending := range []string{"", "s", "es", "e", "n", "en", "er", "ern", "ens"} {
			forms[word+ending] = true
		}
		if strings.HasSuffix(word, "nis") { // Ergebnisse
			forms[word+"se"], forms[word+"sen"] = true, true
		}
		if bare := strings.TrimSuffix(word, "e"); len(bare) > shortestPart {
			forms[bare] = true // as in Schulhof
			forms[bare+"en"] = true
		}
	}
	return forms
}

// foldUmlauts writes ae, oe and ue in a German word as "a", "o" and "u", the folded
// ä, ö and ü. As in Snowball's stemmer, ue stays after a vowel or q: "neue",
// "Quelle".
func foldUmlauts(word string) string {
	if !strings.Contains(word, "ae") && !strings.Contains(word, "oe") && !strings.Contains(word, "ue") {
		return word
	}
	out := make([]byte, 0, len(word))
	for i := 0; i < len(word); i++ {
		out = append(out, word[i])
		if i+1 < len(word) && word[i+1] == 'e' && (word[i] == 'a' || word[i] == 'o' || word[i] == 'u' && (i == 0 || !strings.ContainsRune("aeioquy", rune(word[i-1])))) {
			i++
		}
	}
	return string(out)
}

// germanParts returns the offsets at which the parts of a compound word begin, starting
// with 0. It returns nil if the word is not a compound. "Trinkwasserversorgung" has the
// parts Trink, wasser and versorgung. The first or the last part may be a word that is not
// listed.
func germanParts(word string) []int {
	if len(word) < shortestCompound || len(word) > longestCompound || germanForms[word] {
		return nil
	}
	for i := shortestPart; i+shortestPart <= len(word); i++ { // the longest last part first
		if !germanForms[word[i:]] {
			continue
		}
		head := word[:i]
		switch {
		case germanPrefixes[head]:
		case germanForms[head]:
			return []int{0, i}
		case len(word)-i < shortestRest:
			if starts := germanParts(head); starts != nil && germanForms[head[:starts[1]]] {
				return append(starts, i)
			}
		case len(head) >= shortestRest && isPart(head):
			if starts := germanParts(head); starts != nil {
				return append(starts, i)
			}
			return []int{0, i}
		}
	}
	for i := len(word) - shortestRest; i >= shortestHead; i-- { // the longest first part first
		if rest := word[i:]; germanForms[word[:i]] && isPart(rest) {
			return []int{0, i}
		}
	}
	return nil
}

// isPart reports whether an unlisted piece of a word may be a part of a compound. Verb
// prefixes and endings may not.
func isPart(piece string) bool {
	return !germanPrefixes[piece] && !germanSuffixes[piece] && strings.ContainsAny(piece, "aeiouy")
}

// addCompoundParts adds the parts of a German compound and the runs of adjacent
// parts. All get the position of the word.
func (s *scanner) addCompoundParts(word string, start, end int) {
	starts := germanParts(word)
	if starts == nil {
		return
	}
	starts = append(starts, len(word))
	for first := range starts {
		for last := first + 1; last < len(starts) && last <= first+longestRun; last++ {
			if run := word[starts[first]:starts[last]]; len(run) < len(word) {
				s.add(s.stem(run), start, end)
				s.terms[len(s.terms)-1].Part = true
			}
		}
	}
}
