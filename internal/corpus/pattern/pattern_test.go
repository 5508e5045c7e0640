package pattern_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

const sound = `# A comment.
kind: word
form: ^(?i:{})$

why: What readers press.
pattern: print
yes: Print
no: Printer
pattern: share
yes: SHARE
no: shares

kind: row
form: ^(?i:{})$
why: Several of them, for {{who}}.
pattern: {{word}}(?: {{word}})* for {{who}}
yes: print share for all
yes: "print  for\x00"
no: print for nobody
`

func TestParse(t *testing.T) {
	t.Parallel()
	set, err := pattern.Parse(strings.Replace(sound, "yes: \"print  for\\x00\"\n", "", 1), map[string]string{"who": "you|all"})
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
	for text, want := range map[string]bool{"Share print for you": true, "share": false, "share for": false} {
		if got := set.Regexp("row").MatchString(text); got != want {
			t.Errorf("row matches %q: %t, want %t", text, got, want)
		}
	}
}

// TestCheck checks that a wrong example is reported.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, old, changed, says string }{
		{"must match", "yes: Print\n", "yes: Printed\n", `does not match "Printed"`},
		{"must not match", "no: Printer\n", "no: print\n", `its kind matches "print"`},
		{"matches by another pattern", "yes: Print\n", "yes: Share\n", `:6: word: print does not match "Share"`},
		{"no example", "no: Printer\n", "", "examples of both sorts"},
		{"no reason", "why: What readers press.\n", "", "needs a reason"},
		{"no regular expression", "pattern: print\n", "pattern: print(\n", "word: error parsing regexp"},
		{"escaped", "", "", `does not match "print  for\x00"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			set, err := pattern.Parse(strings.Replace(sound, tc.old, tc.changed, 1), map[string]string{"who": "you|all"})
			if err != nil {
				t.Fatal(err)
			}
			if err := set.Check(); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("Check: %v, want %q", err, tc.says)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, says string }{
		{"kind: a\nform: {}\npatern: a\n", `3: "patern" is none of`},
		{"pattern: a\n", "1: a file begins with a kind"},
		{"kind: a\nform: {}\nyes: a\n", "3: an example stands below its pattern"},
		{"kind: a\nform: {}\npattern: {{b}}\n", "3: {{b}} is not defined above"},
		{"kind: a\nform: x\npattern: a\n", "no form with {}"},
		{"kind: a\nform: {}\n", "no pattern"},
		{"words\n", `1: "words" is no`},
	} {
		if _, err := pattern.Parse(tc.text, nil); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("Parse(%q): %v, want %q", tc.text, err, tc.says)
		}
	}
}
