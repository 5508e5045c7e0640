package datetime_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

func TestFind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text     string
		dayFirst bool
		want     []string
	}{
		{"2013年04月06日 09:30", false, []string{"2013-04-06 09:30 minute"}},
		{"二〇一六年九月十三日", false, []string{"2016-09-13 date"}},
		{"Nov. 15, 2024 10:15 p.m. GMT+8", false, []string{"2024-11-15 22:15 minute +08:00"}},
		{"15 de noviembre de 2024", true, []string{"2024-11-15 date"}},
		{"1er mars 2024 à 8h30", true, []string{"2024-03-01 08:30 minute"}},
		{"3/4/2024", true, []string{"2024-04-03 date ambiguous"}},
		{"3/4/2024", false, []string{"2024-03-04 date ambiguous"}},
		{"15/11/2024", false, []string{"2024-11-15 date"}},
		{"2024-11-15T10:15:30Z and 2024-11-16", false, []string{"2024-11-15 10:15:30 second Z", "2024-11-16 date"}},
		{"31 February 2024", true, nil},
		{"5 listopada 2023", true, nil}, // October in Croatian, November in Polish
		{"5 października 2023", true, []string{"2023-10-05 date"}},
		{"15 สิงหาคม 2566", true, []string{"2023-08-15 date"}},
		{"Nov. 152024", true, []string{"2024-11-15 date"}},
		{"Article 12 of 1999", false, nil},
		{"2023년 8월 15일 오후 3시 30분", true, []string{"2023-08-15 15:30 minute"}},
		{"2023年8月15日 午後3時30分", true, []string{"2023-08-15 15:30 minute"}},
		{"15 สิงหาคม 2566 เวลา 10:30 น.", true, []string{"2023-08-15 10:30 minute"}},
		{"15. August 2023, 10.30 Uhr", true, []string{"2023-08-15 10:30 minute"}},
		{"15 May 2023, 3.50 Euro", true, []string{"2023-05-15 date"}},
		{"15.8.2023. u 10:30", true, []string{"2023-08-15 10:30 minute"}},
		{"1° settembre 2019", true, []string{"2019-09-01 date"}},
		{"2023. aug. 15. 10:30", true, []string{"2023-08-15 10:30 minute"}},
		{"15 تشرين الثاني/نوفمبر 2023", true, []string{"2023-11-15 date"}},
		{"15 كانون الأول 2023", true, []string{"2023-12-15 date"}},
		{"2023.08.15. 오후 3:05", true, []string{"2023-08-15 15:05 minute"}},
		{"2023. augusztus 15. 15:05", true, []string{"2023-08-15 15:05 minute"}},
		{"2023년 8월 15일 오전 9시 30분", true, []string{"2023-08-15 09:30 minute"}},
		{"2023年8月15日 午後3時05分", true, []string{"2023-08-15 15:05 minute"}},
		{"2023年8月15日 上午12:05", true, []string{"2023-08-15 00:05 minute"}},
		{"15 آب/أغسطس 2023 09:22 مساءً", true, []string{"2023-08-15 21:22 minute"}},
		{"15 أغسطس 2023 09:22 م", true, []string{"2023-08-15 21:22 minute"}},
		{"15 أغسطس 2023 09:22 من", true, []string{"2023-08-15 09:22 minute"}},
		{"15 Αυγούστου 2023, 9:22 μ.μ.", true, []string{"2023-08-15 21:22 minute"}},
		{"15/08/2023 9:22 CH (GMT+7)", true, []string{"2023-08-15 21:22 minute +07:00"}},
		{"Sport / March 15, 2024", false, []string{"2024-03-15 date"}},
		{"12:30 CST 2024-11-15", false, []string{"2024-11-15 12:30 minute"}},
	} {
		var got []string
		for _, m := range datetime.Find(tc.text, datetime.Style{DayFirst: tc.dayFirst}) {
			got = append(got, describe(m))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("Find(%q, %t) (-want +got):\n%s", tc.text, tc.dayFirst, diff)
		}
	}
}

func describe(m datetime.Moment) string {
	s := map[document.Precision]string{
		document.PrecisionDate:   m.At.Format(time.DateOnly) + " date",
		document.PrecisionMinute: m.At.Format("2006-01-02 15:04") + " minute",
		document.PrecisionSecond: m.At.Format(time.DateTime) + " second",
	}[m.Precision]
	if m.Zone != nil {
		s += " " + m.At.In(m.Zone).Format("Z07:00")
	}
	if m.Ambiguous {
		s += " ambiguous"
	}
	return s
}

func TestFindYearless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int{
		"新华社利马11月14日电":           {11, 14},
		"LIMA, Nov. 14 (Xinhua)": {11, 14},
		"MADRID, 3 mar (EFE)":    {3, 3},
		"LIMA (Reuters)":         {},
		"LIMA, Nov. 31 (Xinhua)": {},
	} {
		month, day, ok := datetime.FindYearless(text)
		if got := [2]int{month, day}; ok != (want != [2]int{}) || ok && got != want {
			t.Errorf("FindYearless(%q) = %v, %t, want %v", text, got, ok, want)
		}
	}
}

// TestFindInLanguages checks full dates in the forms of 30 languages.
func TestFindInLanguages(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"15 August 2023", "15 de agosto de 2023", "15 août 2023", "15. August 2023", "15 agosto 2023", "15 augustus 2023", "15. august 2023",
		"den 15 augusti 2023", "15. elokuuta 2023", "15. ágúst 2023", "2023. gada 15. augusts", "2023 m. rugpjūčio 15 d.",
		"15 sierpnia 2023 r.", "15. srpna 2023", "15. 8. 2023", "15. avgust 2023", "15. kolovoza 2023.", "15. август 2023.", "15 август 2023 г.",
		"15 august 2023", "2023. augusztus 15.", "15 gusht 2023", "15 Αυγούστου 2023", "15 Ağustos 2023", "15 avqust 2023", "15 августа 2023 года",
		"15 серпня 2023", "15 жніўня 2023", "15 d’agost de 2023", "15 Agustus 2023", "15 Ogos 2023", "15 Agosti 2023", "ngày 15 tháng 8 năm 2023",
		"15 أغسطس 2023", "١٥ آب ٢٠٢٣", "15 آب/أغسطس 2023", "الثلاثاء 15 أغسطس / آب 2023 09:22", "15 أوت 2023", "15 באוגוסט 2023", "۱۵ اوت ۲۰۲۳", "15 अगस्त 2023", "১৫ আগস্ট, ২০২৩", "15 สิงหาคม 2566", "๑๕ สิงหาคม ๒๕๖๖",
		"2023년 8월 15일", "2023年8月15日", "令和5年8月15日", "民國112年8月15日", "中華民國一一二年八月十五日",
	} {
		found := datetime.Find(prose.Fold(text), datetime.Style{DayFirst: true})
		if len(found) != 1 || found[0].At.Format(time.DateOnly) != "2023-08-15" {
			t.Errorf("Find(%q) = %v, want 2023-08-15", text, found)
		}
	}
	for text, want := range map[string]string{
		"5 كانون الثاني/يناير 2020": "2020-01-05", "٣١ تشرين الأول ٢٠١٩": "2019-10-31", "30 تشرين الثاني / نوفمبر 2021": "2021-11-30",
		"1 كانون الاول 2022": "2022-12-01", "3 Meán Fómhair 2020": "2020-09-03",
	} {
		found := datetime.Find(prose.Fold(text), datetime.Style{DayFirst: true})
		if len(found) != 1 || found[0].At.Format(time.DateOnly) != want {
			t.Errorf("Find(%q) = %v, want %s", text, found, want)
		}
	}
	for _, text := range []string{"5 May/June 2023", "5 نيسان/أغسطس 2020", "5 كانون 2020", "۱۴۰۲/۵/۲۴", "15 مرداد 1402", "15 people met 2023", "29 shaban 1445"} {
		if found := datetime.Find(prose.Fold(text), datetime.Style{DayFirst: true}); len(found) > 0 {
			t.Errorf("Find(%q) = %v, want none", text, found)
		}
	}
}

// TestSharedMonths checks names that are different months in two languages.
func TestSharedMonths(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, date, want string }{
		{"Gradonačelnik je u ponedjeljak rekao da će most biti otvoren krajem godine, a da su radnici već završili cestu.", "5. listopada 2023.", "2023-10-05"},
		{"Burmistrz powiedział w poniedziałek, że most zostanie otwarty pod koniec roku, a robotnicy skończyli już drogę.", "5 listopada 2023", "2023-11-05"},
		{"Starosta v pondělí řekl, že most bude otevřen koncem roku a že dělníci už dokončili cestu k němu.", "5. listopad 2023", "2023-11-05"},
		{"Starosta v pondělí řekl, že most bude otevřen koncem roku a že dělníci už dokončili cestu k němu.", "5. srp 2023", "2023-08-05"},
		{"Gradonačelnik je u ponedjeljak rekao da će most biti otvoren krajem godine, a da su radnici već završili cestu.", "5. srp 2023.", "2023-07-05"},
		{"The mayor said on Monday that the bridge will open at the end of the year.", "5 listopada 2023", ""},
	} {
		got := ""
		for _, m := range datetime.Find(tc.date, datetime.StyleOf(tc.text+"\n"+tc.date)) {
			got += m.At.Format(time.DateOnly)
		}
		if got != tc.want {
			t.Errorf("%s in %q is %q, want %q", tc.date, tc.text, got, tc.want)
		}
	}
}
