// Package dateline parses lines that give the date of a text, and sometimes the place and
// the publisher. There are three sorts:
//
//	dateline    LIMA, Nov. 14 (Xinhua) -- …, at the start of a news text
//	stamp       Updated: November 17, 2023 Source: Xinhua, a line of its own
//	place date  Done at Lima on 15 November 2024, above or below a text
package dateline

import (
	"embed"
	"strings"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
)

// Dateline is the beginning of a news text: "LIMA, Nov. 14 (Xinhua) --".
type Dateline struct {
	Agency string // as written; may be empty
	Text   string // the whole dateline
}

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

var (
	latinDatelines  = patterns.Regexps("Latin dateline")
	capitalsRE      = pattern.MustCompile(`^["“(]?` + patterns.Alternatives("capitals") + `(?:[\s,(/]|$)`)
	chineseDateline = patterns.Regexp("Chinese dateline")
	chineseBrackets = patterns.Regexp("dateline in Chinese brackets")
	chineseNoDate   = patterns.Regexp("Chinese dateline without a day")
)

// Parse reads the dateline at the beginning of a paragraph. ok is false if there is none.
func Parse(text string) (Dateline, bool) {
	if d, ok := parseLatin(text); ok {
		return d, true
	}
	return parseChinese(prose.Fold(text))
}

// parseLatin reads datelines such as "LIMA, Nov. 14 (Xinhua) --".
func parseLatin(text string) (Dateline, bool) {
	for _, re := range latinDatelines {
		m := re.FindStringSubmatch(text)
		if m == nil || len(m[0]) == len(text) {
			continue
		}
		// "World Health Organization (WHO) - a body" is not a dateline
		_, _, dated := datetime.FindYearless(m[0])
		if dated || capitalsRE.MatchString(m[0]) || publisher.FindAgency(m[1]) != "" {
			return Dateline{Agency: m[1], Text: m[0]}, true
		}
	}
	return Dateline{}, false
}

// parseChinese reads datelines such as "新华社利马11月14日电" in folded text.
func parseChinese(folded string) (Dateline, bool) {
	for _, re := range []*pattern.Expr{chineseDateline, chineseBrackets, chineseNoDate} {
		m := re.FindStringSubmatch(folded)
		if m == nil || len(m[0]) == len(folded) {
			continue
		}
		wired := strings.HasSuffix(m[0], "电") || strings.HasSuffix(m[0], "電")
		if re == chineseDateline && !wired && !isReport(folded[len(m[0]):]) {
			continue
		}
		return Dateline{Agency: m[1], Text: m[0]}, true
	}
	return Dateline{}, false
}

// isReport reports whether something like a Chinese dateline without 电 is one. rest is the
// text after it, which must begin with "（记者 …）", a space or a dash.
func isReport(rest string) bool {
	return strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "-")
}
