package office

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// maxLevels is the maximum depth of lists in both formats.
const maxLevels = 10

// level is how the items on one level of a list are numbered.
type level struct {
	start  int
	form   string // of the number, as DOCX names it; "bullet" or "none" if there is none
	text   string // such as "%1.%2)" or "Article %1"
	isLgl  bool   // numbers of the levels above are decimal
	listed bool
}

// list is a list with its counters.
type list struct {
	levels [maxLevels]level
	count  [maxLevels]int // the last number on each level
	begun  [maxLevels]bool
}

// next returns the number of the next item on a level, with a space after it.
func (l *list) next(at int) string {
	at = min(max(at, 0), maxLevels-1)
	for above := range at { // an item may be on a deeper level without one above it
		if !l.begun[above] {
			l.begun[above], l.count[above] = true, l.levels[above].start
		}
	}
	if l.begun[at] {
		l.count[at]++
	} else {
		l.begun[at], l.count[at] = true, l.levels[at].start
	}
	for below := at + 1; below < maxLevels; below++ {
		l.begun[below] = false
	}
	own := l.levels[at]
	switch own.form {
	case "bullet":
		return "- "
	case "none":
		if !strings.Contains(own.text, "%") {
			return withSpace(own.text)
		}
	}
	text := own.text
	for i := range maxLevels {
		form := l.levels[i].form
		if own.isLgl && form != "bullet" {
			form = "decimal"
		}
		text = strings.ReplaceAll(text, "%"+strconv.Itoa(i+1), formatNumber(l.count[i], form))
	}
	return withSpace(text)
}

func withSpace(mark string) string {
	if mark = strings.TrimSpace(mark); mark == "" {
		return ""
	}
	return mark + " "
}

// numbering holds the lists of a DOCX by the number that paragraphs refer to.
type numbering struct {
	lists  map[string]*list
	shared map[string]*list // by abstract definition
}

// next returns the number of the next item of a list.
func (n *numbering) next(id string, at int) string {
	if l := n.lists[id]; l != nil {
		return l.next(at)
	}
	return ""
}

// readDOCX reads the part with the definitions of lists. Lists with the same abstract
// definition share their counters, except for a list that overrides a level.
func (n *numbering) readDOCX(data []byte) error {
	n.lists, n.shared = map[string]*list{}, map[string]*list{}
	var (
		own *list
		id  string
		at  int
	)
	return visit(data, func(e xml.StartElement) bool {
		value := attr(e, "val")
		switch name := e.Name.Local; name {
		case "abstractNum":
			own = &list{}
			n.shared[attr(e, "abstractNumId")] = own
		case "num":
			id, own = attr(e, "numId"), nil
		case "abstractNumId":
			own = n.shared[value]
			n.lists[id] = own
		case "lvl":
			at = min(number(attr(e, "ilvl")), maxLevels-1)
			if own != nil {
				own.levels[at] = level{start: 1, form: "decimal"}
			}
		case "lvlOverride":
			at = min(number(attr(e, "ilvl")), maxLevels-1)
			if own != nil {
				fresh := *own
				own = &fresh
				n.lists[id] = own
			}
		case "startOverride":
			if own != nil {
				own.levels[at].start = number(value)
			}
		case "start", "numFmt", "lvlText", "isLgl":
			if own != nil {
				own.levels[at].set(name, value)
			}
		case "pPr", "rPr":
			return false
		}
		return true
	}, func(string) {}, func(xml.Name) {})
}

func (l *level) set(name, value string) {
	switch name {
	case "start":
		l.start = number(value)
	case "numFmt":
		l.form = value
	case "lvlText":
		l.text = value
	case "isLgl":
		l.isLgl = value != "0" && value != "false"
	}
}

// formatNumber writes n in a form that DOCX names.
func formatNumber(n int, form string) string {
	switch form {
	case "bullet", "none":
		return ""
	case "lowerLetter":
		return strings.ToLower(letters(n))
	case "upperLetter":
		return letters(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperRoman":
		return roman(n)
	case "decimalZero":
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n >= 1 && n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographTraditional", "taiwaneseCounting", "taiwaneseCountingThousand", "ideographDigital":
		return chinese(n)
	}
	return strconv.Itoa(n)
}

// letters returns A to Z, then AA, BB as word processors do.
func letters(n int) string {
	if n < 1 || n > 26*20 {
		return strconv.Itoa(n)
	}
	return strings.Repeat(string(rune('A'+(n-1)%26)), (n-1)/26+1)
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var out strings.Builder
	values := []int{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	signs := []string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}
	for i, value := range values {
		for ; n >= value; n -= value {
			out.WriteString(signs[i])
		}
	}
	return out.String()
}

// chinese writes a number up to 9999 in Chinese characters.
func chinese(n int) string {
	if n < 1 || n > 9999 {
		return strconv.Itoa(n)
	}
	digits, units := []rune("〇一二三四五六七八九"), []string{"", "十", "百", "千"}
	out, gap := "", false
	for unit := 3; unit >= 0; unit-- {
		power := []int{1, 10, 100, 1000}[unit]
		digit := n / power
		n %= power
		if digit == 0 {
			gap = out != ""
			continue
		}
		if gap {
			out, gap = out+"零", false
		}
		if digit == 1 && unit == 1 && out == "" {
			out += units[unit]
			continue
		}
		out += string(digits[digit]) + units[unit]
	}
	return out
}
