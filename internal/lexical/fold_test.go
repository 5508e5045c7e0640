package lexical

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzFold checks that fold is idempotent, and that the sources of the folded bytes
// are in order.
func FuzzFold(f *testing.F) {
	for _, seed := range []string{"", "ÉLITE ﬃ ẞ İ", "二〇一六年第三條", "ﾃﾞ", "한글", "ό Σς", "\xff", "3百年三、", "二〇一\u0305條", "\u2011\u0351O", "人々いすゞ々々", "مسئول رءوس ءءو ئئو"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkFold(t, strings.ToValidUTF8(text, "\uFFFD")) // stored texts and queries are always valid UTF-8
	})
}

// TestFoldEveryCharacter runs the checks of FuzzFold on every assigned character, and
// on every mark after letters that it may combine with.
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
		t.Fatalf("fold(%q) = %q, and folding it again gives %q", text, once.text, again.text)
	}
	if len(once.source) != len(once.text) || !utf8.ValidString(once.text) {
		t.Fatalf("fold(%q) = %q has %d sources", text, once.text, len(once.source))
	}
	last := span{}
	for i, from := range once.source {
		if from.start < last.start || from.end <= from.start || from.end > len(text) {
			t.Fatalf("byte %d of fold(%q) has source %v, which is before %v", i, text, from, last)
		}
		last = from
	}
}
