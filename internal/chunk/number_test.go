package chunk

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLeadingNumber(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		paragraph, label, rest string
	}{
		{"一、应邀访问", "一", "应邀访问"},
		{"二十一、感谢。", "二十一", "感谢。"},
		{"一百零三、感谢。", "一百零三", "感谢。"},
		{"　　十二、双方", "十二", "双方"},
		{"一、二〇一六年", "一", "二〇一六年"},
		{"第三条 定义", "第三条", "定义"},
		{"第十二条　双方", "第十二条", "双方"},
		{"第十二条双方同意", "第十二条", "双方同意"},
		{"第三条所有成员", "第三条", "所有成员"},
		{"第３条：双方", "第３条", "双方"},
		{"第 4 條 雙方", "第 4 條", "雙方"},
		{"第一百二十条之一 为", "第一百二十条之一", "为"},
		{"第三条", "第三条", ""},
		{"제3조 양측", "제3조", "양측"},
		{"（一）加强", "（一）", "加强"},
		{"(一) 加强", "(一)", "加强"},
		{"(4) Both", "(4)", "Both"},
		{"（４）双方", "（４）", "双方"},
		{"Article 4\n\nThe Parties", "Article 4", "The Parties"},
		{"Article 4", "Article 4", ""},
		{"Article 4. The Parties", "Article 4", "The Parties"},
		{"Article 4: the parties", "Article 4", "the parties"},
		{"Article 4 Definitions", "Article 4", "Definitions"},
		{"Article 4 — Scope", "Article 4", "Scope"},
		{"Article 4 (Definitions)", "Article 4", "(Definitions)"},
		{"Article 4 bis Definitions", "Article 4 bis", "Definitions"},
		{"Article 1.2: Scope", "Article 1.2", "Scope"},
		{"ARTICLE IV", "ARTICLE IV", ""},
		{"Art. 4 Der Bund", "Art. 4", "Der Bund"},
		{"Artículo 4.- Las Partes", "Artículo 4", "Las Partes"},
		{"Artículo 4º El presente", "Artículo 4º", "El presente"},
		{"ARTÍCULO PRIMERO.- Apruébase", "ARTÍCULO PRIMERO", "Apruébase"},
		{"Article premier", "Article premier", ""},
		{"Article 1er\nLes Parties", "Article 1er", "Les Parties"},
		{"§ 6 Der Vertrag", "§ 6", "Der Vertrag"},
		{"Статья 5. Порты", "Статья 5", "Порты"},
		{"Чл. 5. Пристанищата", "Чл. 5", "Пристанищата"},
		{"المادة ٥\nتفتح الموانئ", "المادة ٥", "تفتح الموانئ"},
		{"المادة ٥: تفتح", "المادة ٥", "تفتح"},
		{"अनुच्छेद ५\nपक्ष", "अनुच्छेद ५", "पक्ष"},
		{"Artykuł 4\nPorty", "Artykuł 4", "Porty"},
		{"Článek 4", "Článek 4", ""},
		{"Artikel 4\nDie Häfen", "Artikel 4", "Die Häfen"},
		{"MADDE 4 – Limanlar", "MADDE 4", "Limanlar"},
		{"Điều 4. Các cảng", "Điều 4", "Các cảng"},
		{"Pasal 4\nPelabuhan", "Pasal 4", "Pelabuhan"},
		{"Стаття 4. Порти", "Стаття 4", "Порти"},
		{"Άρθρο 4\nΤα λιμάνια", "Άρθρο 4", "Τα λιμάνια"},
		{"มาตรา ๔", "มาตรา ๔", ""},
		{"ข้อ 4\nท่าเรือ", "ข้อ 4", "ท่าเรือ"},
		{"סעיף ד\nהנמלים", "סעיף ד", "הנמלים"},
		// Scripts without capitals, without a mark after the number.
		{"المادة ١١٠٠ تفتح الموانئ", "المادة ١١٠٠", "تفتح الموانئ"},
		{"المادة (٥) تفتح الموانئ", "المادة (٥)", "تفتح الموانئ"},
		{"المادة 5 في حالة الحرب", "المادة 5", "في حالة الحرب"},
		{"المادة الأولى", "المادة الأولى", ""},
		{"المادة الثانية عشرة تفتح الموانئ", "المادة الثانية عشرة", "تفتح الموانئ"},
		{"المادة الخامسة والعشرون: تفتح", "المادة الخامسة والعشرون", "تفتح"},
		{"ماده ۵ـ دولت", "ماده ۵", "دولت"},
		{"مادهٔ ۵\nدولت", "مادهٔ ۵", "دولت"},
		{"مادۀ ۵\nدولت", "مادۀ ۵", "دولت"},
		{"المَادَّة ٥\nتفتح الموانئ", "المَادَّة ٥", "تفتح الموانئ"},
		{"المــادة ٥: تفتح", "المــادة ٥", "تفتح"},
		{"ماده ۱۲ دولت بندرها را باز نگه دارد", "ماده ۱۲", "دولت بندرها را باز نگه دارد"},
		{"دفعہ 12 بندرگاہیں", "دفعہ 12", "بندرگاہیں"},
		{"סעיף 12 הנמלים ייפתחו", "סעיף 12", "הנמלים ייפתחו"},
		{"धारा 1100 बंदरगाह खुलेंगे", "धारा 1100", "बंदरगाह खुलेंगे"},
		{"अनुच्छेद १२ बंदरगाह", "अनुच्छेद १२", "बंदरगाह"},
		{"दफा १२ बन्दरगाह", "दफा १२", "बन्दरगाह"},
		{"ধারা ১২ বন্দর", "ধারা ১২", "বন্দর"},
		{"ধারা ১২। বন্দর", "ধারা ১২", "বন্দর"},
		{"دفعہ 12۔ بندرگاہ", "دفعہ 12", "بندرگاہ"},
		{"ਧਾਰਾ ੧੨ ਬੰਦਰਗਾਹਾਂ", "ਧਾਰਾ ੧੨", "ਬੰਦਰਗਾਹਾਂ"},
		{"કલમ ૧૨ બંદરો", "કલમ ૧૨", "બંદરો"},
		{"உறுப்புரை 12 துறைமுகங்கள்", "உறுப்புரை 12", "துறைமுகங்கள்"},
		{"มาตรา 12 ท่าเรือเปิด", "มาตรา 12", "ท่าเรือเปิด"},
		{"มาตรา ๑๒  ให้เปิดท่าเรือ", "มาตรา ๑๒", "ให้เปิดท่าเรือ"},
		{"ມາດຕາ ໑໒ ທ່າເຮືອ", "ມາດຕາ ໑໒", "ທ່າເຮືອ"},
		{"មាត្រា ១២ កំពង់ផែ", "មាត្រា ១២", "កំពង់ផែ"},
		{"მუხლი 12 პორტები ღიაა", "მუხლი 12", "პორტები ღიაა"},
		{"አንቀጽ 12 ወደቦች", "አንቀጽ 12", "ወደቦች"},
		{"1100. cikk A kikötők", "1100. cikk", "A kikötők"},
		{"12. § (1) A kikötők", "12. §", "(1) A kikötők"},
		{"제12조 항구를 연다", "제12조", "항구를 연다"},
		{"제12조(목적) 항구", "제12조", "(목적) 항구"},
		{"제12조의2 항구", "제12조의2", "항구"},
		{"第十二条　港は開く", "第十二条", "港は開く"},
		{"第十二条の二　港", "第十二条の二", "港"},
		{"CLÁUSULA PRIMERA.- Los puertos", "CLÁUSULA PRIMERA", "Los puertos"},
		{"PRIMERO.- Los puertos", "PRIMERO", "Los puertos"},
		{"4. cikk\nA kikötők", "4. cikk", "A kikötők"},
		{"4 artikla", "4 artikla", ""},
		{"4 § Hamnarna", "4 §", "Hamnarna"},
		{"Article 1200\nThe Parties", "Article 1200", "The Parties"},
		{"Article 2024", "Article 2024", ""},
		{"§ 2024 Haftung", "§ 2024", "Haftung"},
		{"Art. 2043. Risarcimento", "Art. 2043", "Risarcimento"},
		{"1200. cikk\nA kikötők", "1200. cikk", "A kikötők"},
		{"第1260条 本法", "第1260条", "本法"},
		{"4. Both sides", "4", "Both sides"},
		{"4.双方", "4", "双方"},
		{"4.“双方", "4", "“双方"},
		{"4) Both", "4", "Both"},
		{"４．双方", "４", "双方"},
		{"1、双方", "1", "双方"},
		{"4. 20 countries", "4", "20 countries"},
		{"4.", "4", ""},
		{"IV. Trade", "IV", "Trade"},
		{"IV.贸易", "IV", "贸易"},
		{"I. Newton", "I", "Newton"},
	} {
		label, size, ok := LeadingNumber(tc.paragraph)
		if !ok {
			t.Errorf("LeadingNumber(%q) found no number", tc.paragraph)
			continue
		}
		got, want := []string{label, tc.paragraph[size:]}, []string{tc.label, tc.rest}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("LeadingNumber(%q): label, rest (-want +got):\n%s", tc.paragraph, diff)
		}
	}
}

func TestLeadingNumberRefuses(t *testing.T) {
	t.Parallel()
	for _, paragraph := range []string{
		"", " ", "双方", "Both sides",
		"4.5 billion dollars", "４．５亿", "2016. ", "2016年", "5月22日", "22 de mayo", "22 May", "10:15", "10.30 am", "$4. ", "4,000 people", "1200. Zero", "(2016) said", "In 2024 Parliament", "Art 2024 Fair", "ART 2024", "Article 12000", "Article 2024 of the Code", "4.11.2016", "4. 11. 2016", "0. Zero",
		"三、四月份", "一、二审法院", "3、4月", "一是", "十月", "第一", "第三章 总则",
		"第三条所述", "第三条的规定", "第三条规定的", "第三条、第四条", "第三条和第四条", "第三条第二款", "第三条，双方", "根据第三条",
		"（一）和（二）", "(2016) A", "(a) first", "（新华社）",
		"Article 4 of the Treaty provides", "Article 4\nof the Treaty", "Article 4, paragraph 2", "Article 4(2) provides", "Article 4 (2) of", "Article 4.2 of the Treaty", "Articles 4 and 5",
		"المادة ٥ من الدستور", "المادة 5 التي تنص", "المادة 5 والمادة 6", "المادة الأولى من الدستور", "المادة الأولية", "ماده ۵ قانون", "دفعہ 12 کے تحت",
		"סעיף 5 לחוק", "סעיף זה קובע", "धारा 12 के अनुसार", "अनुच्छेद १२ में", "ধারা ১২ এর", "มาตรา 12 แห่งพระราชบัญญัติ", "มาตรา 12 วรรคสอง", "มาตรา 12 และมาตรา 13",
		"ມາດຕາ 12 ແຫ່ງ", "មាត្រា ១២ នៃ", "მუხლი 12 თანახმად",
		"4. cikk szerint", "12. § alapján", "4 § mukaan",
		"제12조에 따라", "제12조의 규정", "제12조 제2항", "제12조 및 제13조", "第十二条の規定", "第十二条に基づき", "第十二条及び第十三条",
		"article 4 of", "Article four parties", "Article Is", "Articulated", "Art is long", "Article about trade",
		"Artykuł 4 ustawy", "Điều này", "PRIMERO de mayo", "Стаття про порти", "Clause four of",
		"I. M. Pei", "V.I. Lenin", "I think", "X.Y. Zhang", "C. Wright", "L. Garcia", "IIII. Trade", "IV 4",
	} {
		if label, size, ok := LeadingNumber(paragraph); ok {
			t.Errorf("LeadingNumber(%q) = %q, %d; want none", paragraph, label, size)
		}
	}
}

func TestIsArticleHead(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"Article 4": true, "ARTICLE IV": true, "Art. 12.": true, "第四条": true, "第1200条": true, "4. cikk": true, "§ 6": true, "Article 4 bis": true,
		"Article 4 Definitions": false, "Article 4 of": false, "第四条 定义": false, "4.": false, "(4)": false, "IV.": false, "一、": false, "": false, "Both sides": false,
	} {
		if got := IsArticleHead(line); got != want {
			t.Errorf("IsArticleHead(%q) = %t, want %t", line, got, want)
		}
	}
}
