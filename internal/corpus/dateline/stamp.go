package dateline

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

// IsBareDate reports whether text is a stamp with neither source nor title.
func IsBareDate(text string) bool {
	s, ok := ParseStamp(text, datetime.Style{DayFirst: true})
	return ok && s.Source == "" && s.Title == ""
}

// MaxStamp is the maximum length of a stamp in bytes.
const MaxStamp = 300

// Stamp is the content of a line such as "Updated: November 17, 2023 Source: Xinhua News
// Agency".
type Stamp struct {
	Moments []datetime.Moment
	Updated bool   // there is no date of publication, only one of a later change
	Source  string // as written
	Rich    bool   // has more than a date: a time, a source or a site
	Title   string // title on the same line
}

var (
	sourceRE    = patterns.Regexp("source")
	noiseRE     = patterns.Regexp("who and how often")
	labelRE     = patterns.Regexp("label")
	bareLabelRE = patterns.Regexp("bare label")
	updatedRE   = patterns.Regexp("updated")
	publishedRE = patterns.Regexp("published")
	changeRE    = patterns.Regexp("last change")
	weekdayRE   = patterns.Regexp("weekday")
	dateTitleRE = patterns.Regexp("title behind a date")
	// \x00 stands for the date.
	titleDateRE = pattern.MustCompile(`^(.*\S)(?:\s+|\s*[|–—(-]\s*)\x00\s*\)?\s*$`)
)

// TellsChange reports whether text says when a page was last changed.
func TellsChange(text string) bool { return changeRE.MatchString(text) }

// ParseStamp reads a line that gives the date, and sometimes the publisher, of a document.
// Besides these it may have the title, and nothing else.
func ParseStamp(text string, style datetime.Style) (Stamp, bool) {
	if len(text) > MaxStamp {
		return Stamp{}, false
	}
	folded := prose.Fold(text)
	moments := datetime.Find(folded, style)
	if len(moments) == 0 || len(moments) > 3 {
		return Stamp{}, false
	}
	if published, ok := acts(folded, moments); ok {
		return Stamp{Moments: published, Rich: true}, len(published) > 0
	}
	s := Stamp{Moments: slices.Clone(moments)}
	s.preferPublished(folded)
	if titled, ok := s.withTitle(text, folded); ok {
		return titled, true
	}
	rest := folded
	for i := len(moments) - 1; i >= 0; i-- {
		rest = rest[:moments[i].Start] + "\x00" + rest[moments[i].End:]
	}
	if m := sourceRE.FindStringSubmatchIndex(rest); m != nil {
		s.Source = unfold(text, folded, strings.Trim(rest[m[2]:m[3]], " ,;()"))
		rest = rest[:m[0]] + "|" + rest[m[3]:]
	}
	rest = noiseRE.ReplaceAllString(rest, "|")
	rest = datetime.WithoutWeekdays(weekdayRE.ReplaceAllString(rest, " "))
	rest = labelRE.ReplaceAllString(rest, "|$1")
	rest = furniture.ReplaceStuck(rest, " ")
	host := publisher.FindHost(rest)
	rest = strings.Replace(rest, host, " ", 1)
	if name := publisher.FindAgency(rest); name != "" && prose.Width(rest)-prose.Width(name) < 40 {
		if s.Source == "" {
			s.Source = name
		}
		rest = strings.Replace(rest, name, " ", 1)
	}
	s.Rich = s.Source != "" || host != "" || moments[0].Precision > document.PrecisionDate || strings.Contains(rest, "|")
	if settled, ok := s.settle(rest); ok {
		return settled, true
	}
	return s, s.loose(rest)
}

const (
	maxLoose = 70 // maximum width in columns of other text beside the date
	minBars  = 2  // a line with a date and this many bars is a stamp
)

// loose reports whether a line is a stamp although it has other text, such as a place or a
// byline. It is one if it has a time of day, a label before the date, or several bars. rest is
// the line without the recognised parts.
func (s *Stamp) loose(rest string) bool {
	rest = prose.Squeeze(rest)
	labelled := strings.HasPrefix(rest, "|")
	bars := strings.Count(rest, "|") + strings.Count(rest, "｜")
	if prose.Width(rest) > maxLoose && bars < minBars || prose.EndsSentence(rest) || s.Moments[0].Precision == document.PrecisionDate && !labelled && bars < minBars {
		return false
	}
	s.Rich = true
	return true
}

// preferPublished moves the date of publication to the front of the moments. It sets
// Updated if there is only the date of a change.
func (s *Stamp) preferPublished(folded string) {
	before := 0
	for i, m := range s.Moments {
		label := folded[before:m.Start]
		if i > 0 && publishedRE.MatchString(label) {
			s.Moments[0], s.Moments[i] = s.Moments[i], s.Moments[0]
			s.Updated = false
			return
		}
		if i == 0 {
			s.Updated = updatedRE.MatchString(label)
		}
		before = m.End
	}
}

// settle reports whether the line is a stamp and nothing else. rest is the line without the
// recognised parts. It must be empty, or the short name of a publisher beside a bar, which
// becomes the source.
func (s Stamp) settle(rest string) (Stamp, bool) {
	var left []string
	for piece := range strings.FieldsFuncSeq(rest, func(r rune) bool { return strings.ContainsRune("|｜·•\x00", r) }) {
		if piece = strings.Trim(piece, " ,，;.()（）[]【】-–—:：<>《》/"); piece != "" && !bareLabelRE.MatchString(piece) && furniture.Reason(piece) == "" {
			left = append(left, piece)
		}
	}
	switch {
	case len(left) == 0:
		return s, true
	case len(left) == 1 && strings.ContainsAny(rest, "|｜·•") && prose.Width(left[0]) <= 40:
		if s.Source == "" {
			s.Source = left[0]
		}
		s.Rich = true
		return s, true
	}
	return Stamp{}, false
}

// withTitle reads "date 2024-11-15 Title" and "Title (2024-11-15)". In prose such as
// "signed on 15 November 2024" nothing separates title and date.
func (s Stamp) withTitle(text, folded string) (Stamp, bool) {
	m := s.Moments[0]
	if len(s.Moments) != 1 {
		return s, false
	}
	line := folded[:m.Start] + "\x00" + folded[m.End:]
	iso := strings.Count(folded[m.Start:min(m.Start+8, len(folded))], "-") > 0
	labelled := m.Start > 0
	for _, re := range []*pattern.Expr{dateTitleRE, titleDateRE} {
		at := re.FindStringSubmatchIndex(line)
		if at == nil {
			continue
		}
		title := line[at[2]:at[3]]
		parted := strings.Trim(line[:at[2]]+line[at[3]:], " \x00") != ""
		if !iso && !parted && !labelled || !titles.LooksLike(title) || prose.Incomplete(title) || len(strings.Fields(title)) < 3 && prose.CountHan(title) < 8 || sourceRE.MatchString(line) {
			continue
		}
		s.Title = unfold(text, folded, title)
		return s, s.Title != "" && publisher.FindAgency(title) != title
	}
	return s, false
}

// unfold returns the original of a piece of a folded line. Folding keeps the number of
// characters.
func unfold(text, folded, piece string) string {
	at := strings.Index(folded, piece)
	if at < 0 {
		return piece
	}
	from := utf8.RuneCountInString(folded[:at])
	runes := []rune(text)
	return prose.Squeeze(string(runes[from : from+utf8.RuneCountInString(piece)]))
}

var openStampRE = pattern.MustCompile(`^[(（]` + publisher.AgencyPattern + `[)）]$`)

// OpensStamp reports whether text is the first part of a stamp whose date is on the next
// line: a label, or the name of an agency in brackets.
func OpensStamp(text string) bool {
	return bareLabelRE.MatchString(text) || openStampRE.MatchString(text)
}
