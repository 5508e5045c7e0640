package maintenance

import (
	"testing"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/referencetexts"
)

// TestReferenceQueriesAreEmbeddedOnce checks that stored queries are not embedded again,
// and that a language without its own queries gets some of each other language.
func TestReferenceQueriesAreEmbeddedOnce(t *testing.T) {
	t.Parallel()
	f := &fake{}
	k := start(t, f)
	for _, tc := range []struct {
		language string
		want     int
	}{
		{"en", len(referencetexts.ShortQueries("en")) + len(referencetexts.Questions("en"))},
		{calibrate.Fallback, 2 * fallbackQueries * len(referencetexts.Languages())},
	} {
		for range 2 {
			if err := k.embedQueries(t.Context(), f.active(t), tc.language); err != nil {
				t.Fatal(err)
			}
		}
		if len(f.asked) != tc.want || len(f.queries[tc.language]) != tc.want {
			t.Errorf("%s: %d queries embedded and %d kept, want %d", tc.language, len(f.asked), len(f.queries[tc.language]), tc.want)
		}
		f.asked = nil
	}
}
