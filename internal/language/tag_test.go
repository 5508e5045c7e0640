package language_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/language"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{"en": "en", "iw": "he", "ZH-hant": "zh-Hant", "pt-br": "pt-BR", "und": "und"} {
		if got, err := language.Canonical(tag); err != nil || got != want {
			t.Errorf("%s: %s, error %v; want %s", tag, got, err, want)
		}
	}
	for tag, hint := range map[string]string{"english": `write "en"`, "Chinese": `write "zh"`, "klingonish": "such as en"} {
		if got, err := language.Canonical(tag); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %s, error %v; want one with %s", tag, got, err, hint)
		}
	}
}
