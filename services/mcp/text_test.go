package mcp

import "testing"

// TestIndented: no line of a quote looks like another line of an answer, whatever
// character ends it.
func TestIndented(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a": "> a", "a\nb": "> a\n> b", "a\r\nb": "> a\r\n> b", "a\rb\r\rc": "> a\r> b\r> \r> c", "a\u2028b\u2029c\u0085d\ve\ff": "> a\u2028> b\u2029> c\u0085> d\v> e\f> f",
	} {
		if got := indented(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
