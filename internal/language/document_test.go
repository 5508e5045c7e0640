package language_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/referencetexts"
)

func TestDetectDocument(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"da": "Fiskerne ved den gamle mole var glade for det nye tag, men spurgte, hvem der skal betale for rensningen af renderne hvert efterår.",
		"nb": "Fiskerne ved den gamle brygga var glade for det nye taket, men spurte hvem som skal betale for rensingen av rennene hver høst.",
		"sv": "Fiskarna vid den gamla bryggan var glada över det nya taket, men undrade vem som ska betala för rensningen av rännorna varje höst.",
		"sl": "Ribiči ob starem pomolu so bili veseli nove strehe, vendar so vprašali, kdo bo vsako jesen plačal čiščenje žlebov.",
		"hr": "Ribari na starom molu veselili su se novom krovu, ali su pitali tko će svake jeseni platiti čišćenje žljebova.",
		"uk": "Рибалки на старому молі зраділи новому даху, але запитали, хто щоосені платитиме за очищення ринв.",
		"bg": "Рибарите на стария кей се зарадваха на новия покрив, но попитаха кой ще плаща всяка есен за почистването на улуците.",
		"fa": "ماهیگیران اسکله قدیمی از سقف تازه خوشحال شدند، اما پرسیدند چه کسی هر پاییز هزینه پاک کردن ناودان را خواهد پرداخت.",
		"hi": "पुराने घाट के मछुआरे नई छत से खुश थे, लेकिन उन्होंने पूछा कि हर शरद ऋतु में नालियों की सफाई का खर्च कौन देगा और यह काम कौन करेगा, क्योंकि नगर के पास इस के लिए कोई पैसा नहीं है।",
		"ms": "Nelayan di jeti lama gembira dengan bumbung baharu itu tetapi bertanya siapa yang akan membayar pembersihan saluran setiap tahun.",
		"km": "អ្នកនេសាទនៅផែចាស់មានសេចក្តីរីករាយ",
		"en": "The fishers of the old pier were glad of the new roof.",
		"el": "Οι ψαράδες χάρηκαν",
		// One or two words fit many languages.
		"und": "su gate",
	} {
		if got := language.DetectDocument(text); got != want {
			t.Errorf("DetectDocument(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestDetectBySpelling: texts whose sequences of letters are as usual in a language without their
// letters.
func TestDetectBySpelling(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ want, text string }{
		{"sl", "Zakon o kolesih\n\n1. člen\nBralec vrne kolo v treh dneh in plača za vsak dan zamude, točka 1.\n\n2. člen\nBralec vrne kolo v treh dneh in plača za vsak dan zamude, točka 2."},
		{"hr", "Zakon o biciklima\n\nČlanak 1.\nČitatelj vraća bicikl u roku od tri dana i plaća za svaki dan kašnjenja, točka 1.\n\nČlanak 2.\nČitatelj vraća bicikl u roku od tri dana i plaća za svaki dan kašnjenja, točka 2."},
		{"tr", "Okuyucu bisikleti üç gün içinde geri verir ve geciktiği her gün için ödeme yapar. Şehir köprüyü sonbaharda açacak."},
		{"id", "Pembaca mengembalikan sepeda dalam tiga hari dan membayar untuk setiap hari keterlambatan, kata Jiří Dvořák dari Plzeň kepada para nelayan di pelabuhan tua."},
	} {
		if got := language.DetectDocument(tc.text); got != tc.want {
			t.Errorf("DetectDocument(%q) = %q, want %q", tc.text, got, tc.want)
		}
	}
}

// TestDetectBeginnings detects the language of the beginnings of texts. It checks that the
// result is seldom wrong, and not often Unknown.
func TestDetectBeginnings(t *testing.T) {
	t.Parallel()
	const texts, maxWrong, maxUnknown = 10, 0.005, 0.05 // of the texts of at least four words
	all, wrong, unknown := 0, 0, 0
	for _, want := range referencetexts.Languages() {
		for _, text := range referencetexts.Texts(want)[:texts] {
			words := strings.Fields(text)
			for _, n := range []int{4, 8, 16} {
				beginning := strings.Join(words[:min(n, len(words))], " ")
				all++
				switch language.DetectDocument(beginning) {
				case want:
				case language.Unknown:
					unknown++
				default:
					wrong++
					t.Logf("%q is wrong", beginning)
				}
			}
			if got := language.DetectDocument(text); got != want {
				t.Errorf("DetectDocument(%q) = %q, want %q", text, got, want)
			}
		}
	}
	if float64(wrong) > maxWrong*float64(all) || float64(unknown) > maxUnknown*float64(all) {
		t.Errorf("of %d beginnings %d are wrong and %d unknown", all, wrong, unknown)
	}
	t.Logf("of %d beginnings %d are wrong and %d unknown", all, wrong, unknown)
}
