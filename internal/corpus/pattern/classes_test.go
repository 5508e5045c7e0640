package pattern

import (
	"strings"
	"testing"
)

// manyLetters returns a text of thousands of different characters.
func manyLetters() string {
	var out strings.Builder
	for r := rune(0x80); r < 0x20000; r += 7 {
		out.WriteRune(r)
	}
	return out.String()
}

// TestClasses checks that an expression treats all characters of a class alike, and that
// there are few classes.
func TestClasses(t *testing.T) {
	t.Parallel()
	f := newFilter(`[à-ý\p{Greek}]+(?i:straße|k)\p{L}|[^\p{Lu}]$`)
	c := newClasses(f.program)
	first := map[int32]rune{}
	for _, r := range manyLetters() + "ẞſKkßÀàýþ" {
		class := c.of(r)
		other, seen := first[class]
		if !seen {
			first[class] = r
			continue
		}
		for _, taker := range c.takers {
			if taker.MatchRune(r) != taker.MatchRune(other) {
				t.Fatalf("%q and %q are in one class, and %v takes one of them", r, other, taker)
			}
		}
	}
	if len(first) < 4 || len(first) > 20 {
		t.Errorf("%d classes", len(first))
	}
}

// TestManyLetters checks that an automaton decides about a text of many different letters.
func TestManyLetters(t *testing.T) {
	t.Parallel()
	if may, certain := newFilter(`share \p{L}+ now`).allows(manyLetters()); may || !certain {
		t.Errorf("it says %t, certain %t; want that nothing matches", may, certain)
	}
}
