package lexical_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/lexical"
)

// TestNames checks the terms of acronyms, single letters and names with signs. It
// writes terms as TestTerms does.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ language, text, want string }{
		{"en", "WHO", "WHO"},
		{"en", "those who said that", "said"},
		{"en", "The WHO and the US met", "WHO US met"},
		{"en", "US GDP", "US gdp[GDP]"},
		{"en", "Salem, OR, and the harbour", "salem[Salem] OR harbour"},
		{"en", "U.S. troops", "u[U] US[U.S] s[S] troop[troops]"},
		{"en", "IT IS WHAT WE SAID\nThe IT office", "said[SAID] IT offic[office]"},
		{"en", "AT&T grew", "AT at&t[AT&T] t[T] grew"},
		{"en", "it's Luther's vitamin D, hepatitis A", "luther[Luther] vitamin d[D] hepat[hepatitis] a[A]"},
		{"en", "A plan B is what I need", "plan b[B] need"},
		{"en", "vitamin d", "vitamin d"},
		{"fr", "l'accord sur la vitamine D", "accord vitamin[vitamine] d[D]"},
		{"ru", "витамин С и с ним", "витамин с[С] ним"},
		{"en", "C++ and C#, not C.", "c[C] c++[C++] c[C] c#[C#] c[C]"},
		{"en", "rated A+, x+y", "rate[rated] a[A] a+[A+] x y"},
		{"en", "C++17 #5", "c[C] c++[C++] 17 5"},
		{"en", "(.NET) Node.js", ".net[.NET] net[NET] node[Node] nodej[Node.js] js"},
		{"zh", "用.NET", "用 .net[.NET] net[NET]"},
		{"en", "C♯ Ｆ♯", "c[C] c#[C♯] f[Ｆ] f#[Ｆ♯]"},
		{"en", "o'neill D'Angelo", "o oneil[o'neill] neill dangelo[D'Angelo] angelo[Angelo]"},
		{"en", "the Côte d'Ivoire", "cote[Côte] ivoir[Ivoire]"},
		{"fr", "L'Accord", "accord[Accord]"},
		{"en", "the end... And", "end"},
		{"en", "order ZX-4471-B", "order zx[ZX] zx4471b[ZX-4471-B] 4471 b[B]"},
	} {
		if diff := cmp.Diff(test.want, written(test.text, lexical.Terms(test.text, test.language))); diff != "" {
			t.Errorf("Terms(%q, %q) (-want +got):\n%s", test.text, test.language, diff)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"18,500 18.500 18'500 18’500":           "18500[18,500] 18500[18.500] 18500[18'500] 18500[18’500]",
		"18\u202f500 and 1\u00a0234\u00a0567,5": "18500[18\u202f500] 1234567.5[1\u00a0234\u00a0567,5]",
		"18\u2009500 18，500 18٬500":             "18500[18\u2009500] 18500[18，500] 18500[18٬500]",
		"18 500 men":                            "18500[18 500] men",
		"12,34,567 1,23,456.50":                 "1234567[12,34,567] 123456.50[1,23,456.50]",
		"1,234.567":                             "1234.567[1,234.567]",
		"3.141 592 53":                          "3141[3.141] 592 53",
		"3.141 592":                             "3.141592[3.141 592]",
		"2024 100 men":                          "2024 100 men",
		"in 2016 500 000 came":                  "2016 500000[500 000] came",
		"pages 10 200":                          "page[pages] 10 200",
		"May 5 300 men":                         "5 300 men",
		"1, 2, 3":                               "1 2 3",
		"+51 999 123 456":                       "51 999123456[999 123 456]",
		"555 123 4567":                          "555 123 4567",
		"in 2016 500 came":                      "2016 500 came",
		"v2.1.3 2.1":                            "2.1.3[v2.1.3] 2 1 3 2.1",
		"v2.1":                                  "2.1[v2.1]",
		"%12,5 x % 12.5 yüzde 12 ร้อยละ 12":   "12.5%[%12,5] 12.5[12,5] x 12.5%[% 12.5] 12.5 yuzd[yüzde] yuezd[yüzde] 12%[yüzde 12] 12 ร้ ้อ[ร้อ] 12%[ร้อยละ 12] อย ยล ละ 12",
		"50 %12, 12 درصد, 12 phần trăm":       "50 50%[50 %] 12 12 12%[12 درصد] درصد 12 12%[12 phần trăm] phan[phần] tram[trăm]",
		"인구 1만 8500, 3억 2000만, 1万8,500":       "인구 1 18500[1만 8500] 3 320000000[3억 2000만] 1 18500[1万8,500]",
		"12.5 % 12,5 per cent 12 percentages": "12.5 12.5%[12.5 %] 12.5[12,5] 12.5%[12,5 per cent] per cent 12 percentag[percentages]",
		"१२ ٣٫٥ ٪ ۱۲٬۵۰۰ ๑๒":                  "12[१२] 3.5[٣٫٥] 3.5%[٣٫٥ ٪] 12500[۱۲٬۵۰۰] 12[๑๒]",
	} {
		if diff := cmp.Diff(want, written(text, lexical.Terms(text, "en"))); diff != "" {
			t.Errorf("Terms(%q) (-want +got):\n%s", text, diff)
		}
	}
}

// TestSameWriting checks that all spellings of a word give the same term.
func TestSameWriting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		language string
		writings []string
	}{
		{"ar", []string{"تُروى", "تروى", "تروي", "تــروى"}},
		{"ar", []string{"القمح", "قمح", "والقمح", "بالقمح", "للقمح"}},
		{"ar", []string{"أسعار", "اسعار", "إسعار", "ٱسعار", "الأسعار"}},
		{"ar", []string{"المسؤول", "المسئول", "المسءول", "المسوول", "المسئِول"}},
		{"ar", []string{"شؤون", "شئون", "للشئون"}},
		{"ar", []string{"رئيس", "رييس", "الرئيس"}},
		{"fa", []string{"مسئول", "مسؤول", "مسوول"}},
		{"fa", []string{"کتابی", "كتابي"}},
		{"fa", []string{"کتاب\u200cها", "کتابها"}},
		{"he", []string{"שָׁלוֹם", "שלום"}},
		{"he", []string{"ירושלים", "בירושלים", "לירושלים", "ומירושלים", "שבירושלים", "כירושלים"}},
		{"he", []string{"בנקים", "הבנקים", "לבנקים"}},
		{"he", []string{"מסעדה", "המסעדה", "במסעדה"}},
		{"en", []string{"ONeill", "O'Neill", "O’Neill", "o'neill"}},
		{"ru", []string{"Ёлки", "елки", "ёлки"}},
		{"hi", []string{"गेहूँ", "गेहूं"}},
		{"hi", []string{"हिन्दी", "हिंदी"}},
		{"hi", []string{"ज़मीन", "जमीन", "ज\u200dमीन"}},
		{"hi", []string{"२२७५", "2,275", "2275", "२,२७५"}},
		{"en", []string{"ex\u00adtra\u00addi\u00adtion", "extradition", "extra\u200bdition", "extra\u180edition", "\ufeffextra\u2060dition"}},
		{"en", []string{"v2.1.3", "2.1.3"}},
		{"en", []string{"2.1.3-beta", "v2.1.3-beta"}},
		{"he", []string{"ארהב", "ארה\"ב", "ארה״ב"}},
		{"ja", []string{"葛城", "葛\U000e0100城", "葛\ufe00城"}},
		{"ru", []string{"C++", "С++"}},
		{"de", []string{"Wärmepumpe", "Waermepumpe", "Warmepumpe"}},
		{"de", []string{"Fußgängerzone", "Fussgaengerzone"}},
		{"de", []string{"Quellen", "quelle"}},
	} {
		for _, writing := range test.writings {
			got, first := lexical.Terms(writing, test.language), lexical.Terms(test.writings[0], test.language)
			want := slices.MaxFunc(first, func(a, b lexical.Term) int { return (a.End - a.Start) - (b.End - b.Start) })
			whole := slices.IndexFunc(got, func(term lexical.Term) bool { return term.Text == want.Text })
			if test.language == "fa" && len(test.writings[0]) > len(test.writings[1]) {
				whole = slices.IndexFunc(got, func(term lexical.Term) bool { return term.Text == "كتابها" })
			}
			switch {
			case whole < 0:
				t.Errorf("%q has terms %v, want that of %q", writing, got, test.writings[0])
			case got[whole].End != len(writing):
				t.Errorf("%q: the term ends at byte %d, want the end of the text", writing, got[whole].End)
			}
		}
	}
}

// The marks that repeat a character have the terms of that character.
func TestRepeatedCharacters(t *testing.T) {
	t.Parallel()
	for marked, want := range map[string]string{
		"人々が": "人人が", "代々木": "代代木", "いすゞ": "いすず", "イスヾ": "いすず", "こゝろ": "こころ", "がゝ": "がか", "あゞ": "あゞ",
		"々人": "々人", "か々": "か々", "馬鹿々々": "馬鹿鹿鹿", "々々": "々々", "月々ゞ": "月月ゞ",
	} {
		got := lexical.Terms(marked, "ja")
		if diff := cmp.Diff(texts(lexical.Terms(want, "ja")), texts(got)); diff != "" {
			t.Errorf("terms of %q (-those of %q +got):\n%s", marked, want, diff)
		}
	}
	if diff := cmp.Diff("人 人人[人々] 人[人々] 人が[人々が]", written("人々が", lexical.Terms("人々が", "ja"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A marked letter may be written as two letters. Either spelling finds the other, and so does
// the one without marks.
func TestRespelt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ language, marked, respelt, none string }{
		{"da", "Århus", "Aarhus", "Arhus"},
		{"en", "ÅLBORG", "aalborg", "Alborg"},
		{"nb", "Ha\u030akon", "Haakon", "Hakon"},
		{"de", "Ålesund", "Aalesund", "Alesund"},
		{"en-GB", "Müller", "Mueller", "Muller"},
		{"fr", "Tromsø", "Tromsoe", "Tromso"},
	} {
		terms := lexical.Terms(tc.marked, tc.language)
		for _, writing := range []string{tc.respelt, tc.none} {
			other := lexical.Terms(writing, tc.language)
			if len(other) != 1 || !slices.ContainsFunc(terms, func(term lexical.Term) bool { return term.Text == other[0].Text }) {
				t.Errorf("%s: %s has the terms %v, and %s has %v", tc.language, tc.marked, texts(terms), writing, texts(other))
			}
		}
	}
	for _, tc := range []struct{ language, text, want string }{
		{"da", "på Århus", "pa[på] arhus[Århus] aarhus[Århus]"},
		{"fi", "Jyväskylä", "jyvaskyla[Jyväskylä]"},
		{"es", "pingüino", "pinguin[pingüino]"},
	} {
		if diff := cmp.Diff(tc.want, written(tc.text, lexical.Terms(tc.text, tc.language))); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", tc.language, tc.text, diff)
		}
	}
}

// Scripts without spaces between words have the terms of a word wherever it stands.
func TestWordsWithoutSpaces(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ language, word, text string }{
		{"th", "ท่าเรือ", "เปิดท่าเรือใหม่"},
		{"lo", "ທ່າເຮືອ", "ເປີດທ່າເຮືອໃໝ່"},
		{"km", "កំពង់ផែ", "បើកកំពង់\u200bផែថ្មី"},
		{"my", "ဆိပ်ကမ်း", "အသစ်ဆိပ်ကမ်းဖွင့်"},
	} {
		held := texts(lexical.Terms(tc.text, tc.language))
		for _, term := range texts(lexical.Terms(tc.word, tc.language)) {
			if !slices.Contains(held, term) {
				t.Errorf("%s has the terms %v, want %s of %s among them", tc.text, held, term, tc.word)
			}
		}
	}
}

// Two orders of the marks in a Thai word look alike.
func TestThaiMarks(t *testing.T) {
	t.Parallel()
	want, got := texts(lexical.Terms("น้ำ", "th")), texts(lexical.Terms("น\u0e4d\u0e49า", "th"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
}

// TestGermanCompounds checks that a compound has the terms of its parts, and that
// other words are not split.
func TestGermanCompounds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ compound, parts string }{
		{"Donaudampfschifffahrtsgesellschaft", "Donau Dampf Schiff Fahrt Gesellschaft Dampfschifffahrt"},
		{"Krankenversicherung", "Versicherung"},
		{"Krankenversicherungen", "Versicherung"},
		{"Bürgermeisterwahl", "Wahl Bürgermeister"},
		{"Hochwasserschutz", "Hochwasser Schutz"},
		{"Trinkwasserversorgung", "Trinkwasser Wasser Versorgung"},
		{"Arbeitslosenversicherung", "Versicherung"},
		{"Straßenbahnhaltestelle", "Straßenbahn"},
		{"Klimaschutzgesetz", "Klimaschutz Klima Gesetz"},
		{"Schulhof", "Schule Hof"},
		{"Bundesrat", "Rat Bund"},
		{"Getreidepreise", "Getreide Preis"},
		{"Weltkulturerbe", "Kultur Erbe Welt"},
		{"Lokomotivführer", "Lokomotive"},
		{"Feuerwehrauto", "Feuerwehr Auto"},
		{"Wasserfloh", "Floh Wasser"},
		{"Radweg", "Rad Weg"},
		{"Müllheizkraftwerk", "Müll Kraftwerk"},
		{"Muellabfuhr", "Müllabfuhr"},
		{"Zugverspätungen", "Zug Verspätung"},
		{"Müllabfuhr", "Müll Abfuhr"},
		{"Stromausfälle", "Strom Ausfall"},
		{"Wahlergebnisse", "Wahl Ergebnis"},
		{"Steuererklärung", "Steuer Erklärung"},
		{"Laternenumzug", "Laterne Umzug"},
		{"Jugendherbergen", "Jugend Herberge"},
		{"Kanzlerkandidatin", "Kanzler Kandidatin"},
	} {
		held := texts(lexical.Terms(test.compound, "de"))
		if len(held) > 13 {
			t.Errorf("%s has %d terms", test.compound, len(held))
		}
		for part := range strings.FieldsSeq(test.parts) {
			if term := lexical.Terms(part, "de")[0].Text; !slices.Contains(held, term) {
				t.Errorf("%s has the terms %v, want %s among them", test.compound, held, term)
			}
		}
	}
	for word := range strings.FieldsSeq(`Auswahl Gesellschaft Handlung Landschaft Verstand Gegenstand Unterricht zusammenarbeiten
		Wissenschaft Präsident Regierung Verwaltung England Minister Entscheidung Wanderung Freundlichkeit`) {
		if got := lexical.Terms(word, "de"); len(got) != 1 {
			t.Errorf("%s is split: %v", word, texts(got))
		}
	}
}
