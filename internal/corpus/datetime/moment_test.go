package datetime_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus/datetime"
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
		{"Article 12 of 1999", false, nil},
		{"12:30 CST 2024-11-15", false, []string{"2024-11-15 12:30 minute"}},
	} {
		var got []string
		for _, m := range datetime.Find(tc.text, tc.dayFirst) {
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
