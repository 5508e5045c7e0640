package dateline_test

import (
	"testing"

	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]dateline.Dateline{
		"LIMA, Nov. 14 (Xinhua) -- Ministers met.":           {Agency: "Xinhua", Text: "LIMA, Nov. 14 (Xinhua) -- "},
		"GENEVA, 14 November 2024 – Ministers met.":          {Text: "GENEVA, 14 November 2024 – "},
		"MOSCOW, February 12, 2020. /TASS/. Ministers met.":  {Agency: "TASS", Text: "MOSCOW, February 12, 2020. /TASS/. "},
		"新华社利马11月14日电（记者王某某）两国部长会谈。":                         {Agency: "新华社", Text: "新华社利马11月14日电"},
		"（中央社記者某某台北12日電）兩國部長會談。":                             {Agency: "中央社", Text: "(中央社記者某某台北12日電)"},
		"World Health Organization (WHO) - a body":           {},
		"新华社会议11月14日举行":                                      {},
		"The ministers met in Lima on November 14 and left.": {},
	} {
		got, ok := dateline.Parse(text)
		if ok != (want != dateline.Dateline{}) || got != want {
			t.Errorf("Parse(%q) = %+v, %t, want %+v", text, got, ok, want)
		}
	}
}

func TestParseStamp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, date, source, title string }{
		{"Updated: November 17, 2023 Source: Xinhua News Agency", "2023-11-17", "Xinhua News Agency", ""},
		{"2022年3月8日 09:30 来源：人民网", "2022-03-08", "人民网", ""},
		{"Title of a long text (2024-11-15)", "2024-11-15", "", "Title of a long text"},
		{"Updated: 3 May 2024 | Published: 2 May 2024", "2024-05-02", "", ""},
		{"The treaty was signed on 15 November 2024.", "", "", ""},
		{"Ministers met", "", "", ""},
	} {
		s, ok := dateline.ParseStamp(tc.text, datetime.Style{DayFirst: true})
		date := ""
		if ok {
			date = s.Moments[0].At.Format("2006-01-02")
		}
		if date != tc.date || ok && (s.Source != tc.source || s.Title != tc.title) {
			t.Errorf("ParseStamp(%q) = %q, source %q, title %q; want %q, %q, %q", tc.text, date, s.Source, s.Title, tc.date, tc.source, tc.title)
		}
	}
}

// TestDateLinesInLanguages checks that the words around a date belong to it in each language.
func TestDateLinesInLanguages(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"wtorek, 15 sierpnia 2023 r.", "15 sierpnia 2023 roku", "15 серпня 2023 року", "15 серпня 2023 р.", "2023 m. rugpjūčio 15 d.", "15 ส.ค. 2566",
		"วันอังคารที่ 15 สิงหาคม 2566", "الثلاثاء، ١٥ آب ٢٠٢٣", "15 آب/أغسطس 2023", "15 أغسطس 2023م", "18 محرم 1445هـ الموافق 15 أغسطس 2023م", "15 أوت 2023",
		"2023년 8월 15일(화)", "Ngày 15 tháng 8 năm 2023", "Thứ Ba, ngày 15 tháng 8 năm 2023", "中華民國112年8月15日", "2023年8月15日（火）",
		"יום שלישי, 15 באוגוסט 2023", "יום ג', 15 באוגוסט 2023", "2023. gada 15. augustā", "15. августа 2023. године", "den 15 augusti 2023",
		"tirsdag den 15. august 2023", "15 avqust 2023-cü il",
	} {
		if !dateline.IsBareDate(text) {
			t.Errorf("IsBareDate(%q) = false, want true", text)
		}
		if s, _ := dateline.ParseStamp(text, datetime.Style{DayFirst: true}); len(s.Moments) != 1 || s.Moments[0].At.Format("2006-01-02") != "2023-08-15" {
			t.Errorf("ParseStamp(%q) = %+v, want 2023-08-15", text, s.Moments)
		}
	}
	for _, text := range []string{"Firma powstała 15 sierpnia 2023 rano", "हमने 15 अगस्त 2023", "اتفق الطرفان في 15 أغسطس 2023 على ذلك"} {
		if dateline.IsBareDate(text) {
			t.Errorf("IsBareDate(%q) = true, want false", text)
		}
	}
}

func TestPlaceDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Done at Lima on 15 November 2024":               "2024-11-15",
		"（2015年5月22日，利马）":                                "2015-05-22",
		"Berlin, 24.08.2021 – Pressemitteilung 112/2021": "2021-08-24",
		"The treaty was signed on 15 November 2024":      "",
		"Hà Nội, ngày 15 tháng 8 năm 2023":               "2023-08-15",
		"V Praze dne 15. srpna 2023":                     "2023-08-15",
		"Lima":                                           "",
	} {
		got := ""
		if m := dateline.PlaceDate(text); m != nil {
			got = m.At.Format("2006-01-02")
		}
		if got != want {
			t.Errorf("PlaceDate(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestActs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // "" if the line is an act, "-" if it is none
		"2019年3月28日 水务委员会第八次会议通过":             "",
		"自2019年8月1日起施行":                       "",
		"（2019年3月28日通过 2019年7月20日公布）":         "2019-07-20",
		"2019年7月20日 水务委员会公布":                  "2019-07-20",
		"Entered into force on 1 August 2019": "",
		"In Kraft getreten am 1. August 2019": "",
		"2016年11月28日公布 自2017年1月1日起施行":         "2016-11-28",
		"（2018年5月9日市政府第六次常务会议通过 2018年6月15日市政府令第12号公布 自2018年9月1日起施行）": "2018-06-15",
		"【颁布日期】2019.07.20 【实施日期】2019.08.01":                          "2019-07-20",
		"[시행 2021. 7. 1.] [공포 2021. 6. 10.]":                         "2021-06-10",
		"[시행 2021. 7. 1.] [법률 제17893호, 2021. 1. 12., 일부개정]":          "2021-01-12",
		"Beschlossen vom Gemeinderat am 4. Februar 2019":             "",
		"Uchwalona przez Radę Miasta dnia 12 marca 2020 r.":          "",
		"Ogłoszona dnia 2 kwietnia 2020 r.":                          "2020-04-02",
		"Kabul Tarihi: 5/6/2018 Resmî Gazete Tarihi: 9/6/2018":       "2018-06-09",
		"Có hiệu lực từ ngày 1 tháng 8 năm 2018":                     "",
		"Ditetapkan di Jakarta pada tanggal 1 Agustus 2019":          "",
		"Diundangkan di Jakarta pada tanggal 2 Agustus 2019":         "2019-08-02",
		"تاريخ النفاذ: 15 أغسطس 2023":                                "",
		"Passed 3 May 2019, published 20 July 2019":                  "2019-07-20",
		"Kihirdetve: 2019. június 20.":                               "2019-06-20",
		"Intrată în vigoare la 1 septembrie 2019":                    "",
		"Δημοσιεύτηκε στις 20 Ιουνίου 2019":                          "2019-06-20",
		"Entrata in vigore il 1° settembre 2019":                     "",
		"In werking getreden op 1 september 2019":                    "",
		"Účinnosť od 1. septembra 2019":                              "",
		"Набирає чинності 1 вересня 2019 року":                       "",
		"ประกาศในราชกิจจานุเบกษา วันที่ 20 มิถุนายน พ.ศ. 2562": "2019-06-20",
		"התקבל במועצה ביום 3 במאי 2019":         "",
		"Bürgermeister am 4. Februar 2019":      "-",
		"The gate was adopted on 1 August 2019": "-",
		"1 August 2019":                         "2019-08-01",
	} {
		s, ok := dateline.ParseStamp(text, datetime.Style{DayFirst: true})
		got := "-"
		switch {
		case ok:
			got = s.Moments[0].At.Format("2006-01-02")
		case dateline.IsAct(text):
			got = ""
		}
		if got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}
