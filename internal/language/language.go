// Package language detects the language of a text. It looks only at the text, not at
// what a file's header or a caller says about it.
package language

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/pemistahl/lingua-go"

	"github.com/accord-search/accord/internal/language/ngram"
)

// Unknown is the tag of a text whose language cannot be detected.
const Unknown = "und"

const (
	// maxSample bounds how much of a text is read, in bytes. Reading more does not change
	// the answer, but takes time in proportion.
	maxSample = 2 << 10
	// minDistance is how far the confidence of the best guess must exceed that of the
	// next. On the questions of xquad-r/dev, .05 turns half of the wrong answers into
	// Unknown and loses one right answer of 1,788; .1 loses seven.
	minDistance = 0.05
	// hanWeight is the number of Latin letters that have the same weight as one Han
	// character, so that a Chinese question with many foreign names counts as Chinese.
	hanWeight = 4
	// likelyShare is the share of the best guess's confidence that a likely language must
	// reach to be chosen instead. English has .78 of French's confidence for "extradition",
	// .54 of Spanish's for "volcano", .32 of French's for "accord de libre-échange", and
	// .03 of Spanish's for "comercio".
	likelyShare = 0.5
	// plausibleShare is the share of the best guess's confidence that a plausible language
	// has: .33 for German and "Rente", .44 for English and "opera", but .03 for English and
	// "comercio", .08 for English and "turismo".
	plausibleShare = 0.25
)

// usual are the languages that a text of any length is compared with.
var usual = []lingua.Language{
	lingua.English, lingua.Spanish, lingua.French, lingua.German, lingua.Portuguese, lingua.Italian,
	lingua.Dutch, lingua.Polish, lingua.Turkish, lingua.Vietnamese, lingua.Indonesian,
	lingua.Russian, lingua.Arabic, lingua.Hindi, lingua.Greek, lingua.Hebrew, lingua.Thai,
}

// detector loads its models on first use, and only the small ones for long texts. All
// of them together take about 37 MiB.
var detector = sync.OnceValue(func() *ngram.Detector { return ngram.New(usual...) })

// Detect returns the BCP-47 primary tag of the language that most of text is written
// in, or Unknown. It is safe for concurrent use. The first call for a short text
// takes a second, later ones about .05 milliseconds.
func Detect(text string) string {
	text = sample(text)
	if tag := byScript(text); tag != "" {
		return tag
	}
	values := detector().Confidences(text) // highest first
	if values[0].Value-values[1].Value < minDistance {
		return Unknown
	}
	return tagOf(values[0].Language)
}

// DetectAmong is like Detect for a text that is probably in one of the likely
// languages, given as tags. It serves queries of a word or two, which fit many
// languages. It returns another language only if that fits much better than all
// likely ones. Unlike Detect, it finds any of 75 languages that is likely, in a text of at
// least three words, or in a shorter one that is in none of the languages that Detect knows and
// that are likely. It also finds those with a script of their own. Chinese characters alone are
// Japanese if Japanese is likely and Chinese is not.
func DetectAmong(text string, likely []string) string {
	text = sample(text)
	if tag := byOwnScript(text); tag != "" {
		return tag
	}
	if words(text) >= furtherWords {
		if tag := furtherAmong(text, likely); tag != "" {
			return tag
		}
	}
	found := Detect(text)
	switch script := byScript(text); {
	case slices.Contains(likely, found):
		return found
	case script == "zh" && slices.Contains(likely, "ja"):
		return "ja"
	case script != "":
		return found
	}
	values := detector().Confidences(text) // sorted by confidence, highest first
	for _, v := range values {
		if slices.Contains(likely, tagOf(v.Language)) && v.Value >= likelyShare*values[0].Value {
			return tagOf(v.Language)
		}
	}
	return cmp.Or(furtherAmong(text, likely), found)
}

// Plausible returns those of the likely languages, given as tags, that a text may be in, the
// most likely first. It serves texts of a word or two, which fit many languages. The languages that
// Detect does not know come last. If the script decides the language, there are none, except for
// Chinese characters, which may be Japanese.
func Plausible(text string, likely []string) (tags []string) {
	text = sample(text)
	if script := byScript(text); script != "" {
		if script == "zh" && slices.Contains(likely, "ja") {
			return []string{"ja"}
		}
		return nil
	}
	values := detector().Confidences(text) // highest first
	for _, v := range values {
		if v.Value >= plausibleShare*values[0].Value && slices.Contains(likely, tagOf(v.Language)) {
			tags = append(tags, tagOf(v.Language))
		}
	}
	return append(tags, furtherPlausible(text, likely)...)
}

func tagOf(l lingua.Language) string { return strings.ToLower(l.IsoCode639_1().String()) }

// byScript returns the tag of a text if its script decides the language, Unknown if
// the text has no letters, and "" otherwise.
func byScript(text string) string {
	var han, kana, hangul, others int
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.IsLetter(r):
			others++
		}
	}
	switch cjk := han + kana + hangul; {
	case cjk == 0 && others == 0:
		return Unknown
	case cjk*hanWeight < others || cjk == 0:
		return ""
	case hangul > han+kana:
		return "ko"
	case kana*10 > han: // Japanese prose is half kana, while a Chinese text may quote a Japanese name
		return "ja"
	default:
		return "zh"
	}
}

func sample(text string) string {
	if len(text) <= maxSample {
		return text
	}
	return strings.ToValidUTF8(text[:maxSample], "")
}
