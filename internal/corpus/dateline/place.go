package dateline

import (
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

const (
	maxPlaceDate = 150 // in bytes
)

var placeDateRE = patterns.Regexp("place and date")

// PlaceDate returns the date of a line with the place and date of a text, such as
// "（2015年5月22日，利马）" or "Done at Lima on 15 November 2024". It returns nil for other lines.
func PlaceDate(text string) *datetime.Moment {
	if len(text) > maxPlaceDate {
		return nil
	}
	folded := prose.Fold(withoutIssuer(text))
	moments := datetime.Find(folded, datetime.Style{DayFirst: true})
	if len(moments) != 1 {
		return nil
	}
	m := moments[0]
	if !placeDateRE.MatchString(weekdayRE.ReplaceAllString(folded[:m.Start]+"\x00"+folded[m.End:], "")) {
		return nil
	}
	return &m
}

var besideRE = pattern.MustCompile(`\s[-–—|·]\s`)

// withoutIssuer removes an issuer, or a kind of text with its number, next to a place and
// date: "Berlin, 24.08.2021 – Pressemitteilung 112/2021".
func withoutIssuer(text string) string {
	sides := besideRE.Split(text, 2)
	switch {
	case len(sides) < 2:
	case titles.IsIssuer(sides[1]):
		return sides[0]
	case titles.IsIssuer(sides[0]):
		return sides[1]
	}
	return text
}
