package lexical_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/lexical"
)

// TestTerms checks the terms of texts. The source of a term is in brackets after the term
// if the two differ: "cooper[cooperation]".
func TestTerms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, language, text, want string }{
		{"nothing", "en", "", ""},
		{"no terms", "en", " … —'\" 🙂", ""},
		{"endings cut, stop words left out", "en", "The agreements on trading", "agreement[agreements] trade[trading]"},
		{"apostrophes", "en", "Luther's l’accord", "luther[Luther] l accord"},
		{"hyphens", "en", "free-trade COVID\u201119 –x", "free freetrad[free-trade] trade covid[COVID] covid19[COVID\u201119] 19 x"},
		{"Spanish accents", "es", "La cooperación económica de España", "cooper[cooperación] econom[económica] espan[España]"},
		{"Spanish without accents", "es", "cooperacion economica espana", "cooper[cooperacion] econom[economica] espan[espana]"}, //nolint:misspell // not English
		{"Portuguese", "pt", "cooperação cooperações", "cooper[cooperação] cooper[cooperações]"},
		{"French", "fr", "l'œuvre des régions", "oeuvr[œuvre] region[régions]"},
		{"German", "de", "die Straßen", "strass[Straßen]"},
		{"Italian", "it", "gli accordi", "accord[accordi]"},
		{"Russian", "ru", "о сотрудничестве", "сотрудничеств[сотрудничестве]"},
		{"subtag", "en-GB", "trading", "trade[trading]"},
		{"unknown language", "und", "The trading", "the[The] trading"},
		{"language without a stemmer", "pl", "Łódź", "lodz[Łódź]"},
		{"Arabic", "ar", "اتفق الجانبان", "اتفق جانبان[الجانبان]"},
		{"Hebrew article", "he", "הגשר גשר ושהגשר והגשר הר ההסכם הסכם", "גשר[הגשר] גשר גשר[ושהגשר] גשר[והגשר] הר הסכם[ההסכם] הסכם"},
		{"Chinese two", "zh", "两百人，兩千三百，两万年", "200[两百] 人 2300[兩千三百] 20000[两万] 年"},
		{"Chinese two before what is counted", "zh", "两年", "2[两] 年"},
		{"two in a word", "zh", "两国、三两", "两 两国 国 三 三两 两"},
		{"Chinese decimals", "zh", "十二点五，三点一四，三点五万", "12.5[十二点五] 3.14[三点一四] 3.5[三点五] 35000[三点五万]"},
		{"numerals apart", "zh", "二十，三十", "20[二十] 30[三十]"},
		{"a time, no decimals", "zh", "三点五分", "三 三点 点 点五 五 五分 分"},
		{"Chinese percentages", "zh", "百分之十二点五，百分之5", "12.5[百分之十二点五] 12.5%[百分之十二点五] 5[百分之5] 5%[百分之5]"},
		{"a million millions after digits", "zh", "1.5万亿", "1.5 1500000000000[1.5万亿]"},
		{"Korean ten thousands", "ko", "1.5만", "1.5 15000[1.5만]"},
		{"millions", "en", "2.5 million, 3 billion", "2.5 2500000[2.5 million] million 3 3000000000[3 billion] billion"},
		{"millions in Russian", "ru", "2,5 миллиона", "2.5[2,5] 2500000[2,5 миллиона] миллион[миллиона]"},
		{"billions elsewhere", "de", "3 Billionen", "3 billion[Billionen]"},
		{"no millions", "en", "5 millionaires, 5\nmillion", "5 millionair[millionaires] 5 million"},
		{"Han", "zh", "合作协议", "合 合作 作 作协 协 协议 议"},
		{"Latin inside Han", "zh", "iPhone手机", "iphone[iPhone] 手 手机 机"},
		{"Han apart", "zh", "数。字", "数 字"},
		{"Japanese", "ja", "経済の", "经[経] 经济[経済] 济[済] 济の[済の]"},
		{"kana alone", "ja", "の、", "の"},
		{"half-width kana", "ja", "ﾃﾞｼﾞﾀﾙ", "でじ[ﾃﾞｼﾞ] じた[ｼﾞﾀ] たる[ﾀﾙ]"},
		{"Korean", "ko", "디지털 경제", "디지 지털 경제"},
		{"full-width", "zh", "ＡＰＥＣ１２３４", "apec1234[ＡＰＥＣ１２３４]"},
		{"thousands", "en", "1,000 1.000 １０００ 1,234,567 12,345.60", "1000[1,000] 1000[1.000] 1000[１０００] 1234567[1,234,567] 12345.60[12,345.60]"},
		{"decimals", "en", "3.14 3,5 0.250", "3.14 3.5[3,5] 0.250"},
		{"digits in lists", "en", "1,2,3 and 007", "1 2 3 7[007]"},
		{"ordinals", "en", "the 19th, 1er, 5g", "19[19th] 1[1er] 5g"},
		{"Chinese numerals", "zh", "二十一世纪", "21[二十一] 世 世纪 纪"},
		{"numerals digit by digit", "zh", "二〇一六年", "2016[二〇一六] 年"},
		{"hundreds", "zh", "一百零三", "103[一百零三]"},
		{"no numerals", "zh", "三个十分", "三 三个 个 个十 十 十分 分"},
		{"numeral beside digits", "zh", "3百年", "3 百 百年 年"},
		{"ill-formed numeral", "zh", "二三十", "二 二三 三 三十 十"},
		{"ten thousands", "zh", "一万八千五百吨", "18500[一万八千五百] 吨"},
		{"thousand millions", "zh", "五百億元", "50000000000[五百億] 元"},
		{"a million millions", "zh", "三万亿", "3000000000000[三万亿]"},
		{"digits before ten thousands", "zh", "1.85万吨", "1.85 18500[1.85万] 吨"},
		{"ten thousands and more", "zh", "1万2千人，3亿2000万元", "1 12000[1万2千] 人 3 320000000[3亿2000万] 元"},
		{"another number after ten thousands", "zh", "1万5年，1万20", "1 10000[1万] 5 年 1 10000[1万] 20"},
		{"decimals are left", "zh", "1.23456万", "1.23456 12345.6[1.23456万]"},
		{"a word, no number", "zh", "万一", "万 万一 一"},
		{"initials of a name", "en", "the World Trade Office's", "world[World] initials wto[World Trade Office] trade[Trade] offic[Office]"},
		{"initials that are a stop word", "en", "World Health Office", "world[World] initials WHO[World Health Office] health[Health] offic[Office]"},
		{"initials with what links them", "en", "a Memorandum of Understanding on", "memorandum[Memorandum] initials mou[Memorandum of Understanding] understand[Understanding]"},
		{"initials of two words", "en", "The United Nations met", "unit[United] initials un[United Nations] nation[Nations] met"},
		{"initials without links", "es", "Organización Mundial de la Salud", "organiz[Organización] initials oms[Organización Mundial de la Salud] mundial[Mundial] salud[Salud]"},
		{"one capital", "en", "the Treaty of peace", "treati[Treaty] peac[peace]"},
		{"names apart", "en", "World Health, Office", "world[World] initials wh[World Health] health[Health] offic[Office]"},
		{"a headline", "en", "Old Man Finds New Dog Near Red Barn Door", "old[Old] man[Man] find[Finds] new[New] dog[Dog] near[Near] red[Red] barn[Barn] door[Door]"},
		{"date", "zh", "2016年9月", "2016 2016-09[2016年9月] 年 9 月"},
		{"article", "zh", "第三條", "第 article 3[第三條] 3[三] 条[條]"},
		{"leading number", "zh", "三、作", "3[三] article 3[三、] 作"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, written(test.text, lexical.Terms(test.text, test.language))); diff != "" {
				t.Errorf("Terms(%q, %q) (-want +got):\n%s", test.text, test.language, diff)
			}
		})
	}
}

func written(text string, terms []lexical.Term) string {
	var out []string
	for _, term := range terms {
		if from := text[term.Start:term.End]; from != term.Text {
			out = append(out, fmt.Sprintf("%s[%s]", term.Text, from))
		} else {
			out = append(out, from)
		}
	}
	return strings.Join(out, " ")
}

// TestSharedTerm checks that different spellings share a term.
func TestSharedTerm(t *testing.T) {
	t.Parallel()
	for want, texts := range map[string][]string{
		"2016-09-13": {
			"en: 2016-09-13", "en: 2016/9/13", "en: 2016.9.13", "en: 13.9.2016", "en: on September 13, 2016", "en: Sept. 13th 2016",
			"en: 13 September 2016", "en: the 13th of September, 2016", "es: el 13 de septiembre de 2016", "es: 13 de setiembre del 2016",
			"fr: le 13 septembre 2016", "de: am 13. September 2016", "pt: 13 de setembro de 2016", "it: 13 settembre 2016",
			"ru: 13 сентября 2016 года", "zh: 2016年9月13日", "zh: ２０１６年 ９月１３号", "zh: 于二〇一六年九月十三日在", "zh: 二○一六年九月十三日", "ja: 2016年9月13日",
		},
		"2016-09":    {"en: September 2016", "en: September 13, 2016", "es: septiembre de 2016", "fr: 1er septembre 2016", "zh: 2016年9月", "zh: 二〇一六年九月"},
		"article 3":  {"en: Article 3 of the statement", "en: Art. 3", "es: artículo 3", "fr: l'article 3", "pt: artigo 3", "it: articolo 3", "de: Artikel 3", "ru: статьи 3", "zh: 根据第三条", "zh: 第３條", "ja: 第三条", "ko: 제3조", "zh: 三、双方", "zh: （三）双方", "es: 3. Las partes"},
		"article 21": {"zh: 第二十一条", "en: ARTICLE 21"},
	} {
		for _, tagged := range texts {
			language, text, _ := strings.Cut(tagged, ": ")
			terms := lexical.Terms(text, language)
			if !slices.ContainsFunc(terms, func(term lexical.Term) bool { return term.Text == want }) {
				t.Errorf("Terms(%q, %q) do not hold %q: %s", text, language, want, written(text, terms))
			}
		}
	}
}

func TestNoDateNoArticle(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"2016-13-01", "12016-09-13", "2016-09-131", "Remember 2016", "part 3", "smart 3", "Articles", "3.14 percent", "2016. A year", "article 0",
	} {
		for _, term := range lexical.Terms(text, "en") {
			if strings.HasPrefix(term.Text, "article ") || strings.Contains(term.Text, "-") {
				t.Errorf("Terms(%q) hold %q", text, term.Text)
			}
		}
	}
}

// TestSameTerms checks that both spellings of a pair have the same terms.
func TestSameTerms(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"兩國元首共同簽署關於數字經濟的協定", "两国元首共同签署关于数字经济的协定"},
		{"雙方同意升級自由貿易協定議定書", "双方同意升级自由贸易协定议定书"},
		{"臺灣、台湾海峽與東亞發展", "台湾、台湾海峡与东亚发展"},
		{"乾燥的頭髮，裏面後面隻係范仲淹、著名", "干燥的头发，里面后面只系范仲淹、着名"},
		{"聯合國氣候變化框架公約，儘管複雜", "联合国气候变化框架公约，尽管复杂"},
		{"共建“一帶一路”倡議，貫徹執行；應對恐怖主義", "共建“一带一路”倡议，贯彻执行；应对恐怖主义"},
		{"二十一世紀，百分之三十，第十二條", "21世纪，百分之30，第12条"},
		{"ＷＴＯ　１０００", "wto 1000"},
		{"E\u0301lite cafe\u0301", "ÉLITE CAFÉ"},
		{"élite café", "elite cafe"},
		{"oﬃce ½ Ⅳ", "OFFICE 1⁄2 iv"},
	} {
		if diff := cmp.Diff(texts(lexical.Terms(pair[0], "zh")), texts(lexical.Terms(pair[1], "zh"))); diff != "" {
			t.Errorf("terms of %q and %q differ (-first +second):\n%s", pair[0], pair[1], diff)
		}
	}
}

func texts(terms []lexical.Term) []string {
	out := make([]string, len(terms))
	for i, term := range terms {
		out[i] = term.Text
	}
	return out
}

func TestID(t *testing.T) {
	t.Parallel()
	// IDs are stored in indexes, so a change here makes all of them stale.
	for text, want := range map[string]int32{"cooper": 345813808, "合作": 505064646, "2016-09-13": 153129932} {
		if got := (lexical.Term{Text: text}).ID(); got != want {
			t.Errorf("ID of %q = %d, want %d", text, got, want)
		}
	}
}

// FuzzTerms checks the invariants for any text: terms lie inside it, are in order and
// are cut between characters, and the source of a term gives that term again.
func FuzzTerms(f *testing.F) {
	for _, seed := range []string{
		"", "The 13th of September, 2016: Article 3", "第三條　２０１６年9月13日", "free-trade 1,000.5", "ﾃﾞｼﾞﾀﾙ", "a\u0301\u0301\u0327", "\xff\xc3 三、", "ǅ İ ẞ ſ",
		"제3조", "三〇", "1-2-a", "ᾳ", "WHO AT&T C++ .NET v2.1.3", "18\u202f500 18'500", "+51 999 123 456", "3.141 592", "百分之十二点五", "O'Neill", "12 per cent", "兩百", "兩.\xbe熾", "المادة ٥ १२ ४", "ex\u00adtra", "Articles IV to VI", "§§ 3, 5", "a ㈩", "人々は いすゞ", "مسئول رءوس ئئو", "Århus Ha\u030akon Müller",
		strings.Repeat("\u0301", 70) + "x",
	} {
		f.Add(seed)
	}
	f.Fuzz(checkTerms)
}

// TestTermsOfScraps runs the checks of FuzzTerms on random combinations of the pieces
// that numbers, dates and articles are made of.
func TestTermsOfScraps(t *testing.T) {
	t.Parallel()
	scraps := strings.Split("a|é|\u0301|三|十|百|〇|第|條|、|.|,|-|/| |年|月|日|(|)|0|1|16|2016|ー|ｶ|ﾞ|が|제|조|th|art|may|de|ﬃ|ß|İ|म|ि|ا|\xff|\u00ad|\u200c|\u202f|500|%|percent|两|点|百分之|O|v2|.1|+|++|#|&|'|WHO|D|A|IV|§|ال|न|्|त|々|ゞ|ゝ|す|人|ئ|ء|و|Å|ü|ø|\u030a", "|")
	random := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		var text strings.Builder
		for range 1 + random.IntN(12) {
			text.WriteString(scraps[random.IntN(len(scraps))])
		}
		checkTerms(t, text.String())
	}
}

func checkTerms(t *testing.T, text string) {
	t.Helper()
	for _, language := range []string{"en", "es", "zh", "de", "ar", "und"} {
		var last lexical.Term
		for _, term := range lexical.Terms(text, language) {
			if term.Start < 0 || term.End <= term.Start || term.End > len(text) || term.Text == "" {
				t.Fatalf("%+v is outside %q", term, text)
			}
			if term.Start < last.Start || term.Start == last.Start && term.End < last.End {
				t.Fatalf("%+v comes after %+v in %q", term, last, text)
			}
			if id := term.ID(); id < 1 || id > 1_000_000_000 {
				t.Fatalf("%+v has ID %d", term, id)
			}
			last = term
			from := text[term.Start:term.End]
			if utf8.ValidString(text) && !utf8.ValidString(from) {
				t.Fatalf("%+v cuts a character of %q", term, text)
			}
			if strings.ContainsAny(norm.NFKC.String(from), "〇零一二三四五六七八九十百千两兩点點") { // ㈩ is (十)
				continue // whether a Chinese numeral is read depends on its context
			}
			if again := texts(lexical.Terms(from, language)); !slices.Contains(again, term.Text) {
				t.Fatalf("%+v of %q: its source %q has the terms %q", term, text, from, again)
			}
		}
	}
}
