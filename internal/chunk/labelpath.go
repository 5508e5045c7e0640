package chunk

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
)

const (
	maxPath  = 8   // number of labels in a path
	maxLabel = 100 // code points of a label
)

// rung is a heading or a number that stands above passages.
type rung struct {
	label string
	// level is the level that the format gives a heading, from 1. It is 0 if the format gives
	// none.
	level int
	// rank orders numbered rungs: sections by their kind, then articles by the form of their
	// number. It is 0 for a heading without a number.
	rank  int
	first bool // whether its number is the first one
	kind  document.Kind
}

const (
	rankAnnex   = 1   // rank of the first of sectionKinds
	firstNumber = 100 // rank of the outermost form of article numbers
)

func (r rung) isNumber() bool { return r.rank >= firstNumber }

// key returns a key that all rungs on the same level of a document share.
func (r rung) key() [2]int {
	if r.rank > 0 {
		return [2]int{r.rank, 0}
	}
	return [2]int{0, r.level}
}

// ladder has the rungs above the passage that is being read, the outermost first.
type ladder struct {
	rungs []rung
	// nested has a pair of keys if a rung with the first key was directly above one with the
	// second. Laws differ in whether a title is above a part.
	nested map[[2][2]int]bool
	// bare reports whether no text came after the last rung, which is a heading. named
	// reports whether that heading has a name of its own.
	bare, named bool
}

// above reports whether rung a, the last one, is above rung b, which comes after it.
func (o *ladder) above(a, b rung) bool {
	switch {
	case a.isNumber() && b.isNumber() && strings.HasPrefix(b.label, a.label+"."):
		return true // 1.1 below 1
	case a.level > 0 && b.level > 0 && (a.level != b.level || a.rank == 0 || b.rank == 0):
		return a.level < b.level
	case a.key() == b.key():
		return false
	case o.nested[[2][2]int{a.key(), b.key()}]:
		return true
	case o.nested[[2][2]int{b.key(), a.key()}]:
		return false
	case b.isNumber() && a.kind == document.KindHeading:
		return true // the number of a heading may have any form
	case b.isNumber():
		return a.rank < b.rank || a.level > b.level
	case a.rank > 0 && b.rank > 0:
		return a.rank < b.rank || o.bare && b.first && b.rank > rankAnnex // "Title I", then "Part A"
	case b.rank > 0:
		return a.level < document.MaxLevel
	}
	return !a.isNumber()
}

// enter adds rung r below those that are above it, and returns the path to it without it.
func (o *ladder) enter(r rung) []string {
	for len(o.rungs) > 0 && !o.above(o.rungs[len(o.rungs)-1], r) {
		o.rungs, o.bare = o.rungs[:len(o.rungs)-1], false
	}
	above := o.labels(o.rungs)
	if n := len(o.rungs); n > 0 {
		if o.nested == nil {
			o.nested = map[[2][2]int]bool{}
		}
		o.nested[[2][2]int{o.rungs[n-1].key(), r.key()}] = true
	}
	o.rungs = append(o.rungs, r)
	return above
}

// path returns the label path of a passage that is not a rung. It leaves out an article above
// the passage, since the passage does not belong to it.
func (o *ladder) path() []string {
	n := len(o.rungs)
	if n > 0 && o.rungs[n-1].kind == document.KindArticle && o.rungs[n-1].level == 0 {
		n--
	}
	return o.labels(o.rungs[:n])
}

// labels returns the labels of the outermost rungs, at most one less than a path has.
func (o *ladder) labels(rungs []rung) []string {
	if len(rungs) == 0 {
		return nil
	}
	labels := make([]string, min(len(rungs), maxPath-1))
	for i := range labels {
		labels[i] = rungs[i].label
	}
	return labels
}

// place returns the label path of the passage of kind that begins with item it. If the item
// is a heading or a number, place also enters it.
func (o *ladder) place(text string, it item, kind document.Kind, language string) []string {
	r, named, ok := rungOf(text, it, kind, language)
	if heading := kind == document.KindHeading; !ok || heading && r.rank == 0 && o.isName(r) {
		o.bare = o.bare && heading
		return o.path()
	}
	above := o.enter(r)
	o.bare, o.named = kind == document.KindHeading, named
	if kind == document.KindHeading {
		return above
	}
	return append(above, r.label)
}

// isName reports whether heading r is the name of the section that it follows: "Chapter II",
// then "Duties" on a line of its own.
func (o *ladder) isName(r rung) bool {
	if !o.bare || o.named {
		return false
	}
	last := o.rungs[len(o.rungs)-1]
	o.named = last.level == r.level || last.level == 0 && r.level == document.MaxLevel
	return o.named
}

// rungOf returns the rung of a passage that begins with item it. named reports whether the
// rung has a name in addition to its number. ok is false if the passage is not a rung.
func rungOf(text string, it item, kind document.Kind, language string) (r rung, named, ok bool) {
	r, named = rung{level: it.level, kind: kind}, true
	switch h, isSection := sectionOf(text, kind); {
	case kind == document.KindCaption || it.isTitle:
	case isSection:
		r.label, r.rank, r.first = shorten(h.label), rankAnnex+slices.Index(sectionKinds, h.kind(language)), h.place == "1" || h.place == "a"
		r.level, named = it.level%document.MaxLevel, strings.TrimSpace(h.name) != ""
	case it.clause != "":
		r.label, r.rank, r.level = it.clause, firstNumber+depths[formPeriod], it.level%document.MaxLevel
	case it.series != nil && kind != document.KindParagraph:
		r.label, r.rank = it.number.label, firstNumber+depths[it.number.form]
	case kind == document.KindHeading && it.level > 0:
		r.label = shorten(text)
	}
	return r, named, r.label != ""
}

// sectionOf reads the section in the first line of a heading. It returns false for other
// passages, and if the line does not begin a section.
func sectionOf(text string, kind document.Kind) (heading, bool) {
	if kind != document.KindHeading {
		return heading{}, false
	}
	line, _, _ := strings.Cut(text, "\n")
	return parseSection(line)
}

// shorten returns a label in one line of at most maxLabel code points.
func shorten(label string) string {
	label = strings.Join(strings.Fields(label), " ")
	if utf8.RuneCountInString(label) <= maxLabel {
		return label
	}
	return strings.TrimRightFunc(string([]rune(label)[:maxLabel-1]), unicode.IsSpace) + "…"
}

// clauseNumberRE matches the number of a clause, such as "1.1" or "1.2.3.", at the start of a
// paragraph.
var clauseNumberRE = regexp.MustCompile(`^([0-9]{1,3}(?:[.][0-9]{1,3}){1,4})[.]?(?:[\s\p{Zs}]+[^\p{Ll}0-9%]|$)`)

// findClauses sets the clause of items that begin with a number such as "1.1". Such a number
// counts if it follows the one before, or has the last article's number before its point.
// Other decimals are not clause numbers.
func findClauses(text string, items []item) {
	last, number, article := -1, "", ""
	for i := range items {
		if n := items[i].number; n.value > 0 {
			article = n.label
			continue
		}
		m := clauseNumberRE.FindStringSubmatch(text[items[i].start:items[i].end])
		if m == nil {
			continue
		}
		if last >= 0 && followsClause(number, m[1]) {
			items[last].clause, items[i].clause = number, m[1]
		} else if parent, _, _ := strings.Cut(m[1], "."); parent == article {
			items[i].clause = m[1]
		}
		last, number = i, m[1]
	}
}

// followsClause reports whether clause b comes right after clause a: 1.2 or 1.1.1 after 1.1,
// 2.1 after 1.3.
func followsClause(a, b string) bool {
	before, after := strings.Split(a, "."), strings.Split(b, ".")
	i := 0
	for i < len(before) && i < len(after) && before[i] == after[i] {
		i++
	}
	if i == len(after) {
		return false
	}
	if i < len(before) {
		if digitValue(after[i]) != digitValue(before[i])+1 {
			return false
		}
		i++
	}
	return !slices.ContainsFunc(after[i:], func(part string) bool { return part != "1" })
}
