package dateline

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

var (
	adoptedRE   = patterns.Regexp("adopted or in force")
	announcedRE = patterns.Regexp("announced")
)

// IsAct reports whether text is a line that says when a text was adopted or is in
// force, and not when it was published.
func IsAct(text string) bool {
	if len(text) > MaxStamp {
		return false
	}
	folded := prose.Fold(text)
	published, ok := acts(folded, datetime.Find(folded, datetime.Style{DayFirst: true}))
	return ok && len(published) == 0
}

// acts returns the dates of publication in a folded line whose dates say when a text
// was adopted, announced or came into force. ok is false for any other line.
func acts(folded string, moments []datetime.Moment) (published []datetime.Moment, ok bool) {
	adopted := false
	before := 0
	for i, m := range moments {
		end := len(folded)
		if i+1 < len(moments) {
			end = moments[i+1].Start
		}
		above, below := strings.TrimLeft(folded[before:m.Start], " ,;.)]】"), folded[m.End:end]
		says := func(re *pattern.Expr) bool {
			return re.MatchString(above+"\x00"+below) || i > 0 && re.MatchString("\x00"+below) || end < len(folded) && re.MatchString(above+"\x00")
		}
		switch {
		case says(adoptedRE):
			adopted = true
		case says(announcedRE):
			published = append(published, m)
		default:
			return nil, false
		}
		before = m.End
	}
	return published, adopted || len(published) > 0
}
