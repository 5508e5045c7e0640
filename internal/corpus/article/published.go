package article

import (
	"cmp"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/document"
)

// rank orders the places in a text that may give its date, best first.
type rank int

const (
	rankField     rank = iota // "Date : …"
	rankPublished             // a stamp
	rankUpdated               // a stamp with a date of a later change
	rankIssued                // the day of signing, before publication
	rankDateline              // a dateline with a year
	rankPlace                 // "Done at Lima on 15 November 2024"
)

// dateSlack is the maximum time between the day of a dateline and publication.
const dateSlack = 48 * time.Hour

// dateCandidate is a moment at which a document may have been published.
type dateCandidate struct {
	datetime.Moment
	rank rank
	line string // the line that gives it
}

// publishTime returns when the document was published, or the zero time if neither the
// format nor the text says.
func (a *Article) publishTime(d document.Document) (time.Time, document.Precision) {
	if a.Published != nil {
		a.decideGiven(AboutDate, a.From.Published)
		return a.inZone(*a.Published, d)
	}
	best := -1
	for i, c := range a.dates {
		if best < 0 || c.rank < a.dates[best].rank || c.rank == a.dates[best].rank && a.dates[best].Ambiguous && !c.Ambiguous {
			best = i
		}
	}
	if best < 0 {
		return a.guessYear(d)
	}
	chosen := a.dates[best]
	m := a.resolveDayAndMonth(chosen.Moment)
	for _, c := range a.dates {
		if c.rank <= rankUpdated && m.RefinedBy(c.Moment) {
			m, chosen = c.Moment, c
		}
	}
	a.decide(AboutDate, rankNames[chosen.rank], chosen.line)
	return a.inZone(m, d)
}

// resolveDayAndMonth exchanges day and month of an ambiguous date if only the exchanged
// date fits the dateline: 03/08/2022 above "LIMA, Aug 3".
func (a *Article) resolveDayAndMonth(m datetime.Moment) datetime.Moment {
	month, day, ok := datetime.FindYearless(a.opening)
	if !m.Ambiguous || !ok {
		return m
	}
	line, _ := datetime.ValidDate(m.At.Year(), month, day)
	other, _ := datetime.ValidDate(m.At.Year(), m.At.Day(), int(m.At.Month()))
	date := m.At.Truncate(24 * time.Hour)
	if date.Sub(line).Abs() > dateSlack && other.Sub(line).Abs() <= dateSlack {
		m.At = other.Add(m.At.Sub(date))
	}
	return m
}

// inZone returns m in the time zone that it names, or else in the zone of its source.
func (a *Article) inZone(m datetime.Moment, d document.Document) (time.Time, document.Precision) {
	at := m.At
	zone := m.Zone
	switch {
	case m.Precision == document.PrecisionDate:
		return at, m.Precision
	case zone == nil && inChina(d, a):
		zone = time.FixedZone("", 8*3600)
	case zone == nil:
		zone = time.UTC
	}
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone), m.Precision
}

// inChina reports whether the source is Chinese: it is known by its name, or it has a
// Chinese name that is not a foreign agency's.
func inChina(d document.Document, a *Article) bool {
	return publisher.IsChinese(strings.Join([]string{cmp.Or(d.Source, a.rights), a.agency, d.URI, a.site}, " ")) ||
		prose.CountHan(d.Source) > 0 && !publisher.IsForeign(d.Source) && d.LanguageCode != "ja" && d.LanguageCode != "ko"
}

// guessYear returns the date of a dateline without a year. The year is that of a full date,
// in the address or in the text, that is at most two days away. If there is no such
// dateline, it returns the date in the address, or the zero time if there is none.
func (a *Article) guessYear(d document.Document) (time.Time, document.Precision) {
	var near []datetime.Moment
	near = append(near, DateInAddress(d.URI)...)
	month, day, ok := datetime.FindYearless(a.opening)
	if !ok {
		if len(near) > 0 {
			a.decide(AboutDate, "date in the address", d.URI)
			return near[0].At, document.PrecisionDate
		}
		return time.Time{}, document.PrecisionUnknown
	}
	near = append(near, datetime.Find(prose.Fold(d.Text), datetime.StyleOf(d.Text))...)
	for _, m := range near {
		date, valid := datetime.ValidDate(m.At.Year(), month, day)
		if apart := m.At.Sub(date).Abs(); valid && apart <= dateSlack {
			a.decide(AboutDate, "dateline without a year, which a date nearby completes", a.opening)
			return date, document.PrecisionDate
		}
	}
	return time.Time{}, document.PrecisionUnknown
}

// DateInAddress returns the date in the address of a page: …/2024/11/15/…,
// …/20241115/….
func DateInAddress(uri string) []datetime.Moment {
	if m := compactDateRE.FindStringSubmatch(uri); m != nil {
		return datetime.FindInField(m[1])
	}
	return datetime.Find(prose.Fold(uriDateRE.FindString(uri)), datetime.Style{DayFirst: true})
}

var compactDateRE = pattern.MustCompile(`[/_-]((?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?:[/_.-]|$)`)

var uriDateRE = pattern.MustCompile(`(?:19|20)\d{2}[-/](?:0?[1-9]|1[0-2])[-/](?:0?[1-9]|[12]\d|3[01])\b`)
