package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

var filtered = []string{
	`^(?i:print|share(?: it)?)$`, `\bno\b`, `(?:^|\s)(?:of|the)$`, `a(?:b|c)*d`, `^\p{Han}{2,4}[:：]`, `^$`, ``, `x*`, `(?m)^a$`,
	`\d{4}年|\x00$`, `[^a]b`, `^.{3}$`, `(?s)^.{3}$`, `\Aab\z`, `ſ|(?i:k)`,
}

// TestFilter checks that an Expr matches what package regexp matches.
func TestFilter(t *testing.T) {
	t.Parallel()
	texts := []string{"", "print", "PRINT", "Share it", "shared", "no", "nobody", "a no", "of", "out of", "the end", "abcbd", "abcb", "双方：", "双：", "a\na", "2024年", "a\x00", "ab", "bb", "a\nb", "abc", "K", "\xff", "a\xffb"}
	for _, expr := range filtered {
		e := pattern.MustCompile(expr)
		for range 2 { // first without states, then with those of the first round
			for _, text := range texts {
				if got, want := e.MatchString(text), e.Regexp.MatchString(text); got != want {
					t.Errorf("%q matches %q: %t, want %t", expr, text, got, want)
				}
			}
		}
	}
}

// TestFilterBounds checks that an Expr matches correctly if texts need more states than are
// kept.
func TestFilterBounds(t *testing.T) {
	t.Parallel()
	e := pattern.MustCompile(`a.{12}b$`)
	for i := range 3000 {
		text := strings.NewReplacer("0", "a", "1", "c").Replace(fmt.Sprintf("%024b", i*5003)) + "b"
		if got, want := e.MatchString(text), e.Regexp.MatchString(text); got != want {
			t.Fatalf("%q matches: %t, want %t", text, got, want)
		}
	}
}

// TestFilterManyLetters checks that an Expr is right about texts of many different letters.
func TestFilterManyLetters(t *testing.T) {
	t.Parallel()
	var letters strings.Builder
	for r := rune(0x80); r < 0x20000; r += 7 {
		letters.WriteRune(r)
	}
	for _, expr := range append([]string{`share \p{L}+ now`, `(?i)straße$`, `[à-ý\p{Greek}]{3}!`, `[^\p{L}]$`}, filtered...) {
		e := pattern.MustCompile(expr)
		for _, text := range []string{letters.String(), letters.String() + " STRAẞE", "share ç now", "αβγ!", letters.String() + "λ"} {
			if got, want := e.MatchString(text), e.Regexp.MatchString(text); got != want {
				t.Errorf("%q matches %.20q…: %t, want %t", expr, text, got, want)
			}
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add(0, "Share it")
	exprs := make([]*pattern.Expr, len(filtered))
	for i, expr := range filtered {
		exprs[i] = pattern.MustCompile(expr)
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		e := exprs[uint(i)%uint(len(exprs))]
		if got, want := e.MatchString(text), e.Regexp.MatchString(text); got != want {
			t.Errorf("%v matches %q: %t, want %t", e, text, got, want)
		}
	})
}
