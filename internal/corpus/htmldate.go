package corpus

import (
	"cmp"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/document"
)

// publishKeys are the keys of the publish time in the elements of a page, the best
// first.
var publishKeys = []string{
	"article:published_time", "og:article:published_time", "datepublished", "og:published_time", "parsely-pub-date", "sailthru.date",
	"article.published", "published_time", "published-date", "publication_date", "publish-date", "publishdate", "publish_date", "pubdate", "ptime",
	"citation_publication_date", "citation_date", "dc.date.issued", "dcterms.issued", "article_date_original", "originalpublicationdate",
	"cxenseparse:recs:publishtime", "time published", timeBelow,
}

// datedKeys are the keys of a time that may be that of another event, such as the last change. They
// count less than the date that a page shows below or above the heading of its text.
var datedKeys = []string{
	"dcterms.date", "dc.date", "dc.date.created", "dcterms.created", "date", "dc:date", "time", "datecreated", dateBelow, dateAbove,
}

// Keys of dates that the text of a page shows.
const (
	timeBelow = "time below the heading" // in an element that is for times
	dateBelow = "date below the heading"
	dateAbove = "date above the heading"
)

// laterKeys are the keys of a time at or after publication, for pages that give no
// other.
var laterKeys = []string{"article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified"}

// published returns the publish time that the page gives, or nil, and the place that gives
// it. The first place counts. If it lacks the zone or the time of day, another place may
// add these.
func (f *pageFacts) published(w work) (at *datetime.Moment, place string) {
	var found []datetime.Moment
	add := func(key, value string) {
		if moments := f.moments(value); len(moments) > 0 {
			found = append(found, moments[0])
			place = cmp.Or(place, key)
		}
	}
	add("linked data", w.published)
	for _, key := range publishKeys {
		add(key, f.values[key])
	}
	if f.near.titled > 0 && f.near.below != nil {
		found = append(found, *f.near.below)
		place = cmp.Or(place, dateBelow)
	} else if f.near.titled > 0 && f.near.above != nil {
		found = append(found, *f.near.above)
		place = cmp.Or(place, dateAbove)
	}
	for _, key := range datedKeys {
		add(key, f.values[key])
	}
	if len(found) == 0 {
		add("linked data: created", w.created)
	}
	if len(found) == 0 {
		return nil, ""
	}
	best := found[0]
	for _, other := range found[1:] {
		if best.RefinedBy(other) {
			best = other
		}
	}
	best = f.inLocalZone(f.inZoneOfChange(inZoneOf(resolved(best, found), found), w), found)
	return &best, place
}

// moments returns the dates in a field of the page.
func (f *pageFacts) moments(value string) []datetime.Moment {
	style := datetime.StyleOf(value)
	if style.Language != "" { // the dates depend on the language
		style = datetime.StyleOf(value + "\n" + f.shown("title", "og:title", "og:description", "description"))
		tag := strings.ToLower(strings.ReplaceAll(cmp.Or(f.first("lang"), f.first("og:locale")), "_", "-"))
		if region, ok := strings.CutPrefix(tag, "en-"); ok && region != "us" || tag == "" {
			style.DayFirst = true
		}
	}
	return datetime.FindInFieldOf(value, style)
}

// maxOffset is the maximum offset of a time zone from UTC.
const maxOffset = 14 * time.Hour

// inZoneOf returns m with a zone if m has a time of day but no zone. To do so, it looks for the
// same moment among others that have a zone, and returns the first that differs from m by whole
// quarters of an hour, as the times of two zones do. It returns m if there is none.
func inZoneOf(m datetime.Moment, others []datetime.Moment) datetime.Moment {
	if m.Zone != nil || m.Precision == document.PrecisionDate {
		return m
	}
	for _, other := range others {
		apart := other.At.Sub(m.At)
		if other.Zone == nil || other.Precision == document.PrecisionDate || apart.Abs() > maxOffset {
			continue
		}
		if rest := apart.Abs() % (15 * time.Minute); rest < time.Minute || rest > 14*time.Minute {
			return other
		}
	}
	return m
}

// later returns the time at which the page says that it was changed, or nil.
func (f *pageFacts) later(w work) *datetime.Moment {
	values := []string{w.modified}
	for _, key := range laterKeys {
		values = append(values, f.values[key])
	}
	for _, value := range values {
		if moments := f.moments(strings.TrimSpace(value)); len(moments) > 0 {
			return &moments[0]
		}
	}
	return nil
}
