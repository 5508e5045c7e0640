package driver

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, want string }{
		{"empty", "", ""},
		{"one line", " <html>\r\n\t<b>no</b>\n", "<html> <b>no</b>"},
		{"control characters", "a\x00b\x1b[31mc", "ab[31mc"},
		{"broken UTF-8", "a\xffb", "a�b"},
		{"the key", "wrong key: sk-1!", "wrong key: [redacted]!"},
		{"long", strings.Repeat("é", 1000), strings.Repeat("é", maxExcerpt/2) + "…"},
		{"cut inside a character", "a" + strings.Repeat("é", 1000), "a" + strings.Repeat("é", maxExcerpt/2-1) + "…"},
	} {
		got := Excerpt([]byte(tc.body), "sk-1")
		if got != tc.want || !utf8.ValidString(got) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}
