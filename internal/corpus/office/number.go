package office

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// maxLevels is the maximum depth of lists in both formats.
const maxLevels = 10

// maxLists is the maximum number of lists of a DOCX that have numbers.
const maxLists = 20_000

// level is how the items on one level of a list are numbered.
type level struct {
	start  int
	form   string // form of the numbers, as DOCX names it; "bullet" or "none" if there are none
	text   string // such as "%1.%2)" or "Article %1"
	isLgl  bool   // shows the numbers of the levels above as decimals
	blank  bool   // shows nothing before its items
	keeps  bool   // goes on counting after an item of a level above
	listed bool
}

// list is a list with its counters.
type list struct {
	levels [maxLevels]level
	count  [maxLevels]int // the last number on each level
	begun  [maxLevels]bool
	link   string // style of DOCX with the list that this one stands for, or ""
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
		l.begun[below] = l.begun[below] && l.levels[below].keeps
	}
	own := l.levels[at]
	switch {
	case own.blank:
		return ""
	case own.form == "bullet":
		return "- "
	case own.form == "none":
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
		text = strings.ReplaceAll(text, "%"+strconv.Itoa(i+1), FormatNumber(l.count[i], form))
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
		name := e.Name.Local
		if own == nil && name != "abstractNum" && name != "num" && name != "abstractNumId" {
			return true
		}
		if len(n.shared) > maxLists || len(n.lists) > maxLists {
			return false
		}
		switch name {
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
			own.levels[at] = level{start: 1, form: "decimal"}
		case "lvlOverride":
			at = min(number(attr(e, "ilvl")), maxLevels-1)
			fresh := *own
			own = &fresh
			n.lists[id] = own
		case "startOverride":
			own.levels[at].start = number(value)
		case "numStyleLink":
			own.link = value
		case "start", "numFmt", "lvlText", "isLgl", "lvlRestart":
			own.levels[at].set(name, value)
		case "pPr", "rPr":
			return false
		}
		return true
	}, func(string) {}, func(xml.Name) {})
}

// readNumbering reads the lists. A list that only refers to a style is replaced by the list of that
// style.
func (r *docx) readNumbering(data []byte) error {
	if err := r.numbers.readDOCX(data); err != nil {
		return err
	}
	for id, own := range r.numbers.lists {
		if own == nil || own.link == "" {
			continue
		}
		if linked := r.numbers.lists[r.styles[own.link].list]; linked != nil {
			r.numbers.lists[id] = linked
		}
	}
	return nil
}

func (l *level) set(name, value string) {
	switch name {
	case "start":
		l.start = number(value)
	case "numFmt":
		l.form = value
	case "lvlText":
		value = short(value)
		l.text, l.blank = value, value != "" && strings.TrimSpace(value) == "" // a picture's text is ""
	case "lvlRestart":
		l.keeps = value == "0"
	case "isLgl":
		l.isLgl = value != "0" && value != "false"
	}
}
