package language

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/pemistahl/lingua-go"

	"github.com/accord-search/accord/internal/language/ngram"
)

const (
	// minFurther is the minimum confidence at which a further language is chosen. Whole
	// questions reach .99 in these languages; Finnish reaches .58 for "digital economy".
	minFurther = 0.9
	// furtherWords is the minimum number of words of such a text, unless it is in none of the usual
	// languages. Kazakh has .99 for "экономика".
	furtherWords = 3
)

// further maps the tags of the languages that Detect does not know to those of the library.
var further = sync.OnceValue(func() map[string]lingua.Language {
	languages := map[string]lingua.Language{}
	for _, l := range lingua.AllSpokenLanguages() {
		if !slices.Contains(usual, l) && l != lingua.Bosnian && l != lingua.Chinese && l != lingua.Japanese && l != lingua.Korean {
			languages[tagOf(l)] = l
		}
	}
	return languages
})

// furtherDetectors keeps the detectors of the last lists of further languages. They share models.
var furtherDetectors = func() *lru.Cache[string, *ngram.Detector] {
	cache, err := lru.New[string, *ngram.Detector](64)
	if err != nil {
		panic(err) // only a size below 1 fails
	}
	return cache
}()

// furtherAmong returns the further language among likely that a text is in, or "" if there is none.
func furtherAmong(text string, likely []string) string {
	values := furtherConfidences(text, likely)
	if len(values) == 0 || values[0].Value < minFurther || slices.Contains(usual, values[0].Language) {
		return ""
	}
	return tagOf(values[0].Language)
}

// furtherPlausible returns the further languages among likely that a text may be in, the most
// likely first.
func furtherPlausible(text string, likely []string) (tags []string) {
	values := furtherConfidences(text, likely)
	for _, v := range values {
		if v.Value >= plausibleShare*values[0].Value && !slices.Contains(usual, v.Language) {
			tags = append(tags, tagOf(v.Language))
		}
	}
	return tags
}

// furtherConfidences returns the confidences in the usual languages and the further ones among
// likely, the highest first. It returns nothing if no further language is likely, or if the script
// decides the language.
func furtherConfidences(text string, likely []string) []ngram.Confidence {
	var candidates []lingua.Language
	var key strings.Builder
	for _, tag := range likely {
		if l, ok := further()[tag]; ok {
			candidates = append(candidates, l)
			key.WriteString(tag + " ")
		}
	}
	if len(candidates) == 0 || byScript(text) != "" {
		return nil
	}
	detect, ok := furtherDetectors.Get(key.String())
	if !ok {
		detect = ngram.NewTrigrams(slices.Concat(usual, candidates)...)
		furtherDetectors.Add(key.String(), detect)
	}
	return detect.Confidences(text)
}

// words returns the number of words of a text that have letters.
func words(text string) (n int) {
	for field := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(field, unicode.IsLetter) {
			n++
		}
	}
	return n
}
