package lexical_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/lexical"
)

func TestHasLike(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, word string
		want       bool
	}{
		{"The Beroids have teeth.", "Beriods", true}, // two letters changed places
		{"una ciudad, Abilene", "Ableine", true},     // two mistakes
		{"in Brézé", "Breze", true},                  // the same letters
		{"Петров уехал", "Питров", true},             // one wrong letter
		{"Abidjan port", "Abdijann", true},           // two letters changed places, and one too many
		{"Petra left", "Peter", false},               // two mistakes in a short word
		{"Samuel came", "Manuel", false},             // another first letter
		{"the Rhine", "Rhône", true},                 // another name, but it differs like a misspelling
		{"Lima", "Lim", false},                       // too short
		{"Montevideo", "Monte", false},               // a part
		{strings.Repeat("a", 41), strings.Repeat("a", 41), false},
		{"", "Lima", false},
		{"Lima", "", false},
	} {
		if got := lexical.HasLike(test.text, test.word); got != test.want {
			t.Errorf("HasLike(%q, %q) = %t, want %t", test.text, test.word, got, test.want)
		}
	}
}
