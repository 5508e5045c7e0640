package article

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/line"
)

// TestEvidence checks which lines start a second document in a file.
func TestEvidence(t *testing.T) {
	t.Parallel()
	const first = "Ministers meet\n\nMay 3, 2024 10:15\n\nThey met in Lima on Friday.\n\n"
	for _, tc := range []struct {
		name, second string
		want         []string
		starts       bool
	}{
		{"title and stamp", "Trade grows\n\nMay 4, 2024 11:15\n\nTrade grew in the year.", []string{"title", "date", "stamp with a time or a source", "looks like the first document"}, true},
		{"header line", "Title: Trade grows\n\nTrade grew in the year.", []string{"title", "header line", "no date, but the first document has one"}, false},
		{"dateline", "Trade grows\n\nLIMA, May 4 (Xinhua) -- Trade grew in the year.", []string{"title", "dateline opens the text"}, true},
		{"rule", "=====\n\nTrade grows\n\nTrade grew in the year.", []string{"title", "separator above", "separator that parts no sections", "no date, but the first document has one"}, false},
		{"heading", "Trade grows\n\nTrade grew in the year.", nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			lines := line.FromText(first+tc.second, datetime.Style{})
			const text = 2 // line of the first text
			var numbered labels
			numbered.add(lines[:text+1])
			h := head{labels: numbered, lines: lines, begin: text + 1, end: headEnd(lines, text+1), first: layoutOf(lines[:text]), previous: lines[:text+1]}
			var got []string
			if start := h.start(); start >= 0 {
				c := h.candidate(start)
				for _, e := range evidence {
					if e.holds(c) {
						got = append(got, e.name)
					}
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
			if got := len(split(lines)) == 2; got != tc.starts {
				t.Errorf("starts a document: %t, want %t", got, tc.starts)
			}
		})
	}
}
