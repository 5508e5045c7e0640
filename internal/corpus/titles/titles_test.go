package titles_test

import (
	"testing"

	"github.com/accord-search/accord/internal/corpus/titles"
)

func TestLooksLike(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Ministers meet in Lima":           true,
		"两国签署港口合作协议":                       true,
		"The ministers met in Lima.":       false,
		"and the ministers of":             false,
		"第三条 双方开展边境贸易":                     false,
		"问：两国何时会谈？":                        false,
		"The ministers agreed as follows:": false,
		"2024":                             false,
	} {
		if got := titles.LooksLike(text); got != want {
			t.Errorf("LooksLike(%q) = %t, want %t", text, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Ministers meet in Lima | World News": "Ministers meet in Lima",
		"两国部长在利马会谈-新华网":                       "两国部长在利马会谈",
		"## Ministers meet":                   "Ministers meet",
		"A | B":                               "A | B",
	} {
		if got := titles.Clean(title); got != want {
			t.Errorf("Clean(%q) = %q, want %q", title, got, want)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	if !titles.Same("联合声明（全文）", "联合声明") || !titles.Same("Full text: Joint Statement", "joint statement") || titles.Same("", "") || titles.Same("One", "Two") {
		t.Error("Same ignores case, spaces and notes, and nothing else")
	}
}
