package article

import (
	"cmp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/publisher"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

// bodyStart returns where the body begins: at the first line that cannot belong to a head,
// or below a key that announces the text.
func bodyStart(lines []line.Line) int {
	if len(lines) == 1 && lines[0].Class == line.Title {
		return 0
	}
	lastTitle := 0
	for i, l := range lines {
		switch {
		case !l.FitsHead():
			return i
		case l.Class == line.Field && l.Field.Key == header.Body:
			return i + 1
		case l.Class == line.Title && lastTitle == 0:
			lastTitle = i + 1
		}
	}
	return lastTitle // only short lines; the first is the title
}

// readHead reads the fields of the document from the lines above the text.
func (a *Article) readHead(lines []line.Line) {
	chosen := -1
	if a.Title == "" {
		chosen = chooseTitle(lines)
	}
	if chosen >= 0 {
		a.Title = titles.Clean(titleOf(lines[chosen]))
		a.decideTitle(lines[chosen])
	}
	for i, l := range lines {
		a.readSite(l.Text)
		switch l.Class {
		case line.Stamp:
			a.takeStamp(l)
		case line.Field:
			a.takeField(l)
		case line.PlaceDate:
			a.dates = append(a.dates, dateCandidate{l.Stamp.Moments[0], rankPlace, l.Text})
			a.add(l.Text, document.KindHeading)
		case line.Act:
			a.add(l.Text, document.KindHeading)
		case line.Furniture:
			a.takeFurniture(l.Text, l.Reason)
		case line.Title:
			if i != chosen {
				a.takeTitleLine(lines, i, chosen)
			}
		}
	}
}

// takeTitleLine uses a short line that is not the title: the author, the agency, a standfirst
// or heading below the title, or a rubric above it. chosen is the line of the title, or -1 if the
// format of the file gives the title.
func (a *Article) takeTitleLine(lines []line.Line, i, chosen int) {
	text := lines[i].Text
	switch {
	case i > chosen && i+1 < len(lines) && lines[i+1].Dated() && nameRE.MatchString(text):
		a.drop(text, "byline")
	case publisher.IsAgency(text):
		a.SiteName = cmp.Or(a.SiteName, strings.Trim(text, " ()[]（）"))
	case i > chosen && a.Title != "" && isStandfirst(text):
		a.add(text, document.KindUnknown)
	case i > chosen && a.Title != "" && lines[i].Kind == document.KindHeading:
		a.addHeading(text, lines[i].Level)
	case i > chosen && a.Title != "" && publisher.FindHost(text) == "":
		a.add(text, document.KindHeading)
	default:
		a.drop(text, "before the title")
	}
}

// takeStamp records the date and the publisher of a stamp.
func (a *Article) takeStamp(l line.Line) {
	s, rank := l.Stamp, rankPublished
	if s.Updated {
		rank = rankUpdated
	}
	a.dates = append(a.dates, dateCandidate{s.Moments[0], rank, l.Text})
	a.setSource(s.Source)
}

// takeField records the value of a header line.
func (a *Article) takeField(l line.Line) {
	value := l.Field.Value
	switch l.Field.Key {
	case header.Title:
		if a.Title == "" {
			a.Title = titles.Clean(value)
			a.decide(AboutTitle, "header line with the title", l.Text)
		}
	case header.Published, header.Updated, header.Issued:
		rank := map[header.Key]rank{header.Published: rankField, header.Updated: rankUpdated, header.Issued: rankIssued}[l.Field.Key]
		for _, m := range datetime.FindInField(value) {
			a.dates = append(a.dates, dateCandidate{m, rank, l.Text})
		}
	case header.Source:
		a.setSource(value)
	case header.URI:
		if a.URI == "" {
			a.URI = value
		}
	case header.ID:
		if a.ID == "" {
			a.ID = value
		}
	case header.Language:
		if a.Language == "" {
			if a.Language = LanguageTag(value); a.Language != "" {
				a.decide(AboutLanguage, "header line with the language", l.Text)
			}
		}
	case header.Other:
		a.drop(l.Text, "header line")
	}
}

// takeFurniture drops a line of page furniture. The first line that is a web address is
// recorded as the address of the page instead.
func (a *Article) takeFurniture(text, reason string) {
	if a.URI == "" && (strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")) && !strings.Contains(text, " ") {
		a.URI = text
		return
	}
	a.drop(text, reason)
}

// readSite records the first host name in the head.
func (a *Article) readSite(text string) {
	if host := publisher.HostName(text); host != "" && a.site == "" && !strings.Contains(text, "://") && !strings.Contains(text, "@") {
		a.site = strings.ToLower(host)
	}
}
