package chunk

import (
	"cmp"
	_ "embed" // for the words
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed sections.txt
var sectionRows string

// sectionKinds are the kinds of sections.txt, the outermost first.
var sectionKinds = []string{"annex", "book", "part", "subpart", "title", "subtitle", "chapter", "subchapter", "section", "subsection"}

// Section identifies a numbered part of a text in any language: Chapter II and 第二章 have
// the same Section.
type Section struct {
	Kind   string // one of sectionKinds
	Number string // in digits, such as "2" or "2.1", or a lower-case letter
}

// heading is the heading of a numbered section.
type heading struct {
	label string            // "Chapter II", without a mark after it
	name  string            // the text after the number
	kinds map[string]string // by language
	place string            // the number in digits
}

// kind returns the kind of section in a language, given as primary subtag.
func (h heading) kind(language string) string {
	if kind, ok := h.kinds[language]; ok {
		return kind
	}
	return h.kinds[slices.Min(slices.Collect(maps.Keys(h.kinds)))]
}

// sectionTable finds section numbers in texts: a word of sections.txt before, after or around
// a number.
type sectionTable struct {
	kinds    map[string]map[string]string // kinds by word in lower case, and by language
	numbers  map[string]int               // values of number words in lower case
	first    map[string]bool              // first words that a heading may have, in lower case
	second   map[string]bool              // second words of a heading that begins with its number
	after    map[string]bool              // words after the number that continue a sentence, in lower case
	scripts  []*unicode.RangeTable        // of the words of after
	decade   map[string]bool              // words that mean a decade after a number and a hyphen, in lower case
	atStart  *regexp.Regexp
	anywhere *regexp.Regexp
}

// Groups in the regular expressions of sectionTable.
const (
	groupWord = iota + 1 // "Chapter", before the number
	groupNumber
	groupHanNumber
	groupHanWord // 章, after the number
	groupEarlyNumber
	groupLateWord // "fejezet", after the number
)

var sections = sync.OnceValue(func() sectionTable {
	t := sectionTable{kinds: map[string]map[string]string{}, numbers: map[string]int{}, first: map[string]bool{}, second: map[string]bool{}, after: map[string]bool{}, decade: map[string]bool{}}
	before, behind, inside, numbers := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for row := range strings.Lines(sectionRows) {
		fields := strings.Fields(row)
		if len(fields) < 3 || fields[0] == "#" {
			continue
		}
		for i, word := range fields[2:] {
			switch fields[1] {
			case "number":
				t.addNumber(i+1, word, numbers)
			case "after":
				t.addAfter(word)
			case "decade":
				t.decade[word] = true
			default:
				t.addWord(fields[0], fields[1], word, before, behind, inside)
			}
		}
	}
	number := digits + `(?:[.]` + digits + `){0,3}\p{Lu}?|` + alternatives(numbers) + `|[IVXLІХ]+|\p{Lu}['’΄ʹ]?|[א-ת]["״׳']?[א-ת]?['׳]?`
	forms := `(` + alternatives(before) + `)[\t\p{Zs}]+(` + number + `)(?:$|[^\pL\pM\pN])` +
		`|[第제]` + gap + `(` + hanDigits + `|` + digits + `)` + gap + `(` + alternatives(inside) + `)` +
		`|(` + number + `)[.\-–]?` + gap + `(` + alternatives(behind) + `)[.]?(?:$|[^\pL\pM\pN])`
	t.atStart = regexp.MustCompile(`^(?:` + strings.ReplaceAll(forms, `(?i)`, ``) + `)`)
	t.anywhere = regexp.MustCompile(`(?i)(?:^|[^\pL\pM\pN]|\p{Han})(?:` + forms + `)`)
	return t
})

// addNumber adds the forms of a number word. list has the forms, separated by commas.
func (t *sectionTable) addNumber(value int, list string, numbers map[string]bool) {
	for word := range strings.SplitSeq(list, ",") {
		for _, form := range capitals(strings.ReplaceAll(word, "_", " ")) {
			numbers[regexp.QuoteMeta(form)] = true
			t.numbers[strings.ToLower(form)] = value
			t.first[firstWord(form)] = true
		}
	}
}

// addWord adds the word of a kind of section to one of the sets of expressions.
func (t *sectionTable) addWord(language, kind, word string, before, behind, inside map[string]bool) {
	above, below, numbered := strings.Cut(word, "#")
	for _, form := range capitals(strings.Trim(strings.ReplaceAll(cmp.Or(below, above), "_", " "), " ")) {
		key := strings.ToLower(form)
		if t.kinds[key] == nil {
			t.kinds[key] = map[string]string{}
		}
		t.kinds[key][language] = kind
		switch {
		case numbered && above != "":
			inside[form] = true
		case numbered:
			behind[regexp.QuoteMeta(form)], t.second[firstWord(form)] = true, true
		default:
			before[regexp.QuoteMeta(form)], t.first[firstWord(form)] = true, true
		}
	}
}

// capitals returns the spellings of a word: as it is, with a capital, in lower case, and in
// capitals, also as Turkish writes them.
func capitals(word string) []string {
	first, size := utf8.DecodeRuneInString(word)
	return []string{
		word, strings.ToLower(word), string(unicode.ToUpper(first)) + word[size:], strings.ToUpper(word),
		string(unicode.TurkishCase.ToUpper(first)) + word[size:], strings.ToUpperSpecial(unicode.TurkishCase, word),
	}
}

// firstWord returns the first word of a text in lower case.
func firstWord(text string) string {
	word, _ := cutWord(text)
	return word
}

// cutWord returns the first word of a text in lower case, and the rest.
func cutWord(text string) (word, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".:-–", r) })
	if end < 0 {
		return strings.ToLower(text), ""
	}
	return strings.ToLower(text[:end]), strings.TrimLeft(text[end:], ".:-– \t\u00a0")
}

// mayBegin reports whether text may begin with a heading. The regular expression is slow, and
// nearly all texts need not be matched with it.
func (t sectionTable) mayBegin(text string) bool {
	if strings.HasPrefix(text, "第") || strings.HasPrefix(text, "제") {
		return true
	}
	word, rest := cutWord(text)
	return t.first[word] || t.second[firstWord(rest)]
}

// parseSection reads the heading of a section: "Chapter II", "第二章 总则", "2. fejezet". ok is
// false for any other text, such as "Section 3 of the Act".
func parseSection(text string) (h heading, ok bool) {
	t := sections()
	if len(text) > 4*maxHeading || !t.mayBegin(text) {
		return heading{}, false
	}
	m := t.atStart.FindStringSubmatchIndex(text)
	if m == nil {
		return heading{}, false
	}
	if h, ok = t.read(text, m); !ok || h.name != "" && !isBare(text) {
		return heading{}, false
	}
	name := strings.TrimLeftFunc(h.name, unicode.IsSpace)
	first, _ := utf8.DecodeRuneInString(name)
	return h, !unicode.IsLower(first) && !strings.ContainsRune(",;", first) && !hanReferenceRE.MatchString(h.name) && !t.continues(h.name) &&
		!h.goesOn()
}

// goesOn reports whether the word of a section is the beginning of another one, or has a particle:
// 제2장에서, 第一款产品. Only 章 and the like also stand without a space before the name of the section.
func (h heading) goesOn() bool {
	last, _ := utf8.DecodeLastRuneInString(h.label)
	next, _ := utf8.DecodeRuneInString(h.name)
	return (last == '款' || unicode.Is(unicode.Hangul, last)) && unicode.IsLetter(next)
}

// read returns the heading that an expression found. ok is false if its number has no value.
func (t sectionTable) read(text string, m []int) (h heading, ok bool) {
	group := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return text[m[2*i]:m[2*i+1]]
	}
	h.kinds = t.kinds[strings.ToLower(group(groupWord)+group(groupHanWord)+group(groupLateWord))]
	if late := strings.ToLower(group(groupLateWord)); t.decade[late] && strings.ContainsAny(text[m[2*groupEarlyNumber+1]:m[2*groupLateWord]], "-–") {
		return heading{}, false
	}
	h.place = t.place(group(groupNumber) + group(groupHanNumber) + group(groupEarlyNumber))
	end := max(m[2*groupNumber+1], m[2*groupHanWord+1], m[2*groupLateWord+1])
	if m[2*groupHanNumber] < 0 {
		h.name = strings.TrimPrefix(strings.TrimPrefix(text[end:], "."), ":")
	} else {
		h.name = text[end:]
	}
	h.label = strings.TrimSpace(text[max(m[0], 0):end])
	return h, h.place != "" && h.kinds != nil && !h.isName(group(groupNumber), text[end:]) && !isWord(group(groupEarlyNumber), text[max(m[2*groupEarlyNumber+1], 0):])
}

var letterRE = regexp.MustCompile(`^[^\P{L}IVXLІХ\p{Hebrew}]$`)

// isLetter reports whether number is one letter that is neither a Roman numeral nor Hebrew, and
// nothing else.
func isLetter(number string) bool { return letterRE.MatchString(strings.ToUpper(number)) }

// isWord reports whether number, which stands before a word of sections.txt, is rather a word of
// one letter, as in "A rész" ("the part", in Hungarian) and "А глава МИД". rest follows it.
func isWord(number, rest string) bool {
	return isLetter(number) && !strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, "-")
}

// isName reports whether the number of a chapter is rather the initial of a name: "Глава А. Иванов"
// is the head of a region. rest follows the number.
func (h heading) isName(number, rest string) bool {
	name, dotted := strings.CutPrefix(rest, ".")
	return dotted && strings.TrimSpace(name) != "" && isLetter(number) && slices.Contains(slices.Collect(maps.Values(h.kinds)), "chapter")
}

// place returns a number in digits, or "" if it has no value.
func (t sectionTable) place(number string) string {
	number = strings.TrimRight(number, "'’΄ʹ׳")
	lower := strings.ToLower(number)
	roman := romanValue(strings.ToUpper(strings.NewReplacer("І", "I", "Х", "X", "і", "i", "х", "x").Replace(number)))
	hebrew := 0
	if r, _ := utf8.DecodeRuneInString(number); unicode.Is(unicode.Hebrew, r) {
		hebrew = hebrewValue(number)
	}
	for _, value := range []int{t.numbers[lower], decimalOrHan(number), roman, hebrew} {
		if value > 0 {
			return strconv.Itoa(value)
		}
	}
	if i := strings.Index("αβγδε ζηθι", lower); utf8.RuneCountInString(lower) == 1 && i >= 0 {
		return strconv.Itoa(utf8.RuneCountInString("αβγδε ζηθι"[:i]) + 1)
	}
	return lower // "2.1", "4a", "b"
}

// SectionsNamed returns the sections that a text names by number, such as "chapter 2" or 第二章.
// A word that means different kinds in different languages gives a Section of each kind.
func SectionsNamed(text string) (named []Section) {
	t := sections()
	for at := 0; at < len(text); {
		m := t.anywhere.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		named = t.appendSections(named, text[at:], m)
		at += max(m[2*groupNumber+1], m[2*groupHanWord+1], m[2*groupLateWord+1])
	}
	return named
}

// SectionsOfLabel is like SectionsNamed, but for a label of document.Passage.LabelPath, which is
// nothing but the heading. It is fast enough for thousands of labels.
func SectionsOfLabel(label string) []Section {
	t := sections()
	if !t.mayBegin(label) {
		return nil
	}
	m := t.atStart.FindStringSubmatchIndex(label)
	if m == nil {
		return nil
	}
	return t.appendSections(nil, label, m)
}

// appendSections appends the sections that an expression found, unless they are there already.
func (t sectionTable) appendSections(list []Section, text string, m []int) []Section {
	h, ok := t.read(text, m)
	for _, kind := range slices.Sorted(maps.Values(h.kinds)) {
		if s := (Section{kind, h.place}); ok && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
