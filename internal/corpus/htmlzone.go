package corpus

import (
	"time"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/document"
)

// resolved returns m, or m with its day and month exchanged if m is ambiguous and only that is the day of
// one of others.
func resolved(m datetime.Moment, others []datetime.Moment) datetime.Moment {
	exchanged, ok := m.Exchanged()
	fits := false
	for _, other := range others {
		if !other.Ambiguous && other.SameDay(m) {
			return m
		}
		fits = fits || !other.Ambiguous && other.SameDay(exchanged)
	}
	if ok && fits {
		return exchanged
	}
	return m
}

// inLocalZone returns m in the zone of the place of publication, if m is in UTC and the page shows that
// zone. It does if others, the other times of the page, have m in that zone. If not, the address of the
// page may have the day of publication. The zone is then the nearest one in which m is on that day.
func (f *pageFacts) inLocalZone(m datetime.Moment, others []datetime.Moment) datetime.Moment {
	if m.Zone == nil || offsetOf(m) != 0 || m.Precision == document.PrecisionDate {
		return m
	}
	for _, other := range others {
		if other.Zone == nil || other.Precision == document.PrecisionDate {
			continue
		}
		if offset := offsetOf(other); offset != 0 && other.At.Sub(m.At).Round(time.Minute) == offset {
			return shifted(m, offset)
		}
	}
	for _, key := range []string{"canonical", "og:url"} {
		for _, local := range article.DateInAddress(f.values[key]) {
			if offset, ok := offsetTo(m, local); ok {
				return shifted(m, offset)
			}
		}
	}
	return m
}

// inZoneOfChange returns m in the zone of the time at which the page was changed if m has no zone and
// the change was soon after it, since summer time may have begun or ended before a later one. Many pages
// write that time in UTC whatever their zone, so UTC is not taken over.
func (f *pageFacts) inZoneOfChange(m datetime.Moment, w work) datetime.Moment {
	const soon = 14 * day
	if m.Zone != nil || m.Precision == document.PrecisionDate {
		return m
	}
	changed := f.later(w)
	if changed == nil || changed.Zone == nil || changed.Precision == document.PrecisionDate || offsetOf(*changed) == 0 {
		return m
	}
	if after := changed.At.Sub(m.At); after >= 0 && after <= soon {
		m.Zone = changed.Zone
	}
	return m
}

// The offsets from UTC of the last and the first places on Earth where people write news.
const (
	minLocal = -10 * time.Hour
	maxLocal = 13 * time.Hour
)

// offsetTo returns the offset nearest to UTC, in whole hours, at which m is on a day.
func offsetTo(m, local datetime.Moment) (offset time.Duration, ok bool) {
	if m.SameDay(local) {
		return 0, false
	}
	midnight := local.At.Truncate(day)
	if m.At.Before(midnight) {
		offset = (midnight.Sub(m.At) + time.Hour - 1).Truncate(time.Hour)
	} else {
		offset = -(m.At.Sub(midnight.Add(day)).Truncate(time.Hour) + time.Hour)
	}
	return offset, offset >= minLocal && offset <= maxLocal
}

// offsetOf returns the offset of the zone of m from UTC.
func offsetOf(m datetime.Moment) time.Duration {
	_, seconds := m.At.In(m.Zone).Zone()
	return time.Duration(seconds) * time.Second
}

// shifted returns m, which is in UTC, in the zone with an offset.
func shifted(m datetime.Moment, offset time.Duration) datetime.Moment {
	m.At, m.Zone = m.At.Add(offset), time.FixedZone("", int(offset.Seconds()))
	return m
}
