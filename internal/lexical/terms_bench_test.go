package lexical_test

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/lexical"
)

// BenchmarkTerms measures a paragraph of about 3 kB in each language.
func BenchmarkTerms(b *testing.B) {
	for _, of := range []struct{ language, sentence string }{
		{"en", "On 13 September 2016 the Council's members signed Article 3 of the free-trade agreement, worth 18,500 dollars, at the harbour. "},
		{"de", "Am 13. September 2016 beschloss der Gemeinderat die Trinkwasserversorgung und den Hochwasserschutz der Bürgermeister nach Artikel 3. "},
		{"es", "El 13 de septiembre de 2016 las autoridades firmaron el artículo 3 del acuerdo de cooperación económica en el puerto. "},
		{"zh", "2016年9月13日，双方根据第三条签署关于数字经济的合作协定，同意升级自由贸易协定议定书。"},
		{"ar", "ارتفعت أسعار القمح بنسبة ١٢٪ بعد موجة الجفاف وفقا للمادة ٥ من الاتفاق بين الجانبين. "},
		{"hi", "इस साल गेहूँ का समर्थन मूल्य २,२७५ रुपये प्रति क्विंटल है और किसान संतुष्ट हैं। "},
	} {
		text := strings.Repeat(of.sentence, 1+3000/len(of.sentence))
		b.Run(of.language, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				lexical.Terms(text, of.language)
			}
		})
	}
}
