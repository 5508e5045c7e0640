package corpus

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
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
	moment
	rank rank
}

// publishTime returns when the document was published, zero where the text
// does not say.
func (p *part) publishTime(d document.Document) (time.Time, document.Precision) {
	if p.known.published != nil {
		return p.zoned(*p.known.published, d)
	}
	best := -1
	for i, c := range p.published {
		if best < 0 || c.rank < p.published[best].rank || c.rank == p.published[best].rank && p.published[best].ambiguous && !c.ambiguous {
			best = i
		}
	}
	if best < 0 {
		return p.guessYear(d)
	}
	m := p.settled(p.published[best].moment)
	for _, c := range p.published {
		if c.rank <= rankUpdated && m.refinedBy(c.moment) {
			m = c.moment
		}
	}
	return p.zoned(m, d)
}

// settled returns m with day and month exchanged where it may be read both ways
// and only so fits the dateline: 03/08/2022 above "LIMA, Aug 3".
func (p *part) settled(m moment) moment {
	month, day, ok := findYearless(p.opening)
	if !m.ambiguous || !ok {
		return m
	}
	line, _ := dateOf(m.at.Year(), month, day)
	other, _ := dateOf(m.at.Year(), m.at.Day(), int(m.at.Month()))
	date := m.at.Truncate(24 * time.Hour)
	if date.Sub(line).Abs() > dateSlack && other.Sub(line).Abs() <= dateSlack {
		m.at = other.Add(m.at.Sub(date))
	}
	return m
}

// refinedBy reports whether other is the same day, more exactly.
func (m moment) refinedBy(other moment) bool {
	return other.precision > m.precision && other.at.Truncate(24*time.Hour).Equal(m.at)
}

var (
	foreignSourceRE = regexp.MustCompile(`(?i)路透|法新|安莎|德新|朝中社|国际文传|俄新|埃菲|美联|塔斯|共同社|韩联|联合国|bbc|voa|美国之音|德国之声|法广`)
	chineseSourceRE = regexp.MustCompile(`(?i)xinhua|people'?s daily|people\.c|china daily|chinadaily|global times|cgtn|cctv|china news|\.cn\b|beijing review|新华|新華|人民|中新|中国|央视|光明|环球|经济日报|解放军|中央社|中央通訊社|联合早报|外交部|国务院|商务部`)
)

// zoned puts m into the zone that it names, else into that of its source.
func (p *part) zoned(m moment, d document.Document) (time.Time, document.Precision) {
	at := m.at
	zone := m.zone
	switch {
	case m.precision == document.PrecisionDate:
		return at, m.precision
	case zone == nil && inChina(d, p):
		zone = time.FixedZone("", 8*3600)
	case zone == nil:
		zone = time.UTC
	}
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone), m.precision
}

// inChina reports whether a Chinese agency or page gave the time: one known by
// name, or one with a Chinese name that is no foreign agency's.
func inChina(d document.Document, p *part) bool {
	return chineseSourceRE.MatchString(strings.Join([]string{cmp.Or(d.Source, p.rights), p.agency, d.URI, p.site}, " ")) ||
		countHan(d.Source) > 0 && !foreignSourceRE.MatchString(d.Source) && d.LanguageCode != "ja" && d.LanguageCode != "ko"
}

// guessYear dates a text by a dateline without a year where a full date of
// that day, or the day before or after, stands in the text or its address.
func (p *part) guessYear(d document.Document) (time.Time, document.Precision) {
	var near []moment
	near = append(near, findMoments(fold(uriDateRE.FindString(d.URI)), true)...)
	month, day, ok := findYearless(p.opening)
	if !ok {
		if len(near) > 0 {
			return near[0].at, document.PrecisionDate
		}
		return time.Time{}, document.PrecisionUnknown
	}
	near = append(near, findMoments(fold(d.Text), writesDayFirst(d.Text))...)
	for _, m := range near {
		date, valid := dateOf(m.at.Year(), month, day)
		if apart := m.at.Sub(date).Abs(); valid && apart <= dateSlack {
			return date, document.PrecisionDate
		}
	}
	return time.Time{}, document.PrecisionUnknown
}

var uriDateRE = regexp.MustCompile(`(?:19|20)\d{2}[-/](?:0?[1-9]|1[0-2])[-/](?:0?[1-9]|[12]\d|3[01])\b`)

// fieldMoments returns the dates in the value of a header line.
func fieldMoments(value string) []moment {
	value = fold(value)
	if m := compactRE.FindStringSubmatch(value); m != nil {
		if date, ok := dateOf(number(m[1]), number(m[2]), number(m[3])); ok {
			return []moment{{at: date, precision: document.PrecisionDate}}
		}
	}
	return findMoments(value, true)
}

// writesDayFirst reports whether 3/4/2024 in text is the third of April: in
// all languages but English.
func writesDayFirst(text string) bool { return language.Detect(text) != "en" }
