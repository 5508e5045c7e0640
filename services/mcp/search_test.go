package mcp

import "testing"

// TestPlace: an answer says what each passage is, where it stands in its document, and on which
// page, each in one line.
func TestPlace(t *testing.T) {
	t.Parallel()
	for want, passage := range map[string]found{
		"paragraph":                      {Kind: "paragraph"},
		"article 第十二条":                   {Kind: "article", Label: "第十二条"},
		"article Chapter II › 5, page 3": {Kind: "article", Label: "5", LabelPath: []string{"Chapter\nII", "5"}, Page: 3},
	} {
		if got := passage.place(); got != want {
			t.Errorf("%+v: %q, want %q", passage, got, want)
		}
	}
}
