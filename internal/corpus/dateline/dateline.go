// Package dateline parses lines that say when, and perhaps where and by whom, a
// text was published: datelines such as "LIMA, Nov. 14 (Xinhua) --", date lines
// such as "Updated: November 17, 2023 Source: Xinhua", and places with a date.
package dateline

import (
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
)

// Dateline is what a news text opens with: "LIMA, Nov. 14 (Xinhua) --".
type Dateline struct {
	Agency string // as written, may be empty
	Text   string // the whole of it
}

const (
	// A place: capitals, or capitalised words.
	placeName    = `(?:[“"(]?\p{Lu}[\p{L}\p{M}.'’]*(?:[ /-](?:de |del |la |las |los |of |the |am |du |des )?\p{Lu}[\p{L}\p{M}.'’]*){0,4})`
	capitals     = `(?:\p{Lu}[\p{Lu}\p{M}.'’]+(?:[ /-]\p{Lu}[\p{Lu}\p{M}.'’]*){0,4})`
	dayOfMonth   = `(?:\p{L}{3,10}\.?\s*\d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th|er|º)?\s*(?:de )?\p{L}{3,10}\.?)`
	dayMonth     = dayOfMonth + `(?:,?\s*(?:de )?\d{4})?`
	dayMonthYear = dayOfMonth + `,?\s*(?:de )?\d{4}`
	agency       = `([\p{L}][\p{L}\p{M}.&'’ /-]{1,40}?)`
	dashes       = `\s*(?:-{1,3}|—+|–+|―+|:|\.-)\s*`
)

var (
	latinDatelines = []*regexp.Regexp{
		// LIMA, Nov. 14 (Xinhua) --; MADRID, 3 mar (EFE).-; LIMA (Reuters) -
		regexp.MustCompile(`^` + placeName + `(?:,\s*` + placeName + `)?(?:,?\s*` + dayMonth + `)?,?\s*[(（]\s*` + agency + `\s*(?:[)）](?:` + dashes + `|\s+)|` + dashes + `)`),
		// BEIJING, June 28 Xinhua) --
		regexp.MustCompile(`^` + placeName + `,\s*` + dayMonth + `,?\s+` + agency + `\s*[)）]` + dashes),
		// GENEVA, 14 November 2024 –; LIMA —
		regexp.MustCompile(`^` + capitals + `(?:,\s*` + placeName + `)?(?:,?\s*` + dayMonth + `)?()\s*(?:--+|—+|–+|\s-)\s+`),
		// MOSCOW, February 12, 2020. /TASS/.
		regexp.MustCompile(`^` + placeName + `,\s*` + dayMonth + `[.,]?\s*/` + agency + `/\.?\s+`),
		// San Salvador, 6 de marzo de 2020. El Salvador …
		regexp.MustCompile(`^` + placeName + `(?:,\s*` + placeName + `)?,\s*` + dayMonthYear + `()\.(?:\s?[-–—]{1,2}\s*|\s+)`),
		// (Xinhua) --
		regexp.MustCompile(`^[(（]` + agency + `[)）]\s*(?:--+|—+|–+|-)\s*`),
	}
	capitalsRE = regexp.MustCompile(`^["“(]?` + capitals + `(?:[\s,(/]|$)`)
	// 新华社海南三亚４月６日电, 据新华社利马11月14日电, 中新网4月6日电 (folded)
	chineseDateline = regexp.MustCompile(`^[(【\[]?(?:据)?(\p{Han}{1,6}?(?:社|网|網|报|報|台))[)】\]]?\s*(\p{Han}{0,14}?)\s*(?:\d{4}年)?\d{1,2}月\d{1,2}日\s*(?:专?电|電|讯|訊|消息|综合(?:消息|报道))?`)
	// （中央社記者某某台北12日電）
	chineseBrackets = regexp.MustCompile(`^[(（](\p{Han}{1,5}(?:社|网|網|报|報))(?:记者|記者)?\p{Han}{2,14}(?:\d{1,2}月)?\d{1,2}日(?:专|專)?[电電讯訊][)）]`)
	chineseNoDate   = regexp.MustCompile(`^[(【\[]?(?:据)?(新华社|新華社|中新社|中央社|新华网|人民网|中新网|央视网)[)】\]]?\s*(\p{Han}{0,8}?)\s*(?:电|讯|消息)`)
)

// Parse reads the dateline that a paragraph starts with.
func Parse(text string) (Dateline, bool) {
	for _, re := range latinDatelines {
		m := re.FindStringSubmatch(text)
		if m == nil || len(m[0]) == len(text) {
			continue
		}
		// "World Health Organization (WHO) - a body" opens no news.
		_, _, dated := datetime.FindYearless(m[0])
		if dated || capitalsRE.MatchString(m[0]) || publisher.FindAgency(m[1]) != "" {
			return Dateline{Agency: m[1], Text: m[0]}, true
		}
	}
	folded := prose.Fold(text)
	for _, re := range []*regexp.Regexp{chineseDateline, chineseBrackets, chineseNoDate} {
		if m := re.FindStringSubmatch(folded); m != nil && len(m[0]) < len(folded) {
			if re == chineseDateline && !strings.HasSuffix(m[0], "电") && !strings.HasSuffix(m[0], "電") && !isReport(folded[len(m[0]):]) {
				continue
			}
			return Dateline{Agency: m[1], Text: m[0]}, true
		}
	}
	return Dateline{}, false
}

// isReport reports whether what follows a Chinese dateline without 电 shows
// that it is one: "（记者 …）" or a space.
func isReport(rest string) bool {
	return strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "-")
}
