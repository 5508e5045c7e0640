package datetime

import (
	"cmp"
	"embed"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/document"
)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

var (
	zoneBeforeRE  = pattern.MustCompile(patterns.Alternatives("zone before"))
	forenoonRE    = patterns.Regexp("forenoon")
	afternoonRE   = patterns.Regexp("afternoon")
	clockAfterRE  = patterns.Regexp("clock after a date")
	clockBeforeRE = patterns.Regexp("clock before a date")
	clockPointRE  = patterns.Regexp("clock with a point")
	clockAloneRE  = patterns.Regexp("clock alone")
)

// zones maps the names of time zones to their offsets from UTC in hours.
var zones = map[string]int{
	"z": 0, "gmt": 0, "utc": 0, "bjt": 8, "beijing time": 8, "北京时间": 8, "jst": 9, "kst": 9,
	"msk": 3, "hkt": 8, "香港时间": 8, "香港時間": 8, "北京時間": 8, "台北時間": 8,
	"est": -5, "edt": -4, "pst": -8, "pdt": -7, "cet": 1, "cest": 2,
}

// withClock adds to m the time of day right after or right before it, if there is one.
func withClock(text string, from int, m Moment) Moment {
	rest := clockPointRE.ReplaceAllString(text[m.End:], "$1:$2")
	if at := clockAfterRE.FindStringSubmatchIndex(rest); at != nil {
		if timed, ok := addClock(m, groups(rest, at)); ok {
			timed.End = m.End + at[1]
			if name := zoneBeforeRE.FindString(text[max(0, m.Start-len("北京时间")):timed.End]); timed.Zone == nil && name != "" {
				timed.Zone = parseZone(name)
			}
			return timed
		}
	}
	if at := clockBeforeRE.FindStringSubmatchIndex(text[from:m.Start]); at != nil {
		if timed, ok := addClock(m, groups(text[from:m.Start], at)); ok {
			timed.Start = from + at[0]
			return timed
		}
	}
	return m
}

// addClock sets the time of day from the groups of the clock pattern.
func addClock(m Moment, clock []string) (Moment, bool) {
	hour, minute, second := number(clock[2]), number(clock[3]), number(clock[4])
	half := cmp.Or(clock[1], clock[5])
	switch {
	case hour > 23 || minute > 59 || second > 59:
		return m, false
	case hour < 12 && afternoonRE.MatchString(half):
		hour += 12
	case hour == 12 && forenoonRE.MatchString(half):
		hour = 0
	}
	m.At = m.At.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
	m.Precision, m.Zone = document.PrecisionMinute, parseZone(clock[6])
	if clock[4] != "" {
		m.Precision = document.PrecisionSecond
	}
	return m, true
}

// parseZone returns the time zone that s names, or nil if it names none or is ambiguous:
// CST is the zone of Chicago or of Beijing, and ET has two offsets.
func parseZone(s string) *time.Location {
	s = strings.TrimSpace(s)
	if hours, ok := zones[strings.ToLower(s)]; ok {
		return fixedZone(hours*3600, s)
	}
	sign := strings.IndexAny(s, "+-")
	if sign < 0 {
		return nil
	}
	offset := strings.ReplaceAll(s[sign+1:], ":", "")
	hours, minutes := number(offset), 0
	if len(offset) > 2 {
		hours, minutes = hours/100, hours%100
	}
	if hours > 14 || minutes > 59 {
		return nil
	}
	seconds := hours*3600 + minutes*60
	if s[sign] == '-' {
		seconds = -seconds
	}
	return fixedZone(seconds, "")
}

// fixedZone returns a zone whose offset from UTC is given in seconds.
func fixedZone(seconds int, name string) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	return time.FixedZone(name, seconds)
}

// IsClock reports whether folded text is only a time of day.
func IsClock(text string) bool { return clockAloneRE.MatchString(text) }
