package lexical_test

import (
	"testing"

	"github.com/accord-search/accord/internal/lexical"
)

func TestContradicts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		question, text string
		want           bool
	}{
		{"hepatitis A", "Vaccines against hepatitis B are free.", true},
		{"hepatitis A", "Vaccines against Hepatitis A are free, those against hepatitis B are not.", false},
		{"hepatitis B", "hepatitis A, B and C", false},
		{"hepatitis B", "hepatitis A/B", false},
		{"hepatitis A", "A hepatitis ward", false},
		{"hepatitis a", "hepatitis B", true},
		{"hepatitis a?", "hepatitis B", true},
		{"hepatitis a", "hepatitis A and hepatitis B", false},
		{"hepatitis a ward", "hepatitis B", false}, // "a" may be a word
		{"hepatitis b", "hepatitis A", true},
		{"vitamin D", "Vitamin C is in lemons.", true},
		{"vitamin D", "Vitamin D, and vitamin C", false},
		{"vitamin D", "Vitamin is a word.", false},
		{"vitamin D", "a vitamin I like", false},
		{"C# course", "The C++ course starts.", true},
		{"C# course", "The C course starts.", true},
		{"C# course", "C++ and C# courses", false},
		{"C♯ course", "C# course", false},
		{"C++ course", "The C# course starts.", true},
		{"Windows 11", "Windows 10 is old.", true},
		{"Windows 11", "Windows 10 and 11", false},
		{"Windows 11", "11 windows", false},
		{"version 2.1", "version 2.0", true},
		{"what happened 66 million years ago", "66 million years ago it happened, and happened 9 times", false},
		{"type 2 diabetes", "Type-1 diabetes", true},
		{"type 2 diabetes", "types 1 and 2", false},
		{"type 2 diabetes", "types 1 and 3", true},
		{"the summit in 2016", "the summit in 2018", false}, // missing years are checked elsewhere
		{"May 5", "May 6", false},
		{"report 50%", "report 40%", false},
		{"维生素D", "维生素C很多", true},
		{"维生素D", "维生素C和维生素D", false},
		{"Buy A Car", "Buy B", false},
		{"витамин С", "витамин D", true},
		{"", "", false},
	} {
		got := false
		for _, code := range lexical.Codes(test.question) {
			got = got || code.Contradicts(test.text, "en")
		}
		if got != test.want {
			t.Errorf("%q contradicts %q: %t, want %t", test.text, test.question, got, test.want)
		}
	}
}

// FuzzCodes checks that a text does not contradict its own codes.
func FuzzCodes(f *testing.F) {
	for _, seed := range []string{"hepatitis A, B and C", "C# and C++", "Windows-11/12", "维生素D", "a ++", "v2.1#", "\xff b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, code := range lexical.Codes(text) {
			if code.Contradicts(text, "en") {
				t.Errorf("%q contradicts its own %v", text, code)
			}
		}
	})
}
