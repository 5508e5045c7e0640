package article

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/line"
)

// What a Decision is about.
const (
	AboutBegin    = "begin" // where the document begins in its file
	AboutTitle    = "title"
	AboutDate     = "date"
	AboutLanguage = "language"
)

// Origin says where something was found.
type Origin struct {
	Rule string // the rule or the place, such as "dateline" or "og:title"
	Line string // the line as it was read; empty if there is none
}

// Decision says why a document is what it is.
type Decision struct {
	About string // AboutBegin and so on
	Origin
}

// Given is the rule for what a format says beside the text, if it names no place.
const Given = "metadata of the file"

// decide records a decision. The first one about a thing counts.
func (a *Article) decide(about, rule, line string) {
	for _, d := range a.Decisions {
		if d.About == about {
			return
		}
	}
	a.Decisions = append(a.Decisions, Decision{about, Origin{rule, line}})
}

// decideGiven records a decision of the format.
func (a *Article) decideGiven(about string, from Origin) {
	if from.Rule == "" {
		from.Rule = Given
	}
	a.decide(about, from.Rule, from.Line)
}

// decideTitle records why a line of the head is the title.
func (a *Article) decideTitle(l line.Line) {
	switch {
	case l.Level == 1:
		a.decide(AboutTitle, "heading of the first level", l.Text)
	case l.Class == line.Stamp:
		a.decide(AboutTitle, "title in a line with the date", l.Text)
	default:
		a.decide(AboutTitle, "title line above the text", l.Text)
	}
}

// reasons returns the evidence for a new document at a candidate.
func (c candidate) reasons() string {
	var names []string
	for _, e := range evidence {
		if e.weight > 0 && e.holds(c) {
			names = append(names, e.name)
		}
	}
	return strings.Join(names, "; ")
}

// rankNames says what gives a date.
var rankNames = map[rank]string{
	rankField:     "header line with a date",
	rankPublished: "line with the date",
	rankUpdated:   "line with the date of a change, since no other is given",
	rankIssued:    "day of signing, since no date of publication is given",
	rankDateline:  "dateline",
	rankPlace:     "place and date",
}
