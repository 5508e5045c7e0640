package ngram

import (
	"slices"
	"unicode"

	"github.com/pemistahl/lingua-go"
)

// scripts are in the order of lingua-go's numbers of them.
var scripts = []*unicode.RangeTable{
	unicode.Arabic, unicode.Armenian, unicode.Bengali, unicode.Cyrillic, unicode.Devanagari, unicode.Georgian,
	unicode.Greek, unicode.Gujarati, unicode.Gurmukhi, unicode.Han, unicode.Hangul, unicode.Hebrew,
	unicode.Hiragana, unicode.Katakana, unicode.Latin, unicode.Tamil, unicode.Telugu, unicode.Thai,
}

const (
	han      = 9
	hangul   = 10
	hiragana = 12
	katakana = 13
	latin    = 14
	none     = -1
)

// scriptOf returns the number of a letter's script, or none.
func scriptOf(letter rune) int {
	if letter <= unicode.MaxASCII {
		return latin
	}
	return slices.IndexFunc(scripts, func(s *unicode.RangeTable) bool { return unicode.Is(s, letter) })
}

// splitWords returns the words of a text, as runs of letters. A letter of Chinese, Japanese or
// Korean before which no other letter stands is a word.
func splitWords(text string) (words [][]rune) {
	letters := make([]rune, 0, len(text))
	inWord := false
	for _, r := range text {
		r = unicode.ToLower(r)
		switch {
		case inWord && unicode.IsLetter(r):
			letters = append(letters, r)
			words[len(words)-1] = letters[len(letters)-len(words[len(words)-1])-1:]
		case unicode.In(r, scripts[han], scripts[hangul], scripts[hiragana], scripts[katakana]):
			letters = append(letters, r)
			words = append(words, letters[len(letters)-1:])
			inWord = false
		case unicode.IsLetter(r):
			letters = append(letters, r)
			words = append(words, letters[len(letters)-1:])
			inWord = true
		default:
			inWord = false
		}
	}
	return words
}

// rules tell from the letters of a text which of some languages it may be in.
type rules struct {
	languages []lingua.Language
	byScript  [][]lingua.Language        // those of them that use each script
	alone     []lingua.Language          // for each script, the only language that uses it, or Unknown
	own       map[rune][]lingua.Language // for letters of only one language, that language
	shared    map[rune][]lingua.Language // for other letters, the languages that have them
}

func newRules(languages []lingua.Language) rules {
	r := rules{languages: languages, own: map[rune][]lingua.Language{}, shared: map[rune][]lingua.Language{}}
	for script := range scripts {
		var all []lingua.Language
		for _, l := range lingua.AllLanguages() {
			if slices.Contains(scriptsOf(l), script) {
				all = append(all, l)
			}
		}
		alone := lingua.Unknown
		if len(all) == 1 && slices.Contains(languages, all[0]) {
			alone = all[0]
		}
		r.alone = append(r.alone, alone)
		r.byScript = append(r.byScript, slices.DeleteFunc(all, func(l lingua.Language) bool { return !slices.Contains(languages, l) }))
	}
	for _, l := range languages {
		for _, letter := range ownLetters(l) {
			r.own[letter] = append(r.own[letter], l)
		}
	}
	for letters, all := range sharedLetters {
		for _, letter := range letters {
			r.shared[letter] = append(r.shared[letter], all...)
		}
	}
	return r
}

// counts are numbers of words or letters by language.
type counts [lingua.Unknown + 1]int

// most returns the language that has more than each other one, or Unknown.
func (c *counts) most() lingua.Language {
	best, most := lingua.Unknown, 0
	for l, n := range c {
		switch {
		case n > most:
			best, most = lingua.Language(l), n
		case n == most:
			best = lingua.Unknown
		}
	}
	return best
}

// onlyHanOrKana reports whether some are Chinese, some Japanese, and none of another language.
func (c *counts) onlyHanOrKana() bool {
	zh, ja := c[lingua.Chinese], c[lingua.Japanese]
	return zh > 0 && ja > 0 && zh+ja == sum(c[:])
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}

// decide returns the language that the words show by letters that no other language has, or Unknown.
func (r *rules) decide(words [][]rune) lingua.Language {
	var total counts
	for _, word := range words {
		letters := r.letters(word)
		if letters[lingua.Chinese] > 0 && letters[lingua.Japanese] > 0 {
			total[lingua.Japanese]++
			continue
		}
		language := letters.most()
		if !slices.Contains(r.languages, language) {
			language = lingua.Unknown
		}
		total[language]++
	}
	if total[lingua.Unknown]*2 < len(words) {
		total[lingua.Unknown] = 0
	}
	if total.onlyHanOrKana() {
		return lingua.Japanese
	}
	return total.most()
}

// letters counts the letters of a word that only one language has.
func (r *rules) letters(word []rune) (c counts) {
	for _, letter := range word {
		switch script := scriptOf(letter); {
		case script == none:
		case r.alone[script] != lingua.Unknown:
			c[r.alone[script]]++
		case script == han:
			c[lingua.Chinese]++
		case script == hiragana || script == katakana:
			c[lingua.Japanese]++
		default:
			for _, l := range r.own[letter] {
				c[l]++
			}
		}
	}
	return c
}

// candidates returns the languages that are possible by the scripts and letters of the words.
func (r *rules) candidates(words [][]rune) []lingua.Language {
	script := commonScript(words)
	if script == none {
		return r.languages
	}
	languages := r.byScript[script]
	var total counts
	for _, word := range words {
		for i, letter := range word {
			if letter > unicode.MaxASCII && !slices.Contains(word[:i], letter) {
				for _, l := range r.shared[letter] {
					total[l]++
				}
			}
		}
	}
	var left []lingua.Language
	for _, l := range languages {
		if total[l] > 0 && total[l]*2 >= len(words) {
			left = append(left, l)
		}
	}
	if len(left) > 0 {
		return left
	}
	return languages
}

// commonScript returns the script of most words. Words in several scripts do not count. The result
// is none if no word counts, or if each of several scripts has the same number of words.
func commonScript(words [][]rune) int {
	byScript := make([]int, len(scripts))
	for _, word := range words {
		script := scriptOf(word[0])
		if script != none && !slices.ContainsFunc(word, func(r rune) bool { return !unicode.Is(scripts[script], r) }) {
			byScript[script]++
		}
	}
	most := slices.Max(byScript)
	used := 0
	equal := true
	for _, n := range byScript {
		if n > 0 {
			used++
			equal = equal && n == most
		}
	}
	if used == 0 || used > 1 && equal {
		return none
	}
	return slices.Index(byScript, most)
}
