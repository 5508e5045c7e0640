package chunk

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// TestUnmarkedArticles checks statutes whose article heads have no mark after the number, in
// scripts without capitals and in languages in which the number is before the word. The last line
// of each is about an article and begins none.
func TestUnmarkedArticles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		language, text string
		want           []string
	}{
		{"ar", "المادة ١ تفتح الموانئ.\nالمادة ٢ تدفع السفن الرسوم.\nالمادة ٣ من الدستور لا تمس.", []string{"المادة ١", "المادة ٢"}},
		{"ar", "المادة الأولى تفتح الموانئ.\nالمادة الثانية تدفع السفن الرسوم.\nالمادة الثالثة التي سبقت لا تمس.", []string{"المادة الأولى", "المادة الثانية"}},
		{"fa", "ماده ۱ بندرها باز هستند.\nماده ۲ همه کشتی ها عوارض دارند.\nماده ۳ قانون اساسی ثابت است.", []string{"ماده ۱", "ماده ۲"}},
		{"ur", "دفعہ 1 بندرگاہیں کھلی رہیں گی۔\nدفعہ 2 جہاز فیس ادا کریں گے۔\nدفعہ 3 کے تحت فیس ہے۔", []string{"دفعہ 1", "دفعہ 2"}},
		{"he", "סעיף 1 הנמלים פתוחים.\nסעיף 2 אוניות ישלמו אגרה.\nסעיף 3 לחוק אינו חל.", []string{"סעיף 1", "סעיף 2"}},
		{"hi", "धारा 1 बंदरगाह खुले रहेंगे।\nधारा 2 जहाज शुल्क देंगे।\nधारा 3 के अनुसार शुल्क है।", []string{"धारा 1", "धारा 2"}},
		{"bn", "ধারা ১ বন্দর খোলা থাকবে।\nধারা ২ জাহাজ শুল্ক দেবে।\nধারা ৩ অনুযায়ী শুল্ক আছে।", []string{"ধারা ১", "ধারা ২"}},
		{"th", "มาตรา ๑ ท่าเรือเปิดตลอดปี\nมาตรา ๒ เรือต้องชำระค่าธรรมเนียม\nมาตรา ๓ แห่งรัฐธรรมนูญไม่เปลี่ยน", []string{"มาตรา ๑", "มาตรา ๒"}},
		{"lo", "ມາດຕາ 1 ທ່າເຮືອເປີດຕະຫຼອດປີ.\nມາດຕາ 2 ເຮືອຕ້ອງຈ່າຍ.\nມາດຕາ 3 ແຫ່ງລັດຖະທຳມະນູນ.", []string{"ມາດຕາ 1", "ມາດຕາ 2"}},
		{"km", "មាត្រា ១ កំពង់ផែបើក។\nមាត្រា ២ នាវាបង់ថ្លៃ។\nមាត្រា ៣ នៃរដ្ឋធម្មនុញ្ញ។", []string{"មាត្រា ១", "មាត្រា ២"}},
		{"ka", "მუხლი 1 პორტები ღიაა.\nმუხლი 2 გემები იხდიან.\nმუხლი 3 თანახმად ასეა.", []string{"მუხლი 1", "მუხლი 2"}},
		{"am", "አንቀጽ 1 ወደቦች ክፍት ናቸው።\nአንቀጽ 2 መርከቦች ይከፍላሉ።\nአንቀጽ 3 መሰረት ይከፈላል።", []string{"አንቀጽ 1", "አንቀጽ 2"}},
		{"ko", "제1조 항만을 개방한다.\n제2조 선박은 사용료를 낸다.\n제3조에 따라 낸다.", []string{"제1조", "제2조"}},
		{"ja", "第一条　港は開かれる。\n第二条　船は料金を払う。\n第三条の規定による。", []string{"第一条", "第二条"}},
		{"hu", "1. § A kikötők nyitva állnak.\n2. § A hajók díjat fizetnek.\n3. § szerint díjat kell fizetni.", []string{"1. §", "2. §"}},
	} {
		var labels []string
		for _, p := range Passages(document.Document{LanguageCode: tc.language, Text: tc.text}) {
			if p.Label != "" {
				labels = append(labels, p.Label)
			}
		}
		if diff := cmp.Diff(tc.want, labels); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", tc.text, diff)
		}
	}
}
