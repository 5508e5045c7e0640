package article

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/line"
)

// Values of Decision.About.
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

// Decision is the reason for the beginning, the title, the date or the language of a
// document.
type Decision struct {
	About string // one of AboutBegin, AboutTitle, AboutDate and AboutLanguage
	Origin
}

// given is the Rule of an Origin for a value from a file's metadata, if its format does not say
// which field the value was in.
const given = "metadata of the file"

// decide records a decision, unless there is already one about the same thing.
func (a *Article) decide(about, rule, line string) {
	for _, d := range a.Decisions {
		if d.About == about {
			return
		}
	}
	a.Decisions = append(a.Decisions, Decision{about, Origin{rule, line}})
}

// decideGiven records a decision for what the format of the file says.
func (a *Article) decideGiven(about string, from Origin) {
	if from.Rule == "" {
		from.Rule = given
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

// rankNames has a description of each rank, for the decision about a date.
var rankNames = map[rank]string{
	rankField:     "header line with a date",
	rankPublished: "line with the date",
	rankUpdated:   "line with the date of a change, since no other is given",
	rankIssued:    "day of signing, since no date of publication is given",
	rankDateline:  "dateline",
	rankPlace:     "place and date",
}
