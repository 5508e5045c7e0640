package corpus

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
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
	recent               []string         // the last texts
}

// beginNear notes that a heading begins which repeats some bytes of the title of the page. The heading that
// repeats the most of it is that of the text of the page. Others may be the name of the site.
func (f *pageFacts) beginNear(titled int) {
	if f.near.begun && titled <= f.near.titled {
		return
	}
	f.near = nearDates{begun: true, titled: titled, recent: f.near.recent}
	apart := 0
	for _, text := range slices.Backward(f.near.recent) {
		if f.near.above = f.lineDate(text); f.near.above != nil || apart > maxAbove {
			return
		}
		apart += len(text)
	}
}

// readNear takes the date of a text node. heading is whether it is in the heading.
func (f *pageFacts) readNear(text string, heading bool) {
	const maxRecent = 20
	d := &f.near
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return
	case heading:
		if d.within == nil {
			d.within = f.lineDate(text)
		}
		return
	case d.begun && d.passed <= maxBelow:
		if d.passed += len(text); d.below == nil {
			d.below = f.lineDate(text)
		}
	}
	if d.recent = append(d.recent, text); len(d.recent) > 2*maxRecent {
		d.recent = slices.Delete(d.recent, 0, maxRecent)
	}
}

// tellsOfText reports whether n is a small element that is named for what it says of the text of its page,
// such as the author and the date, and has no heading, which teasers have.
func tellsOfText(n *html.Node) bool {
	const maxFacts, maxSource = 1600, 8000 // bytes without and with the white space that a page does not show
	if !furniture.TellsOfText(namesOf(n)) || hasAny(n, headings) {
		return false
	}
	text := textUpTo(n, maxSource+1)
	return len(text) <= maxSource && len(prose.Squeeze(text)) <= maxFacts
}

// repeatsTitle returns how many bytes of the title of the page n repeats. It returns 0 if n is not a
// heading of the upper levels, is not shown or has other text.
func (f *pageFacts) repeatsTitle(n *html.Node, shown bool) int {
	const minTitle = 12 // bytes
	if level := headingLevels[n.DataAtom]; !shown || level == 0 || level > 3 {
		return 0
	}
	if f.titleKey == "" {
		f.titleKey = lettersOf(decode.Normalize(f.shown("title", "og:title")))
	}
	heading := lettersOf(prose.Squeeze(decode.Normalize(textUpTo(n, maxShownTitle))))
	if len(heading) < minTitle || !strings.Contains(f.titleKey, heading) {
		return 0
	}
	return len(heading)
}

// lettersOf returns the letters, digits and line ends of a title for comparison. The head and the text of
// a page often have other dashes and quotation marks.
func lettersOf(title string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '\n' {
			return r
		}
		return -1
	}, titles.CompareKey(title))
}

// begin notes that a heading begins which repeats some bytes of the title. A date that was below
// another heading is above this one.
func (f *pageFacts) begin(titled int) {
	if titled > f.near.titled {
		f.values[dateAbove] = cmp.Or(f.values[dateBelow], f.values[dateAbove])
		delete(f.values, dateBelow)
		delete(f.values, timeBelow)
	}
	f.beginNear(titled)
}

// shortYearRE matches a date such as 5.8.23. All countries that write dates with points put the day
// first, then the month.
var shortYearRE = regexp.MustCompile(`(?:^|[^\d.])(\d{1,2}\.\d{1,2}\.)(\d{2})(?:$|[^\d.]|\.$)`)

// lineDate returns the date of a text that is short, or begins with its date. It returns nil if there
// is none, or several.
func (f *pageFacts) lineDate(text string) *datetime.Moment {
	const lead = 4 // bytes before a date at the start, such as a bullet
	if !strings.ContainsAny(text, "0123456789年") {
		return nil
	}
	short := len(text) <= maxShownDate && !prose.EndsSentence(text)
	if !short {
		text = strings.ToValidUTF8(text[:min(len(text), maxShownDate)], "")
	}
	found := f.moments(text)
	if m := shortYearRE.FindStringSubmatch(text); len(found) == 0 && short && m != nil {
		found = datetime.FindInField(m[1] + "20" + m[2])
	}
	if len(found) != 1 || !short && found[0].Start > lead {
		return nil
	}
	return &found[0]
}

// readChange takes the date of a text that says when the page was last changed.
func (f *pageFacts) readChange(n *html.Node) {
	if f.changed != nil || n.Type != html.TextNode || len(n.Data) > dateline.MaxStamp || !strings.ContainsAny(n.Data, "0123456789") || !dateline.TellsChange(n.Data) {
		return
	}
	if found := f.moments(n.Data); len(found) == 1 {
		f.changed = &found[0]
	}
}

// fromScriptsRE finds the date of publication in the data of a script that is not linked data.
var fromScriptsRE = regexp.MustCompile(`(?i)"(?:date_?published|published_?(?:date|at|on|first)|publication_?date|publish_?date|first[_-]publication)"\s*:\s*"([^"\n]{8,40})"`)

// showsDateRE finds the date in a script that does nothing but show it, such as
// showDate("2024/11/15 10:15").
var showsDateRE = regexp.MustCompile(`^\s*(?:[\w.$]+\(\s*){1,3}["']([^"'\n]{8,40})["'][^"'\n;]*;?\s*$`)

// fromScript takes the date that a short script shows. own is whether the script stands in the text of the
// page. Of other scripts, it takes the dates of publication in their data. If they are of several days, the
// data is about several texts.
func (f *pageFacts) fromScript(script string, own bool) {
	const maxShowing = 200 // bytes
	if own && f.near.passed <= maxBelow && len(script) <= maxShowing {
		if m := showsDateRE.FindStringSubmatch(script); m != nil && len(f.moments(m[1])) == 1 {
			f.set(f.nearKey(), m[1])
			return
		}
	}
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
	return cmp.Or(f.later(f.work()), f.changed), "time of a change, since the page gives no other"
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
