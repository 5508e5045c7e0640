package lexical_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/lexical"
)

func TestPhrases(t *testing.T) {
	t.Parallel()
	for question, want := range map[string][]string{
		`who closed "the harbour bridge" and «le port»?`: {"the harbour bridge", "le port"},
		"“one” „zwei“ »drei« 「四」 『五』":                    {"one", "zwei", "drei", "四", "五"},
		"‹one› ”två” ‚drei‘ ﹁四﹂":                         {"one", "två", "drei", "四"},
		`מה אמר צה"ל על ארה"ב`:                           nil,
		`מי אמר "שלום לך" בצה"ל`:                         {"שלום לך"},
		`a 3.5" disk and a 5.25" one`:                    nil,
		`nothing "closes this`:                           nil,
		`"" and " "`:                                     nil,
		"《红楼梦》":                                          nil,
	} {
		if diff := cmp.Diff(want, lexical.Phrases(question)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", question, diff)
		}
	}
}

func TestHeldPhrases(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, phrase string
		want         bool
	}{
		{"They close\nthe Harbour, Bridge!", "close the harbour bridge", true},
		{"the harbour is closed; a new bridge", "the harbour bridge", false},
		{"enclose the harbour bridges", "close the harbour bridge", false},
		{"双方签署自由贸易协定。", "自由贸易", true},
		{"自由的贸易", "自由贸易", false},
		{"The C++ course", "C course", false},
		{"Die grüne Brücke", "gruene Bruecke", true},
		{"Die gruene Bru\u0308cke", "GRÜNE Brücke", true},
		{"Die grune Brücke", "gruene Brücke", false},
		{"The poet sings", "the pot sings", false},
		{"Havnen i Århus", "i Aarhus", true},
		{"ex\u00adtradition treaty", "extradition treaty", true},
	} {
		if got := lexical.HeldPhrases(test.text, []string{test.phrase})[0]; got != test.want {
			t.Errorf("%q holds %q: %t", test.text, test.phrase, got)
		}
	}
}

// FuzzPhrases checks that a text holds the phrases that it quotes.
func FuzzPhrases(f *testing.F) {
	f.Add(`a "b c" d`)
	f.Add("“é” 「四五」 \"\xff")
	f.Fuzz(func(t *testing.T, text string) {
		phrases := lexical.Phrases(text)
		for i, held := range lexical.HeldPhrases(text, phrases) {
			if !held && phrases[i] == "" {
				t.Errorf("%q has no phrases", text)
			}
		}
	})
}
