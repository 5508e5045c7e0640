package language_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/language"
)

func TestDetectAmong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"extradition", "en"},
		{"volcano", "en"},
		{"comercio", "es"},
		{"economía digital", "es"},
		{"Freihandelsabkommen", "de"},
		{"数字经济", "zh"},
		{"디지털 경제", "ko"},
		{"2024", "und"},
	} {
		if got := language.DetectAmong(test.text, []string{"en", "zh"}); got != test.want {
			t.Errorf("DetectAmong(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestPlausible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"husdjur": "de sv", "銭湯": "",
		"hospital": "es en", "comercio": "es", "gift": "en de sv", "Zug": "de", "数字": "", "2024": "", "": "",
	} {
		if got := strings.Join(language.Plausible(text, []string{"de", "en", "es", "sv", "zh"}), " "); got != want {
			t.Errorf("Plausible(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestFewWords: a word or two in a language that Detect does not know.
func TestFewWords(t *testing.T) {
	t.Parallel()
	likely := []string{"cs", "en", "ja", "sv", "ru"}
	for text, want := range map[string]string{
		"parkoviště": "cs", "husdjur": "sv", "Radek Kučera": "cs", "銭湯": "ja", "parking": "en", "opera house": "en", "экономика": "ru", "WTO": "en",
	} {
		if got := language.DetectAmong(text, likely); got != want {
			t.Errorf("DetectAmong(%q) = %q, want %q", text, got, want)
		}
	}
	if got := strings.Join(language.Plausible("銭湯", likely), " "); got != "ja" {
		t.Errorf("Chinese characters are plausible in %q, want ja", got)
	}
}

func TestDetect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "und"},
		{"digits", "2024-11-15 10:15", "und"},
		{"short English", "digital economy", "en"},
		{"English question", "what was agreed on digital economy", "en"},
		{"short Spanish", "economía digital", "es"},
		{"Spanish question", "qué se acordó sobre economía digital", "es"},
		{"French", "L'accord de libre-échange est entré en vigueur", "fr"},
		{"German", "Freihandelsabkommen zwischen den beiden Ländern", "de"},
		{"Portuguese", "Os dois países não chegaram a uma decisão", "pt"},
		{"Chinese", "数字经济", "zh"},
		{"traditional Chinese", "兩國元首共同簽署協定", "zh"},
		{"Chinese with foreign names", "FIFA 和 UNESCO 的总部在哪里？", "zh"},
		{"English with a Chinese name", "The ministry (外交部) said that the talks would go on next week.", "en"},
		{"Japanese", "数字経済について合意した", "ja"},
		{"Chinese that quotes kana", "该公司的品牌名为“さくら”，总部设在横滨，产品销往全国各地，并在多个城市设有分店，员工超过两千人。", "zh"},
		{"Korean", "디지털 경제에 대한 합의", "ko"},
		{"Russian", "Стороны договорились о сотрудничестве", "ru"},
		{"Arabic", "اتفق الجانبان على التعاون", "ar"},
		{"long text", strings.Repeat("The two sides agreed to go on. ", 10_000), "en"},
		{"long text cut inside a character", strings.Repeat("两国达成协议。", 10_000), "zh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := language.Detect(test.text); got != test.want {
				t.Errorf("Detect(%.40q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}
