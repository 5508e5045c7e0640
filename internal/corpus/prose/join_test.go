package prose

import (
	"strings"
	"testing"
)

func TestJoin(t *testing.T) {
	for text, lines := range map[string]string{
		"two words":           "two|words",
		"中文":                  "中|文",
		"中文 text":             "中文|text",
		"international":       "interna-|tional",
		"state-of-the-art":    "state-of-|the-art",
		"self-government":     "self-|government",
		"selfish":             "self-|ish",
		"Franco-German":       "Franco-|German",
		"pre- and postwar":    "pre-|and postwar",
		"councillors":         "council\u2010|lors",
		"a 30-day plan":       "a 30-|day plan",
		"3- und 4-Zimmer":     "3-|und 4-Zimmer",
		"he said-- nothing":   "he said--|nothing",
		"pages 10- 20":        "pages 10-|20",
		"one line of several": "one|line|of|several",
	} {
		if got := JoinAll(strings.Split(lines, "|")); got != text {
			t.Errorf("%q joined: %q, want %q", lines, got, text)
		}
	}
}

// TestParagraph checks that a long paragraph is joined as a short one is.
func TestParagraph(t *testing.T) {
	var p Paragraph
	want := "begin"
	p.Add(want)
	for range 2000 {
		p.Add("中文 and inter-")
		p.Add("national")
		want = Join(Join(want, "中文 and inter-"), "national")
	}
	if p.String() != want {
		t.Error("the paragraph differs from its lines joined one by one")
	}
	if p.Size() != len(want) {
		t.Errorf("Size() = %d, want %d", p.Size(), len(want))
	}
}
