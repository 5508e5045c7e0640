package referencetexts_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/referencetexts"
)

func TestLanguages(t *testing.T) {
	t.Parallel()
	want := []string{"ar", "de", "en", "es", "fr", "ja", "ko", "pt", "ru", "zh"}
	if diff := cmp.Diff(want, referencetexts.Languages()); diff != "" {
		t.Errorf("Languages() (-want +got):\n%s", diff)
	}
}

func TestTextsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"", "und", "la", "zh-Hant", "EN", "../en", "en.txt"} {
		if got := referencetexts.Texts(tag); got != nil {
			t.Errorf("Texts(%q) = %d texts, want nil", tag, len(got))
		}
	}
}

// TestTexts checks the number, lengths, form and language of the texts. The bounds of
// lengths are those of passages in real collections: means are estimated from these texts,
// and the length of a text influences its vector.
func TestTexts(t *testing.T) {
	t.Parallel()
	words := func(text string) int { return len(strings.Fields(text)) }
	letters := func(text string) int {
		return len([]rune(strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				return r
			}
			return -1
		}, text)))
	}
	for _, test := range []struct {
		tag               string
		atLeast           int // number of texts
		size              func(string) int
		shortest, longest int
	}{
		{"en", 120, words, 25, 90},
		{"zh", 120, letters, 40, 140},
		{"es", 120, words, 25, 90},
		{"fr", 80, words, 25, 90},
		{"de", 80, words, 22, 90},
		{"pt", 80, words, 25, 90},
		{"ru", 80, words, 18, 90},
		{"ar", 80, words, 18, 90},
		{"ja", 80, letters, 50, 180},
		{"ko", 80, words, 15, 90},
	} {
		t.Run(test.tag, func(t *testing.T) {
			t.Parallel()
			texts := referencetexts.Texts(test.tag)
			if len(texts) < test.atLeast {
				t.Errorf("%d texts, want at least %d", len(texts), test.atLeast)
			}
			for _, text := range texts {
				if n := test.size(text); n < test.shortest || n > test.longest {
					t.Errorf("size %d, want %d to %d: %q", n, test.shortest, test.longest, text)
				}
				if !norm.NFC.IsNormalString(text) || strings.TrimSpace(text) != text || strings.ContainsFunc(text, unicode.IsControl) {
					t.Errorf("not NFC, or stray white space: %q", text)
				}
				if got := language.Detect(text); got != test.tag {
					t.Errorf("detected as %q: %q", got, text)
				}
			}
		})
	}
}

// TestTextsAreDistinct checks that no two texts are nearly the same. A repeated text would
// count twice in a mean.
func TestTextsAreDistinct(t *testing.T) {
	t.Parallel()
	const tooClose = 0.5 // limit of the Jaccard index of the two sets of four-character pieces
	for _, tag := range referencetexts.Languages() {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			texts := referencetexts.Texts(tag)
			pieces := make([]map[string]bool, len(texts))
			for i, text := range texts {
				pieces[i] = piecesOf(text)
				for j := range i {
					if jaccard(pieces[i], pieces[j]) > tooClose {
						t.Errorf("nearly the same:\n%s\n%s", texts[j], text)
					}
				}
			}
		})
	}
}

func piecesOf(text string) map[string]bool {
	runes := []rune(text)
	pieces := make(map[string]bool)
	for i := 4; i <= len(runes); i++ {
		pieces[string(runes[i-4:i])] = true
	}
	return pieces
}

func jaccard(a, b map[string]bool) float64 {
	shared := 0
	for piece := range a {
		if b[piece] {
			shared++
		}
	}
	return float64(shared) / float64(len(a)+len(b)-shared)
}

// TestQueries checks that every language has the same number of queries of each form,
// without repetitions.
func TestQueries(t *testing.T) {
	t.Parallel()
	for _, language := range referencetexts.Languages() {
		for form, queries := range map[string][]string{"short": referencetexts.ShortQueries(language), "questions": referencetexts.Questions(language)} {
			seen := map[string]bool{}
			for i, q := range queries {
				if q == "" || q != strings.TrimSpace(q) || seen[q] || norm.NFC.String(q) != q {
					t.Errorf("%s/%s.txt:%d: %q is empty, padded, not NFC or there twice", form, language, i+1, q)
				}
				seen[q] = true
			}
			if len(queries) != 30 {
				t.Errorf("%s/%s.txt has %d queries, want 30", form, language, len(queries))
			}
		}
	}
	if got := referencetexts.ShortQueries("la"); got != nil {
		t.Errorf("ShortQueries(la) = %d queries, want nil", len(got))
	}
}
