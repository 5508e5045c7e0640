package httpjson

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"soon":                          0,
		"0":                             0,
		"-5":                            0,
		"12":                            12 * time.Second,
		"9999999999999":                 24 * time.Hour,
		"Tue, 04 Mar 2025 12:00:30 GMT": 30 * time.Second,
		"Tue, 04 Mar 2025 11:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", header, got, want)
		}
	}
}

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
		e := Endpoint{APIKey: "sk-1"}
		got := e.excerpt([]byte(tc.body))
		if got != tc.want || !utf8.ValidString(got) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}
