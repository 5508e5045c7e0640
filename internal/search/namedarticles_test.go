package search

import "testing"

func TestIsOwn(t *testing.T) {
	t.Parallel()
	passages := []string{"de", "en", "fr", "hu", "ms"}
	for _, tc := range []struct {
		name, article, detected string
		ofNames                 []string
		want                    bool
	}{
		{"detected", "en", "en", []string{"en", "fr"}, true},
		{"another language with the name", "fr", "en", []string{"en", "fr"}, false},
		{"a language that is not detected", "hu", "es", []string{"hu"}, true},
		{"a language without the name", "de", "de", []string{"hu"}, false},
		{"no passage in the detected language", "ms", "id", []string{"id", "ms"}, true},
		{"no name with a language", "de", "de", nil, true},
	} {
		if got := isOwn(tc.article, tc.detected, tc.ofNames, passages); got != tc.want {
			t.Errorf("%s: %t, want %t", tc.name, got, tc.want)
		}
	}
}
