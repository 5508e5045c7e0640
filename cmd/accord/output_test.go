package main

import (
	"strings"
	"testing"
)

// hostile has what a terminal would act on: commands that begin with ESC or C1, carriage
// return, backspace, bell, and characters that reverse the order of text.
const hostile = "a\x1b[31mb\x1b]0;title\x07c\u009b2Jd\u009d0;t\u009ce\rf\bg\u202eh\u2066i\x7fj\x00k"

const harmless = "a[31mb]0;titlec2Jd0;tefghijk"

func TestPlainWriter(t *testing.T) {
	t.Parallel()
	text := "港口 " + hostile + "\n\tعربي — end"
	want := "港口 " + harmless + "\n\tعربي — end"
	for size := 1; size <= len(text); size++ {
		var out strings.Builder
		w := &plainWriter{to: &out}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if written, err := w.Write([]byte(rest[:n])); written != n || err != nil {
				t.Fatalf("%d bytes written, error %v", written, err)
			}
			rest = rest[n:]
		}
		if out.String() != want {
			t.Errorf("in pieces of %d bytes: %q, want %q", size, out.String(), want)
		}
	}
	if got := oneLine(" one\ntwo\tthree\u2028four" + hostile + "\n"); got != "one two three four"+harmless {
		t.Errorf("one line: %q", got)
	}
}

func TestPrintJSONIsLossless(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := printJSON(&out, map[string]string{"text": "<港口>" + hostile}); err != nil {
		t.Fatal(err)
	}
	if got := strings.ToLower(out.String()); strings.ContainsFunc(got, harmful) || !strings.Contains(got, `<港口>a\u001b[31mb`) || !strings.Contains(got, `\u202eh\u2066i\u007fj`) {
		t.Errorf("%s", got)
	}
}
