package lexical_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/lexical"
)

func TestNamesOfQueries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ language, query, want string }{
		{"en", "weather in Lima", "Lima"},
		{"en", "Weather in Lima", "Lima"},
		{"en", "Nadia Rahman birthday", "Nadia Rahman"},
		{"en", "Bridges", ""},
		{"en", "WHO report", ""},
		{"en", "Global Security Initiative", ""}, // a title
		{"en", "Hello. Please tell me: Which fees apply in Lima?", "Lima"},
		{"en", "It broke! Repairs cost what, and does Dr. Marsh pay?", "Marsh"},
		{"es", "Hola, ¿Necesito un permiso en Quito?", "Quito"},
		{"es", "ruta a Berlín", "Berlín"},
		{"ru", "посол Ирина Ветрова", "Ирина Ветрова"},
		{"de", "Orgel im Dom zu Trier", "Trier"},
		{"de", "Vermieter Bestätigung", ""},
		{"de", "Kaution Rückgabe Bücherei", ""},
		{"de", "Akkus Garantie Säge", ""},
		{"de", "Windräder Ausbau", ""},
		{"de", "Kaution Ute Petersen", "Ute Petersen"},
		{"de", "Wann muss der Mieter die Kaution zahlen?", ""},
		{"de", "Welcher Akku passt in den Bohrer?", ""},
		{"de", "Wo leitet die Imkerin Ute Petersen einen Kurs in Amrum?", "Ute Petersen Amrum"},
		{"de", "Helga Brandt Geburtsort", "Helga Brandt"},
		{"zh", "长沙气温", ""},
		{"ar", "مصنع التمور في دمشق", ""},
		{"hi", "कविता शर्मा ने पुस्तकालय कहाँ खोला?", "शर्मा"},
		{"mr", "सुनीता देशमुख का वेतन", "सुनीता देशमुख"},
		{"hi", "Nokia का नया कारखाना", ""},
		{"hi", "राकेश से Peter Moran तक", "राकेश Peter Moran"},
		{"hi", "कालीन मिल और खान", ""},
		{"th", "ประยุทธ แก้วมณี โรงเรียนดนตรี", "ประยุทธ"},
		{"th", "หมอสมพร ใจดี", "สมพร"},
		{"th", "ประสิทธิภาพของคุณภาพน้ำ", ""},
		{"ko", "박지훈은 어디에 영화관을 열었습니까?", "박지훈"},
		{"ko", "오세훈 시장의 급여", "오세훈"},
		{"ko", "김민수교수 연구실", "김민수"},
		{"ko", "이주민의 정류장과 조선소, 이용자, 주민은 노선은 강하지만", ""},
		{"ko", "김", ""},
		{"en", "", ""},
	} {
		var names []string
		for _, name := range lexical.Names(test.query, test.language) {
			if name.Text != test.query[name.Start:name.End] {
				t.Errorf("%q is not at bytes %d to %d of %q", name.Text, name.Start, name.End, test.query)
			}
			names = append(names, name.Text)
		}
		if diff := cmp.Diff(test.want, strings.Join(names, " ")); diff != "" {
			t.Errorf("Names(%q, %q) (-want +got):\n%s", test.query, test.language, diff)
		}
	}
}

// TestPlaces checks that a country that a query names is found in texts of other languages.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		language, query string
		texts           map[string]string // texts that name the same country, by language
		others          map[string]string // texts that do not, by language
	}{
		{
			"en", "free trade agreement with australia",
			map[string]string{"en": "Australia's ports", "zh": "澳大利亚牛肉", "es": "con Australia", "ru": "в Австралию"},
			map[string]string{"en": "Austria", "zh": "奥地利", "ru": "в Австрию"},
		},
		{
			"zh", "新西蘭的羊毛",
			map[string]string{"en": "wool of New Zealand", "fr": "en Nouvelle-Zélande", "ar": "في نيوزيلندا"},
			map[string]string{"en": "a new law", "zh": "新的羊毛"},
		},
		{"de", "Visum für Albanien", map[string]string{"en": "Albania"}, map[string]string{"en": "Algeria"}},
	} {
		places := lexical.Places(test.query, lexical.Terms(test.query, test.language), test.language)
		if len(places) != 1 {
			t.Errorf("%q names %d places, want 1", test.query, len(places))
			continue
		}
		names := func(language, text string) bool {
			ids := map[int32]bool{}
			for _, id := range lexical.IDs(lexical.Terms(text, language)) {
				ids[id] = true
			}
			return slices.ContainsFunc(lexical.TermsOfPlace(places[0], language), func(spelling []int32) bool {
				return !slices.ContainsFunc(spelling, func(id int32) bool { return !ids[id] })
			})
		}
		for language, text := range test.texts {
			if !names(language, text) {
				t.Errorf("%q does not name the country of %q", text, test.query)
			}
			if ids := lexical.IDs(lexical.Terms(text, language)); lexical.HasOtherCountry(ids, language, places) {
				t.Errorf("%q names another country than %q", text, test.query)
			}
		}
		for language, text := range test.others {
			if names(language, text) {
				t.Errorf("%q names the country of %q", text, test.query)
			}
		}
	}
}

// TestPlacesOfQueries checks which cities and countries queries name.
func TestPlacesOfQueries(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"도미니카 공화국 설탕", "도미니카공화국 설탕"} {
		if places := lexical.Places(query, lexical.Terms(query, "ko"), "ko"); len(places) == 0 || places[0].IsCity() {
			t.Errorf("%q names %v, want a country", query, places)
		}
	}
	for longer, within := range map[string]string{"fisheries of Papua New Guinea": "fisheries of Guinea", "rice from Guinea-Bissau": "rice from Guinea"} {
		country, other := lexical.Places(longer, lexical.Terms(longer, "en"), "en"), lexical.Places(within, lexical.Terms(within, "en"), "en")
		if len(country) != 1 || len(other) != 1 || country[0] == other[0] {
			t.Errorf("%q names %v, and %q names %v, want two countries", longer, country, within, other)
		}
	}
	for query, language := range map[string]string{
		"东京都市圈": "zh", "مصنع في دمشق": "ar", "हरिद्वार का नया घाट": "hi", "โรงงานน้ำปลาสงขลา": "th", "안동 한지 공장": "ko", "高知市の路面電車": "ja", "石家庄地铁": "zh", "リマソールの港": "ja", "プリマスの港": "ja",
	} {
		places := lexical.Places(query, lexical.Terms(query, language), language)
		if len(places) != 1 || !places[0].IsCity() {
			t.Errorf("%q names %d places, want one city", query, len(places))
		}
	}
	if !lexical.HasOtherCity(lexical.IDs(lexical.Terms("合肥电池厂", "zh")), "zh", nil) || lexical.HasOtherCountry(lexical.IDs(lexical.Terms("合肥电池厂", "zh")), "zh", nil) {
		t.Error("合肥 is not a city alone")
	}
	for query, language := range map[string]string{
		"哪一年的第一次合作": "zh", "cours de français": "fr", "the United Nations": "en", "trade": "en", "Chile": "xx", "": "en",
		"ราคาข้าวแพร่หลาย": "th", "เขาไม่รู้เลย": "th", "南ア共和国": "ja", "自由贸易": "zh", "قیمت نان تازه": "fa", "津波の高さ": "ja", "สาวในลานกว้าง": "th",
	} {
		if places := lexical.Places(query, lexical.Terms(query, language), language); len(places) > 0 {
			t.Errorf("%q names %d places, want none", query, len(places))
		}
	}
	if !lexical.HasOtherCountry(lexical.IDs(lexical.Terms("Norway and Chile", "en")), "en", nil) {
		t.Error("Norway is not a place")
	}
}

// TestPlacesTogether: first queries at the same time find the same places.
func TestPlacesTogether(t *testing.T) {
	t.Parallel()
	const query = "لاہور میں بارش" // no other test asks in Urdu
	terms := lexical.Terms(query, "ur")
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			if places := lexical.Places(query, terms, "ur"); len(places) != 1 || !places[0].IsCity() {
				t.Errorf("%q names %v, want one city", query, places)
			}
		})
	}
	asking.Wait()
}

// FuzzNames checks that names are words of the query, in order, and that no query makes Names or
// Places fail.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"weather in Lima", "Nadia Rahman birthday", "新西蘭的羊毛", "Ǆ Ⅳ", "O'Neill in AT&T", "\xff A\u0301b Cd"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, language := range []string{"en", "de", "zh", "und"} {
			end := 0
			for _, name := range lexical.Names(query, language) {
				if name.Start < end || name.End <= name.Start || name.Text != query[name.Start:name.End] {
					t.Fatalf("Names(%q, %q) has %+v", query, language, name)
				}
				end = name.End
			}
			lexical.Places(query, lexical.QueryTerms(query, language), language)
		}
	})
}
