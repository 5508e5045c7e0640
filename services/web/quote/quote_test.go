package quote_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/services/web/quote"
)

const cited = "双方同意建立联合委员会。"

func cite(text, words string) quote.Quote {
	start := len([]rune(text[:strings.Index(text, words)]))
	return quote.Quote{Start: start, End: start + len([]rune(words)), Digest: quote.Digest(words)}
}

func TestFind(t *testing.T) {
	old := "一、序言。" + cited + "二、其他。"
	for _, test := range []struct {
		what, text string
		state      quote.State
	}{
		{"unchanged", old, quote.Same},
		{"text before it", "🙂 A new beginning, longer than before. " + old, quote.Moved},
		{"less text before it", cited + "二、其他。", quote.Moved},
		{"one character of it", strings.Replace(old, "联合", "合联", 1), quote.Changed},
		{"shorter than it", "双方", quote.Changed},
		{"empty", "", quote.Changed},
	} {
		text := []rune(test.text)
		found, state := cite(old, cited).Find(text)
		if state != test.state {
			t.Errorf("%s: state %d, want %d", test.what, state, test.state)
		}
		if words := state <= quote.Moved && string(text[found.Start:found.End]) != cited; words {
			t.Errorf("%s: found %q", test.what, string(text[found.Start:found.End]))
		}
	}
}

// TestFindNearest: if the same words are at several places, the place nearest to the old one is
// found, whether it is before or after.
func TestFindNearest(t *testing.T) {
	text := []rune("ab....ab..........ab")
	for start, want := range map[int]int{1: 0, 2: 0, 4: 6, 9: 6, 11: 6, 13: 18, 500: 18} {
		found, state := quote.Quote{Start: start, End: start + 2, Digest: quote.Digest("ab")}.Find(text)
		if found.Start != want || state != quote.Moved {
			t.Errorf("from %d: found %d in state %d, want %d", start, found.Start, state, want)
		}
	}
}

func TestFindWithoutDigest(t *testing.T) {
	if _, state := (quote.Quote{Start: 1, End: 3}).Find([]rune("abc")); state != quote.Same {
		t.Errorf("inside: state %d", state)
	}
	if _, state := (quote.Quote{Start: 1, End: 4}).Find([]rune("abc")); state != quote.Outside {
		t.Errorf("past the end: state %d", state)
	}
}

func TestParse(t *testing.T) {
	if q, err := quote.Parse("12-30", "x"); err != nil || q.Span() != "12-30" || q.Digest != "x" {
		t.Errorf("got %+v, %v", q, err)
	}
	for _, bad := range []string{"", "-", "1", "1-", "-1-2", "2-2", "3-2", "a-b", "1-2-3", "0-99999999999999999999", "1-9e9"} {
		if _, err := quote.Parse(bad, ""); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// FuzzFind: whatever the text and the quote, a range that is found has the quoted words.
func FuzzFind(f *testing.F) {
	f.Add("before "+cited+" after", cited, 3)
	f.Add("", "", 0)
	f.Fuzz(func(t *testing.T, text, words string, start int) {
		length := len([]rune(words))
		start = max(0, min(start, 1<<30))
		found, state := quote.Quote{Start: start, End: start + length, Digest: quote.Digest(words)}.Find([]rune(text))
		if state <= quote.Moved && length > 0 && quote.Digest(string([]rune(text)[found.Start:found.End])) != quote.Digest(words) {
			t.Errorf("found %+v in %q for %q", found, text, words)
		}
	})
}
