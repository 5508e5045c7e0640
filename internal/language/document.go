package language

import (
	_ "embed" // for the table of common words
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/pemistahl/lingua-go"

	"github.com/accord-search/accord/internal/language/ngram"
)

const (
	// longText is the number of letters from which a confidence of minLong is enough.
	longText = 100
	// minLong and minShort are the minimum confidences at which the best guess is accepted
	// for a long and for a shorter text. Below them, the guess of Detect is accepted if it is
	// among the likely ones. On beginnings of the reference texts in seven languages, the
	// best guess was right for all 777 of 100 letters or more. With minShort, 6 of 415
	// guesses for 25 to 49 letters were wrong (.5: 21 of 452), and 17 of 348 for fewer (.5:
	// 80 of 547).
	minLong, minShort = 0.5, 0.9
	// minCommon is the minimum share of the common words of a language among all words. Of
	// 692 such beginnings with at least minWords words, it decides 250, and none of them
	// wrongly.
	minCommon = 0.2
	// maxForeign is the maximum share of letters that are foreign to the language of a text.
	maxForeign = 0.02
	// minWords is the minimum number of words of a text whose language common words decide.
	minWords = 30
)

// documents detects among all languages, by sequences of three letters.
var documents = sync.OnceValue(func() *ngram.Detector {
	var all []lingua.Language
	for _, l := range lingua.AllSpokenLanguages() {
		if l != lingua.Bosnian { // no model can distinguish it from Croatian
			all = append(all, l)
		}
	}
	return ngram.NewTrigrams(all...)
})

// DetectDocument is like Detect for a text of some length, which may be in any of 75
// languages. It returns Unknown for a short text that fits several.
func DetectDocument(text string) string {
	text = sample(text)
	if tag := byScript(text); tag != "" {
		return tag
	}
	if tag := byOwnScript(text); tag != "" {
		return tag
	}
	if tag := byCommonWords(text); tag != "" {
		return tag
	}
	values := spelling(documents().Confidences(text), text)
	best := values[0]
	if letters(text) >= longText && best.Value >= minLong || best.Value >= minShort {
		return tagOf(best.Language)
	}
	question := Detect(text)
	for _, v := range values {
		if tagOf(v.Language) == question && v.Value >= likelyShare*best.Value {
			return question
		}
	}
	return Unknown
}

// ownScripts maps each script that only one language uses in modern texts to its tag.
var ownScripts = map[string]string{
	"Armenian": "hy", "Bengali": "bn", "Ethiopic": "am", "Georgian": "ka", "Greek": "el", "Gujarati": "gu", "Gurmukhi": "pa", "Hebrew": "he",
	"Kannada": "kn", "Khmer": "km", "Lao": "lo", "Malayalam": "ml", "Myanmar": "my", "Oriya": "or", "Sinhala": "si", "Tamil": "ta",
	"Telugu": "te", "Thai": "th", "Tibetan": "bo",
}

// byOwnScript returns the tag of the language if a text is mostly in a script that only one
// language uses, and "" otherwise.
func byOwnScript(text string) string {
	counts := map[string]int{}
	total := 0
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		total++
		if r < 0x370 {
			continue
		}
		for script := range ownScripts {
			if unicode.Is(unicode.Scripts[script], r) {
				counts[script]++
			}
		}
	}
	for script, n := range counts {
		if n*2 > total {
			return ownScripts[script]
		}
	}
	return ""
}

//go:embed letters.txt
var letterTable string

// alphabets maps the languages of letters.txt to their letters beyond a to z.
var alphabets = sync.OnceValue(func() map[string]string {
	letters := map[string]string{}
	for row := range strings.Lines(letterTable) {
		if tag, rest, ok := strings.Cut(row, " "); ok && tag != "#" {
			letters[tag] = rest
		}
	}
	return letters
})

// spelling returns the confidences without the languages in which text cannot be written, since
// more than maxForeign of its letters are foreign to them. Words with a capital do not count. Sequences of three letters without
// marks, such as "koji" and "dan", are as usual in Malay and Zulu as in Croatian and Slovene. The
// confidences of the others add up to 1 again.
func spelling(values []ngram.Confidence, text string) []ngram.Confidence {
	marked := map[rune]int{}
	total := 0
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if first, _ := utf8.DecodeRuneInString(word); unicode.IsUpper(first) {
			continue // perhaps a foreign name
		}
		for _, r := range word {
			if total++; r > unicode.MaxASCII {
				marked[r]++
			}
		}
	}
	var kept []ngram.Confidence
	sum := 0.0
	for _, v := range values {
		own, checked := alphabets()[tagOf(v.Language)]
		foreign := 0
		for r, n := range marked {
			if checked && !strings.ContainsRune(own, r) {
				foreign += n
			}
		}
		if float64(foreign) <= maxForeign*float64(total) {
			kept, sum = append(kept, v), sum+v.Value
		}
	}
	if sum == 0 {
		return values
	}
	for i := range kept {
		kept[i].Value /= sum
	}
	return kept
}

//go:embed common.txt
var commonTable string

// common maps words to the languages in which they are common.
var common = sync.OnceValue(func() map[string][]string {
	words := map[string][]string{}
	for row := range strings.Lines(commonTable) {
		fields := strings.Fields(row)
		if len(fields) == 0 || strings.HasPrefix(row, "#") {
			continue
		}
		for _, word := range fields[1:] {
			words[word] = append(words[word], fields[0])
		}
	}
	return words
})

// byCommonWords returns the tag of a language if many words of the text are common in it and
// few are common in other languages. Otherwise it returns "". It makes it unnecessary to
// load models for most texts.
func byCommonWords(text string) string {
	counts := map[string]int{}
	total := 0
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		total++
		for _, tag := range common()[word] {
			counts[tag]++
		}
	}
	if total < minWords {
		return ""
	}
	for tag, n := range counts {
		if float64(n) < minCommon*float64(total) {
			continue
		}
		only := true
		for other, m := range counts {
			only = only && (other == tag || m*2 < n)
		}
		if only {
			return tag
		}
	}
	return ""
}

// letters counts the letters of text.
func letters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}
