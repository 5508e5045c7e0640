package language_test

import (
	"strings"
	"testing"

	"github.com/pemistahl/lingua-go"

	"github.com/accord-search/accord/internal/language"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en": "en", "iw": "he", "ZH-hant": "zh-Hant", "pt-br": "pt-BR", "und": "und",
		"cmn": "zh", "arb": "ar", "en_US": "en-US", "no": "nb", "nb-NO": "nb-NO", "zh-cmn-Hant": "zh-Hant",
	} {
		if got, err := language.Canonical(tag); err != nil || got != want {
			t.Errorf("%s: %s, error %v; want %s", tag, got, err, want)
		}
	}
	for tag, hint := range map[string]string{
		"english": `write "en"`, "Chinese": `write "zh"`, "Deutsch": `write "de"`,
		"español": `write "es"`, "中文": `write "zh"`, "klingonish": "such as en",
	} {
		if got, err := language.Canonical(tag); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %s, error %v; want one with %s", tag, got, err, hint)
		}
	}
	for _, l := range lingua.AllLanguages() {
		tag := strings.ToLower(l.IsoCode639_1().String())
		if got, err := language.Canonical(tag); err != nil || got != tag {
			t.Errorf("%s, which Detect returns, is %s, error %v", tag, got, err)
		}
	}
}
