package line

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

const (
	maxMemoTop = 4 << 10  // bytes within which the title of a memo ends
	centred    = "      " // what a line of a centred title begins with, at least
)

var (
	memoRE     = patterns.Regexp("number of a memo")
	memoDateRE = patterns.Regexp("date of a memo")
	memoNameRE = patterns.Regexp("name of a draft")
)

// scanMemo returns the lines of text, as Scan does. If text is a Request for Comments (RFC) or a
// draft of one, its first lines are its title and its full date, as headers. The two columns with
// its number, its authors and its date are furniture then.
func scanMemo(text string) []Line {
	title, head, rest := splitMemo(text)
	lines := Scan(title)
	for _, l := range Scan(head) {
		l.Class, l.Reason = Furniture, "head of a memo"
		lines = append(lines, l)
	}
	return append(lines, Scan(rest)...)
}

// splitMemo splits the text of a memo into its title, as header lines, the columns above its title,
// and the text below it. Any other text is the rest.
func splitMemo(text string) (title, head, rest string) {
	start := text[:min(len(text), maxMemoTop)]
	columns, rows := block(strings.Split(start, "\n"))
	head = strings.Join(columns, "\n")
	if !memoRE.MatchString(head) {
		return "", "", text
	}
	middle, rows := block(rows)
	var names []string
	for _, row := range middle {
		if !strings.HasPrefix(row, centred) {
			return "", "", text
		}
		if row = prose.Squeeze(row); !memoNameRE.MatchString(row) {
			names = append(names, row)
		}
	}
	name := prose.JoinAll(names)
	if name == "" || len(rows) == 0 || prose.Width(name) > titles.MaxWidth {
		return "", "", text
	}
	title = "Title: " + name
	if m := memoDateRE.FindStringSubmatch(head); m != nil {
		title += "\nDate: " + m[1]
	}
	return title, head, text[len(start)-len(strings.Join(rows, "\n")):]
}

// block returns the first rows that are not blank, and those after them.
func block(rows []string) (filled, rest []string) {
	blank := func(row string) bool { return strings.Trim(row, " \t\f\r") == "" }
	start := 0
	for start < len(rows) && blank(rows[start]) {
		start++
	}
	end := start
	for end < len(rows) && !blank(rows[end]) {
		end++
	}
	return rows[start:end], rows[end:]
}
