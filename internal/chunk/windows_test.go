package chunk

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestEmbeddedText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"", ""},
		{" \n ", ""},
		{" China and\n  Peru\tagree.\r\n", "China and Peru agree."},
		{"中秘两国\n相互信任，\n 互利合作", "中秘两国相互信任，互利合作"},
		{"第三条\u3000双方", "第三条双方"},
		{"第三条\n\n双方", "第三条 双方"},
		{"在 2016 年\n访问 Lima", "在 2016 年访问 Lima"},
		{"양측은\n합의", "양측은 합의"},
	} {
		if got := EmbeddedText(tc.text); got != tc.want {
			t.Errorf("EmbeddedText(%q) = %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		limit      int
		want       []string
	}{
		{"blank", " \n", 10, nil},
		{"fits", "One\ntwo. Three.", 15, []string{"One two. Three."}},
		{"sentences", "Aa bb. Cc dd. Ee ff. Gg.", 13, []string{"Aa bb. Cc dd.", "Ee ff. Gg."}},
		{"Chinese sentences", "中秘合作。两国互利。共同发展。", 10, []string{"中秘合作。两国互利。", "共同发展。"}},
		{"clauses", "Aa bb, cc dd, ee ff.", 13, []string{"Aa bb, cc dd,", "ee ff."}},
		{"Chinese clauses", "中秘合作，两国互利、共同发展。", 10, []string{"中秘合作，两国互利、", "共同发展。"}},
		{"spaces", "Aa bb cc dd", 5, []string{"Aa bb", "cc dd"}},
		{"code points", "abcdé国gh", 3, []string{"abc", "dé国", "gh"}},
		{"only the long sentence is cut finer", "Aa. Bbbbbbbbb. Cc. Dd.", 7, []string{"Aa.", "Bbbbbbb", "bb.", "Cc. Dd."}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := Windows(tc.text, tc.limit, utf8.RuneCountInString)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Windows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWindowsCountsLittle checks that the work for a text without any sentence, clause
// or word boundary is proportional to its length.
func TestWindowsCountsLittle(t *testing.T) {
	t.Parallel()
	text, counted := strings.Repeat("x", 1<<18), 0
	Windows(text, 500, func(s string) int {
		counted += len(s)
		return len(s)
	})
	if limit := 50 * len(text); counted > limit {
		t.Errorf("counted %d bytes of a text of %d, want at most %d", counted, len(text), limit)
	}
}

func FuzzWindows(f *testing.F) {
	f.Add("One two. Three, four.\n\n中秘合作。\u3000两国互利", uint8(7))
	f.Add("https://example.com/a?b=c 😀👨‍👩‍👧 ﷺ", uint8(1))
	f.Fuzz(func(t *testing.T, text string, limit uint8) {
		if !utf8.ValidString(text) || limit == 0 {
			t.Skip("no text that may be stored, or no limit")
		}
		windows := Windows(text, int(limit), EstimateTokens)
		for _, w := range windows {
			if w == "" || w != strings.TrimSpace(w) {
				t.Errorf("window %q is empty or has white space around it", w)
			}
			if n := EstimateTokens(w); n > int(limit) && utf8.RuneCountInString(w) > 1 {
				t.Errorf("window %q has %d tokens, more than %d", w, n, limit)
			}
		}
		if want, got := withoutSpace(text), withoutSpace(strings.Join(windows, "")); want != got {
			t.Errorf("the windows hold %q, want %q", got, want)
		}
	})
}
