package corpus

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

const (
	maxBelow = 600 // bytes between the heading of a page and the date below it
	maxAbove = 200 // bytes between a date and the heading below it

	maxScriptDates = 100 // of a script
	day            = 24 * time.Hour
)

// nearDates are the dates in short texts near the heading of a page. They give the date of a page
// whose metadata and stamps do not.
type nearDates struct {
	below, above, within *datetime.Moment // within is that in the heading itself
	begun                bool             // the heading has been read
	titled               int              // bytes of the title of the page that the heading repeats
	passed               int              // bytes since the heading
	last                 *datetime.Moment // date above what is read
	apart                int              // bytes since the last date
}

// begin notes that a heading begins which repeats some bytes of the title of the page. The heading that
// repeats the most of it is that of the text of the page. Others may be the name of the site.
func (d *nearDates) begin(titled int) {
	if d.begun && titled <= d.titled {
		return
	}
	d.begun, d.titled = true, titled
	d.above, d.below, d.within, d.passed = d.last, nil, nil, 0
}

// read takes the date of a text node. heading is whether it is in the heading.
func (d *nearDates) read(text string, heading bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	m := lineDate(text)
	switch {
	case heading:
		d.within = cmp.Or(d.within, m)
		return
	case d.begun && d.passed <= maxBelow:
		d.passed += len(text)
		d.below = cmp.Or(d.below, m)
	}
	if m != nil {
		d.last, d.apart = m, 0
	} else if d.apart += len(text); d.apart > maxAbove {
		d.last = nil
	}
}

// shortYearRE matches a date such as 5.8.23. All countries that write dates with points put the day
// first, then the month.
var shortYearRE = regexp.MustCompile(`(?:^|[^\d.])(\d{1,2}\.\d{1,2}\.)(\d{2})(?:$|[^\d.]|\.$)`)

// lineDate returns the date of a text that is short, or begins with its date. It returns nil if there
// is none, or several.
func lineDate(text string) *datetime.Moment {
	const lead = 4 // bytes before a date at the start, such as a bullet
	if !strings.ContainsAny(text, "0123456789年") {
		return nil
	}
	short := len(text) <= maxShownDate && !prose.EndsSentence(text)
	if !short {
		text = strings.ToValidUTF8(text[:min(len(text), maxShownDate)], "")
	}
	found := datetime.FindInField(text)
	if m := shortYearRE.FindStringSubmatch(text); len(found) == 0 && short && m != nil {
		found = datetime.FindInField(m[1] + "20" + m[2])
	}
	if len(found) != 1 || !short && found[0].Start > lead {
		return nil
	}
	return &found[0]
}

// fromScriptsRE finds the date of publication in the data of a script that is not linked data.
var fromScriptsRE = regexp.MustCompile(`(?i)"(?:date_?published|published_?(?:date|at|on|first)|publication_?date|publish_?date|first[_-]publication)"\s*:\s*"([^"\n]{8,40})"`)

// fromScript takes the dates of publication in the data of a script. If they are of several days, the
// data is about several texts.
func (f *pageFacts) fromScript(script string) {
	if !strings.Contains(script, "ublish") && !strings.Contains(script, "ublication") {
		return // the expression is slow
	}
	for _, m := range fromScriptsRE.FindAllStringSubmatch(script, maxScriptDates) {
		found := fieldDate(m[1])
		switch {
		case found == nil:
		case f.scripted == nil:
			f.scripted = found
		case !f.scripted.At.Truncate(day).Equal(found.At.Truncate(day)):
			f.scriptedOthers = true
		}
	}
}

// weakDate returns a date from a place on the page that is not meant to give the date of its text,
// or nil.
func (f *pageFacts) weakDate() (at *datetime.Moment, place string) {
	switch {
	case f.near.below != nil:
		return f.near.below, dateBelow
	case f.near.above != nil:
		return f.near.above, dateAbove
	case f.scripted != nil && !f.scriptedOthers:
		return f.scripted, "data of a script"
	case f.near.within != nil:
		return f.near.within, "date in the heading"
	}
	return f.later(f.work()), "time of a change, since the page gives no other"
}

// setWeakDate dates the document of a page by weakDate if it has no date.
func (f *pageFacts) setWeakDate(file *File) {
	d := &file.Documents[0]
	m, place := f.weakDate()
	if m == nil || !d.PublishTime.IsZero() {
		return
	}
	d.PublishTime, d.PublishPrecision = m.At, m.Precision
	if m.Precision != document.PrecisionDate {
		d.PublishTime = inZone(m.At, m.Zone)
	}
	file.Decisions = append(file.Decisions, Decision{1, article.Decision{About: article.AboutDate, Origin: article.Origin{Rule: place}}})
}
