package chunk

import "github.com/accord-search/accord/internal/document"

// maxPerSection is the maximum mean number of items of a section that is an article. The
// sections of laws have fewer, and the sections of reports and books have more.
const maxPerSection = 6

// chooseSections decides whether numbers such as "Section 1" begin articles, as in laws in
// English. They do so if no other word numbers articles in the document, if at least two of
// them count up, and if the sections are short and are not headings above numbered items.
// Otherwise the items keep their kinds, and lose these numbers.
func chooseSections(text string, items []item) {
	nameSections(text, items)
	chosen := areArticles(items)
	inSection := false // whether the items above, up to a section, are its names
	for i := range items {
		it := &items[i]
		section := it.number.form == formSection
		switch {
		case section && chosen:
			it.kind, it.marked = document.KindUnknown, false
		case section:
			it.number = number{}
		case chosen && it.names && inSection:
			it.kind, it.marked = document.KindUnknown, false // the name of an article is part of it
		}
		inSection = section || inSection && it.names
	}
}

// nameSections marks headings as the names of the sections above them that have none.
func nameSections(text string, items []item) {
	for i := 1; i < len(items); i++ {
		above, it := items[i-1], &items[i]
		if above.number.form != formSection || above.number.size < above.end-above.start || it.kind != document.KindHeading || it.number.value > 0 {
			continue
		}
		if _, ok := parseSection(text[it.start:it.end]); !ok {
			it.names = true
		}
	}
}

// areArticles reports whether the sections among items are articles.
func areArticles(items []item) bool {
	sections, parents, empty, steps, first := 0, 0, 0, 0, 0
	last := number{}
	for i, it := range items {
		switch it.number.form {
		case formWord, formHanWord:
			return false
		case formSection:
			if sections == 0 {
				first = i
			}
			if it.number.value == last.value+1 {
				steps++
			}
			if below := itemBelow(items, i); isTopNumber(below.number) {
				parents++
			} else if it.kind == document.KindHeading && below.kind == document.KindHeading {
				empty++
			}
			sections, last = sections+1, it.number
		}
	}
	return steps >= 2 && 2*(parents+empty) < sections && len(items)-first <= maxPerSection*sections
}

// itemBelow returns the first item below a section that is not its name. At the end of the
// document it returns a heading.
func itemBelow(items []item, section int) item {
	for _, it := range items[section+1:] {
		if !it.names {
			return it
		}
	}
	return item{kind: document.KindHeading}
}

// isTopNumber reports whether a number such as "1." or "一、" may begin an article by itself.
func isTopNumber(n number) bool {
	return n.value > 0 && depths[n.form] > 0 && depths[n.form] <= depths[formPeriod]
}
