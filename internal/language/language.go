// Package language names the language of a text. It looks at the text alone:
// what a file's header or a caller says about it is not its business.
package language

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/pemistahl/lingua-go"
)

// Unknown is the tag of a text whose language cannot be told.
const Unknown = "und"

const (
	// maxSample bounds how much of a text is read, in bytes: more changes no
	// answer and the time is linear in it.
	maxSample = 2 << 10
	// minDistance is how far the best guess must stand out. On the questions of
	// xquad-r/dev .05 turns half of the wrong answers into Unknown and loses one
	// right one of 1,788; .1 loses seven.
	minDistance = 0.05
	// hanWeight is the number of Latin letters that one Han character says as
	// much as: a Chinese question full of foreign names stays Chinese.
	hanWeight = 4
	// clearly is the share of the best guess's confidence with which a likely
	// language is taken instead. English has .78 of what French has of "extradition",
	// .54 of what Spanish has of "volcano", .32 of French of "accord de
	// libre-échange", and .03 of Spanish of "comercio".
	clearly = 0.5
)

// detector reads its models on first use, and of a long text only the small
// ones; all of them together take about 190 MiB.
var detector = sync.OnceValue(func() lingua.LanguageDetector {
	return lingua.NewLanguageDetectorBuilder().
		FromLanguages(
			lingua.English, lingua.Spanish, lingua.French, lingua.German, lingua.Portuguese, lingua.Italian,
			lingua.Dutch, lingua.Polish, lingua.Turkish, lingua.Vietnamese, lingua.Indonesian,
			lingua.Russian, lingua.Arabic, lingua.Hindi, lingua.Greek, lingua.Hebrew, lingua.Thai,
		).
		WithMinimumRelativeDistance(minDistance).
		Build()
})

// detecting lets one text at a time into lingua-go: it computes with a decimal
// library (shopspring/decimal, ExpTaylor) that keeps what it has computed in a
// global without a lock.
var detecting sync.Mutex

// Detect returns the BCP-47 primary tag of the language that most of text is
// written in, or Unknown. It is safe for concurrent use. The first call for a
// short text takes half a second, later ones about a millisecond.
func Detect(text string) string {
	text = sample(text)
	if tag := byScript(text); tag != "" {
		return tag
	}
	detecting.Lock()
	defer detecting.Unlock()
	found, ok := detector().DetectLanguageOf(text)
	if !ok {
		return Unknown
	}
	return tagOf(found)
}

// DetectAmong is Detect for a text that is likelier in one of some languages, by
// their tags: a word or two may be of many. Another is returned where it is told
// clearly.
func DetectAmong(text string, likely []string) string {
	found := Detect(text)
	text = sample(text)
	if slices.Contains(likely, found) || byScript(text) != "" {
		return found
	}
	detecting.Lock()
	defer detecting.Unlock()
	values := detector().ComputeLanguageConfidenceValues(text) // highest first
	for _, v := range values {
		if slices.Contains(likely, tagOf(v.Language())) && v.Value() >= clearly*values[0].Value() {
			return tagOf(v.Language())
		}
	}
	return found
}

func tagOf(l lingua.Language) string { return strings.ToLower(l.IsoCode639_1().String()) }

// byScript returns the tag of a text whose script settles it, Unknown for a
// text without letters, and nothing otherwise.
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
	case kana*10 > han: // Japanese prose is half kana; a Chinese text may quote a name
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
