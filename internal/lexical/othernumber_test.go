package lexical_test

import (
	"testing"

	"github.com/accord-search/accord/internal/lexical"
)

// TestHasOtherNumber: a text has another number in the place of one of the question's if the
// word beside it or its form is the same.
func TestHasOtherNumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		question, text, language string
		absent                   bool // whether all texts lack the numbers of the question
		want                     bool
	}{
		{"18,500 inhabitants", "The city has 18,501 inhabitants.", "en", false, true},
		{"18,500 inhabitants", "The city has 18\u202f500 inhabitants.", "en", false, false},
		{"18,500 inhabitants", "The city has 18,501 trees.", "en", false, false},
		{"18,500 inhabitants", "The city has 18,501 trees.", "en", true, true},
		{"18,500 inhabitants", "The city has 40 trees.", "en", true, false},
		{"18,500 inhabitants", "The city had 18,501 inhabitants, now 18,500.", "en", true, false},
		{"over 18,500 inhabitants", "The city has 18,501 inhabitants.", "en", true, false},
		{"18,500 or more inhabitants", "The city has 18,501 inhabitants.", "en", true, false},
		{"fine of 53 cents", "The fine is 35 cents.", "en", false, true},
		{"the 3 towns", "The 4 towns", "en", true, false}, // a single digit
		{"release 2.1.3 crash", "Release v2.10.3 mends the crash.", "en", false, true},
		{"release v2.1.3", "Release 2.1.3 follows 2.1.2.", "en", true, false},
		{"treaty signed in 1978", "The treaty was signed in 1987.", "en", false, true},
		{"treaty signed in 1978", "The treaty was signed by 12 states.", "en", true, false},
		{"treaties since 1978", "A treaty of 1987", "en", true, false},
		{"treaties between 1978 and 1980", "A treaty of 1987", "en", true, false},
		{"7.5% unemployment", "Unemployment is 8.5%.", "en", true, true},
		{"flight KL1052", "Flight KL1025 lands at nine.", "en", false, true},
		{"flight KL1052", "Flight LH1025 lands at nine.", "en", true, false},
		{"flight KL 1052", "Flight KL1052 lands at nine.", "en", true, false},
		{"embalse de 43.500 metros cúbicos", "El embalse contiene 45.300 metros cúbicos.", "es", false, true},
		{"más de 43.500 metros", "El embalse contiene 45.300 metros.", "es", true, false},
		{"18500名居民", "该镇有18501名居民。", "zh", false, true},
		{"18500名居民", "该镇有一万八千五百名居民。", "zh", true, false},
		{"超过18500名居民", "该镇有18501名居民。", "zh", true, false},
		{"18500名以上", "该镇有18501名居民。", "zh", true, false},
		{"18 500 жителей", "В городе живёт 18 501 человек.", "ru", true, true},
		{"١٨٥٠٠ نسمة", "عدد السكان ١٨٥٠١ نسمة.", "ar", false, true},
		{"", "", "en", true, false},
	} {
		held := map[int32]bool{}
		for _, id := range lexical.IDs(lexical.Terms(test.text, test.language)) {
			held[id] = true
		}
		lacking := map[int32]bool{}
		for _, term := range lexical.QueryTerms(test.question, test.language) {
			if !held[term.ID()] {
				lacking[term.ID()] = test.absent
			}
		}
		if got := lexical.HasOtherNumber(test.question, test.text, test.language, lacking); got != test.want {
			t.Errorf("%q, %q, absent %t: %t, want %t", test.question, test.text, test.absent, got, test.want)
		}
	}
}
