package lexical

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzFold checks that folding again changes nothing, and that every byte of a
// folded text knows which bytes it was made from, in order.
func FuzzFold(f *testing.F) {
	for _, seed := range []string{"", "ÉLITE ﬃ ẞ İ", "二〇一六年第三條", "ﾃﾞ", "한글", "ό Σς", "\xff", "3百年三、", "二〇一\u0305條"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkFold(t, strings.ToValidUTF8(text, "\uFFFD")) // as everything that is stored or asked is
	})
}

// TestFoldEveryCharacter is FuzzFold over the planes that characters are
// assigned in, one by one and, of marks, after letters that they may fall on.
func TestFoldEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := rune(0); r < 0x40000; r++ {
		if unicode.In(r, unicode.Co, unicode.Cs) {
			continue
		}
		checkFold(t, string(r))
		if unicode.IsMark(r) {
			checkFold(t, "e"+string(r)+"か"+string(r))
		}
	}
}

func checkFold(t *testing.T, text string) {
	t.Helper()
	once := fold(text)
	if again := fold(once.text); again.text != once.text {
		t.Fatalf("fold(%q) = %q, and folded again %q", text, once.text, again.text)
	}
	if len(once.source) != len(once.text) || !utf8.ValidString(once.text) {
		t.Fatalf("fold(%q) = %q has %d sources", text, once.text, len(once.source))
	}
	last := span{}
	for i, from := range once.source {
		if from.start < last.start || from.end <= from.start || from.end > len(text) {
			t.Fatalf("byte %d of fold(%q) comes from %v after %v", i, text, from, last)
		}
		last = from
	}
}
