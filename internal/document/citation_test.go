package document_test

import (
	"testing"

	"github.com/accord-search/accord/internal/document"
)

func TestCitation(t *testing.T) {
	t.Parallel()
	const name = "collections/news/documents/a-1"
	for link, want := range map[string]struct {
		start, end int32
		ok         bool
	}{
		document.Citation(name, 3, 10):                   {3, 10, true},
		document.Link(name):                              {0, 0, true},
		name + "#c=0-5":                                  {0, 5, true},
		document.Link(name) + "#c=5-5":                   {5, 5, false},
		document.Link(name) + "#c=5":                     {},
		document.Link(name) + "#":                        {},
		document.Link(name) + "#c=0-9999999999":          {},
		"http://collections/news/documents/a-1":          {},
		"accord://collections/news/documents/a/passages": {},
		"": {},
	} {
		got, ok := document.ParseCitation(link)
		if ok != want.ok || ok && got != (document.Cited{Name: name, Start: want.start, End: want.end}) {
			t.Errorf("%q: %+v, %v", link, got, ok)
		}
	}
}
