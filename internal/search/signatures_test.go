package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

// TestSignatures checks that a search by vectors finds the same copies whether or not passages
// have signatures, and that it reads the terms only of passages without one, and of those that
// may be copies by their signatures.
func TestSignatures(t *testing.T) {
	t.Parallel()
	none := func(document.PassageKey) bool { return false }
	all := func(document.PassageKey) bool { return true }
	for _, test := range []struct {
		what   string
		signed func(document.PassageKey) bool
		second string // the text of passage b
		want   string
		read   []string // the documents of each call that reads terms
	}{
		{"no signatures", none, "LIMA (Andina) - " + report, "a=b c d e", []string{"a b c d e"}},
		{"copies", all, "LIMA (Andina) - " + report, "a=b c d e", []string{"a b"}},
		{"no copies", all, strings.ReplaceAll(report, "Lima", "Quito"), "a b c d e", nil},
		{"some signatures", func(k document.PassageKey) bool { return k.Document > "b" }, report, "a=b c d e", []string{"a b"}},
		{"a copy without a signature", func(k document.PassageKey) bool { return k.Document != "b" }, report, "a=b c d e", []string{"b", "a"}},
		{"nothing to compare", all, "", "a b c d e", []string{"b"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			f := found("a", "b", "c", "d", "e")
			f.texts = map[document.PassageKey]string{
				key("a"): report, key("b"): test.second, key("c"): strings.ReplaceAll(report, "25", "35"),
				key("d"): "Ministers met in the spring to speak about rivers, ports and roads.", key("e"): report,
			}
			f.signed, f.languages = test.signed, map[document.PassageKey]string{key("e"): "zh"} // no copy, since it is in another language
			if got := ids(f.ask(t, search.Request{Mode: search.ModeSemantic})); got != test.want {
				t.Errorf("hits %q, want %q", got, test.want)
			}
			var read []string
			for _, keys := range f.termsRead {
				var documents []string
				for _, k := range keys {
					documents = append(documents, k.Document)
				}
				slices.Sort(documents)
				read = append(read, strings.Join(documents, " "))
			}
			if diff := cmp.Diff(test.read, read); diff != "" {
				t.Errorf("terms read (-want +got):\n%s", diff)
			}
		})
	}
}
