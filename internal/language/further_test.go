package language_test

import (
	"testing"

	"github.com/accord-search/accord/internal/language"
)

// TestDetectAmongFurtherLanguages checks questions over a collection in many languages.
func TestDetectAmongFurtherLanguages(t *testing.T) {
	t.Parallel()
	all := []string{
		"en", "de", "fr", "es", "it", "pt", "ru", "ar", "hi", "tr", "nl", "pl", "id", "vi", "zh", "ja", "ko", "th",
		"fa", "ur", "mr", "bn", "gu", "ta", "ka", "hy", "km", "lo", "am", "uk", "bg", "kk", "mn", "sv", "fi", "hu", "lt", "lv", "et", "cs", "ro", "sl", "sq", "az", "eu", "cy", "sw",
	}
	for text, want := range map[string]string{
		"Mit mond a törvény a kikötőkről?": "hu", "Mitä laki sanoo satamista?": "fi", "Vad säger lagen om hamnarna?": "sv", "Ką sako įstatymas apie uostus?": "lt",
		"Ko likums saka par ostām?": "lv", "Mida ütleb seadus sadamate kohta?": "et", "Co říká zákon o přístavech?": "cs", "Ce spune legea despre porturi?": "ro",
		"Какво казва законът за пристанищата?": "bg", "Порттар туралы заң не дейді?": "kk", "Боомтын тухай хуульд юу гэж заасан бэ?": "mn",
		"ماده ۳ چه می\u200cگوید؟": "fa", "دفعہ 3 کیا کہتی ہے؟": "ur", "Çfarë thotë ligji për portet?": "sq",
		"ধারা ৩": "bn", "કલમ ૩": "gu", "பிரிவு 3": "ta", "მუხლი 3": "ka", "հոդված 3": "hy", "មាត្រា ៣": "km", "ມາດຕາ 3": "lo", "አንቀጽ 3": "am",
		"what does the law say about ports": "en", "digital economy": "en", "comercio": "es", "economía digital": "es", "Freihandelsabkommen": "de",
		"qué dice la ley sobre los puertos": "es", "que dit la loi sur les ports": "fr", "was sagt das Gesetz über Häfen": "de", "o que diz a lei sobre os portos": "pt", "cosa dice la legge sui porti": "it",
		"что говорит закон о портах": "ru", "экономика": "ru", "ماذا يقول القانون عن الموانئ": "ar", "कानून बंदरगाहों के बारे में क्या कहता है": "hi", "kanun limanlar hakkında ne diyor": "tr",
		"wat zegt de wet over havens": "nl", "co mówi ustawa o portach": "pl", "apa kata undang-undang tentang pelabuhan": "id", "数字经济": "zh", "港湾法について": "ja",
	} {
		if got := language.DetectAmong(text, all); got != want {
			t.Errorf("DetectAmong(%q) = %q, want %q", text, got, want)
		}
	}
	if got := language.DetectAmong("Mit mond a törvény?", []string{"en", "zh"}); got == "hu" {
		t.Error("found a further language that is not likely")
	}
}
