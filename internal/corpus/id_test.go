package corpus

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
)

func TestDocumentID(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		ordinal, of int
		want        string
	}{
		{"000_8cf62ded8f66cfc1.txt", 1, 1, "000-8cf62ded8f66cfc1"},
		{"004_fbcdf80aeda2e1b4.txt", 3, 3, "004-fbcdf80aeda2e1b4-3"},
		{"report.html", 1, 1, "report-html"},
		{"2024/March/Report 1.txt", 1, 1, "2024-march-report-1"},
		{"联合声明.txt", 1, 1, "90ace092"},
		{"statement 联合.txt", 2, 2, "statement-c1e44085-2"},
		{strings.Repeat("a", 80) + ".txt", 12, 12, strings.Repeat("a", 51) + "-7a9ca860-12"},
	} {
		got := documentID(tc.name, tc.ordinal, tc.of)
		if got != tc.want || !document.ValidID(got) {
			t.Errorf("documentID(%q, %d, %d) = %q, want %q", tc.name, tc.ordinal, tc.of, got, tc.want)
		}
	}
}
