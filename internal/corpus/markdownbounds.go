package corpus

import (
	"errors"
	"fmt"
	"strings"

	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/pattern"
)

// checkMarkdown returns an error if the parser of Markdown would take too much time or memory for
// source.
func checkMarkdown(source string) error {
	if line.Count(source) > maxLines || marks(source) > maxMarks {
		return ErrLines
	}
	return errors.Join(checkLinks(source), checkDepth(source), checkTables(source))
}

// checkLinks returns an error if too many links follow each other without a space, since
// the parser takes quadratic time for these.
func checkLinks(source string) error {
	const maxLooks = 1 << 24 // bytes that the parser reads for one word, in some 30 ms; a file may have many long words
	for word := range strings.FieldsSeq(source) {
		if links := strings.Count(word, "]("); links > 1 && links*len(word) > maxLooks {
			return fmt.Errorf("has %d links without a space between them; put spaces between them", links)
		}
	}
	return nil
}

// marks counts the characters of source that may begin or end something inside a line.
func marks(source string) (n int) {
	for i := range len(source) {
		if strings.IndexByte("*_[<`~&", source[i]) >= 0 {
			n++
		}
	}
	return n
}

// opensRE matches 100 marks of quotations and lists at the start of a line.
var opensRE = pattern.MustCompile(`^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){100}`)

// checkDepth returns an error if lists or quotations are nested more than 100 deep, since
// the parser takes quadratic time for these.
func checkDepth(source string) error {
	for row := range strings.Lines(source) {
		if opensRE.MatchString(row[:min(len(row), maxOpens)]) && strings.Trim(row, "-+*> \t\n") != "" {
			return errors.New("has lists or quotations more than 100 deep; take some levels out")
		}
	}
	return nil
}

const maxOpens = 2000 // bytes of a line that are searched for marks

// definitionRE matches a line that defines the target of a link.
var definitionRE = pattern.MustCompile(`^ {0,3}\[[^\]]+\]:`)

// partDefinitions puts blank lines between long rows of definitions, since the parser
// takes quadratic time for each row.
func partDefinitions(source string) string {
	const row = 200 // lines
	if !strings.Contains(source, "]:") {
		return source
	}
	var out strings.Builder
	n := 0
	for l := range strings.Lines(source) {
		if n++; !definitionRE.MatchString(l) {
			n = 0
		}
		if n > row {
			out.WriteByte('\n')
			n = 1
		}
		out.WriteString(l)
	}
	return out.String()
}

const (
	maxCells        = 300_000 // of the tables of a file
	maxEscapedPipes = 5000    // lines with code and an escaped | in it
)

// Errors of Markdown with tables. Compare them with errors.Is.
var (
	ErrCells = fmt.Errorf("has tables of more than %d cells; write them as CSV", maxCells)
	ErrPipes = fmt.Errorf(`has more than %d lines with code and \| in them; split it`, maxEscapedPipes)
)

// delimiterRE matches the line below the names of the columns of a table, also in a list or a
// quotation.
var delimiterRE = pattern.MustCompile(`^[-|:>+*.)\d \t]*\|[-|: \t]*$`)

// checkTables returns an error if tables have too many cells. The parser fills short rows up to the
// number of columns, so that a small file may have a great many. The parser also compares with each
// other all lines that have code and an escaped |.
func checkTables(source string) error {
	columns, cells, escaped := 0, 0, 0 // columns of the table around the line
	for row := range strings.Lines(source) {
		row = strings.TrimRight(row, "\r\n")
		switch {
		case strings.Trim(row, "> \t") == "":
			columns = 0
		case strings.Contains(row, "-") && delimiterRE.MatchString(row):
			columns = max(columns, strings.Count(strings.Trim(row, "> \t|"), "|")+1)
		}
		if cells += columns; cells > maxCells {
			return ErrCells
		}
		if strings.Contains(row, `\|`) && strings.Contains(row, "`") {
			if escaped++; escaped > maxEscapedPipes {
				return ErrPipes
			}
		}
	}
	return nil
}
