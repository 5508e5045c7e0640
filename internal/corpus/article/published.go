package article

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/document"
)

// rank orders the places of a text that date it, the best first.
type rank int

const (
	rankField     rank = iota // "Date : …"
	rankPublished             // a date line
	rankUpdated               // a date line that says it is a later one
	rankIssued                // when an authority signed it, before it published it
	rankDateline              // a dateline with its year
	rankPlace                 // "Done at Lima on 15 November 2024"
)

// dateSlack is how far the date of a dateline may be from that of publication.
const dateSlack = 48 * time.Hour

// dating is a moment that may be when a document was published.
type dating struct {
	datetime.Moment
	rank rank
}

// publishTime returns when the document was published, zero where the text
// does not say.
func (p *Article) publishTime(d document.Document) (time.Time, document.Precision) {
	if p.Published != nil {
		return p.zoned(*p.Published, d)
	}
	best := -1
	for i, c := range p.datings {
		if best < 0 || c.rank < p.datings[best].rank || c.rank == p.datings[best].rank && p.datings[best].Ambiguous && !c.Ambiguous {
			best = i
		}
	}
	if best < 0 {
		return p.guessYear(d)
	}
	m := p.settled(p.datings[best].Moment)
	for _, c := range p.datings {
		if c.rank <= rankUpdated && m.RefinedBy(c.Moment) {
			m = c.Moment
		}
	}
	return p.zoned(m, d)
}

// settled returns m with day and month exchanged where it may be read both ways
// and only so fits the dateline: 03/08/2022 above "LIMA, Aug 3".
func (p *Article) settled(m datetime.Moment) datetime.Moment {
	month, day, ok := datetime.FindYearless(p.opening)
	if !m.Ambiguous || !ok {
		return m
	}
	line, _ := datetime.Date(m.At.Year(), month, day)
	other, _ := datetime.Date(m.At.Year(), m.At.Day(), int(m.At.Month()))
	date := m.At.Truncate(24 * time.Hour)
	if date.Sub(line).Abs() > dateSlack && other.Sub(line).Abs() <= dateSlack {
		m.At = other.Add(m.At.Sub(date))
	}
	return m
}

// zoned puts m into the zone that it names, else into that of its source.
func (p *Article) zoned(m datetime.Moment, d document.Document) (time.Time, document.Precision) {
	at := m.At
	zone := m.Zone
	switch {
	case m.Precision == document.PrecisionDate:
		return at, m.Precision
	case zone == nil && inChina(d, p):
		zone = time.FixedZone("", 8*3600)
	case zone == nil:
		zone = time.UTC
	}
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone), m.Precision
}

// inChina reports whether a Chinese agency or page gave the time: one known by
// name, or one with a Chinese name that is no foreign agency's.
func inChina(d document.Document, p *Article) bool {
	return publisher.IsChinese(strings.Join([]string{cmp.Or(d.Source, p.rights), p.agency, d.URI, p.site}, " ")) ||
		prose.CountHan(d.Source) > 0 && !publisher.IsForeign(d.Source) && d.LanguageCode != "ja" && d.LanguageCode != "ko"
}

// guessYear dates a text by a dateline without a year where a full date of
// that day, or the day before or after, stands in the text or its address.
func (p *Article) guessYear(d document.Document) (time.Time, document.Precision) {
	var near []datetime.Moment
	near = append(near, datetime.Find(prose.Fold(uriDateRE.FindString(d.URI)), true)...)
	month, day, ok := datetime.FindYearless(p.opening)
	if !ok {
		if len(near) > 0 {
			return near[0].At, document.PrecisionDate
		}
		return time.Time{}, document.PrecisionUnknown
	}
	near = append(near, datetime.Find(prose.Fold(d.Text), datetime.DayFirst(d.Text))...)
	for _, m := range near {
		date, valid := datetime.Date(m.At.Year(), month, day)
		if apart := m.At.Sub(date).Abs(); valid && apart <= dateSlack {
			return date, document.PrecisionDate
		}
	}
	return time.Time{}, document.PrecisionUnknown
}

var uriDateRE = regexp.MustCompile(`(?:19|20)\d{2}[-/](?:0?[1-9]|1[0-2])[-/](?:0?[1-9]|[12]\d|3[01])\b`)
