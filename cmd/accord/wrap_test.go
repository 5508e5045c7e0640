package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what, text string
		width      int
		indent     string
		want       string
	}{
		{"nothing", "", 10, " ", ""},
		{"fits", "one two", 10, "", "one two"},
		{"words", "one two three four", 10, "", "one two|three four"},
		{"exactly", "12345 6789", 10, "", "12345 6789"},
		{"space at the end does not count", "12345 6789 a", 10, "", "12345 6789|a"},
		{"indent", "one two three", 9, "   ", "   one|   two|   three"},
		{"Chinese is two cells wide", "双方同意加强合作", 10, "", "双方同意加|强合作"},
		{"a full stop begins no line", "双方同意加。强", 10, "", "双方同意|加。强"},
		{"word longer than a line", "a https://example.com/path b", 10, "", "a https://|example.com/|path b"},
		{"paragraphs", "one\n\ntwo", 10, " ", " one|| two"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			got := strings.ReplaceAll(wrap(test.text, test.width, test.indent), "\n", "|")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestWrapKeepsText: wrapping only inserts line breaks or replaces spaces by them, and
// no line that could break is too wide.
func TestWrapKeepsText(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", "word ", "ab-cd", "中", "文。", "（", "é", "e\u0301", "👩\u200d👧", "🇵🇪", " ", "\u3000", "\u00a0"}
	r := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		var b strings.Builder
		b.WriteByte('a')
		for range r.IntN(40) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text, width := b.String(), 4+r.IntN(20)
		wrapped := wrap(text, width, "")
		if visible := strings.NewReplacer(" ", "", "\n", ""); visible.Replace(wrapped) != visible.Replace(text) {
			t.Fatalf("%q became %q", text, wrapped)
		}
		for line := range strings.SplitSeq(wrapped, "\n") {
			first, rest, _, _ := uniseg.FirstLineSegmentInString(line, -1)
			if cells := uniseg.StringWidth(line); cells > width && rest != "" {
				t.Errorf("%q is %d cells wide, more than %d, but could break after %q", line, cells, width, first)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("%q ends with a space", line)
			}
		}
	}
}

func TestFirstCells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   "",
		"short":              "short",
		"a\n b\t c":          "a b c",
		"0123456789":         "0123456789",
		"0123456789a":        "0123456789…",
		"双方同意加强":             "双方同意加…",
		"👩\u200d👧 walks off": "👩\u200d👧 walks o…",
	} {
		if got := firstCells(text, 10); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
