// Package chunk cuts a document's text into passages, and passages into the windows
// that a model reads. Both steps are pure functions, so the command and the server
// get the same passages whatever model is in use. The package does not clean text,
// find captions or know any model; see packages corpus and embed.
package chunk

import (
	"regexp"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// item is a paragraph or a marked block. Passages are made of items.
type item struct {
	span
	kind    document.Kind // HEADING, CAPTION or PARAGRAPH if known
	level   int           // of a heading that doc marks, from 1; 0 if it has none
	marked  bool          // whether doc marks its kind
	isTitle bool          // whether it repeats the title
	number  number        // at the start of the item; its value is 0 if the item has no number
	series  *series       // the series that number belongs to
	clause  string        // "1.1" if the item begins with the number of a clause
	names   bool          // whether it is the name of the section above, such as "Chapter II"
}

// Passages returns the structural units of doc.Text in order: every block that doc
// marks as HEADING or CAPTION; repetitions of the title and lines such as "Chapter
// II" as HEADING; numbered articles; and all other paragraphs. Ranges do not overlap,
// do not begin or end with white space, and cover all visible text. Blank text has no
// passages.
//
// Numbers mark articles if at least two of the same form count up in the document. An
// article runs from its number to the next number on its level and includes numbers
// of deeper forms. It ends early at a heading or caption; the paragraphs after that
// are passages of their own. The last article of a series takes as many paragraphs as
// the longest before it, and closing lines (dates, signatures). A parent such as
// "一、总体要求" that is only a heading over numbered items is a HEADING, and its items are
// the articles. "Article 3" and "第三条" always open an article. "Section 3" opens one if the
// document has no such articles, and its sections are as short as those of laws; see
// chooseSections. If doc marks no blocks
// and every passage would be a HEADING, all of them become PARAGRAPH.
//
// LabelPath has the headings and numbers above a passage, and its own number. A heading
// with a number is given by the number alone ("Chapter II", "第二章", "1.1"), any other by its
// text. LabelPath has at most 8 labels of at most 100 code points. Headings without a number
// count if their block has a level, and lines such as "Chapter II" in any case. A title is
// above a part, or a part above a title, as the document has them.
//
// Passages reads Title, LanguageCode, Text (valid UTF-8), Blocks (in order, not
// overlapping; document.FillBytes checks that) and PageStarts (in order). It ignores
// blocks marked as articles and finds articles in the text.
func Passages(doc document.Document) []document.Passage {
	b := builder{text: doc.Text, items: split(doc), language: document.PrimarySubtag(doc.LanguageCode), open: -1}
	chooseSections(b.text, b.items)
	findSeries(b.items)
	findClauses(b.text, b.items)
	for i := range b.items {
		b.add(i)
	}
	counter := document.NewRangeCounter(doc.Text)
	for i := range b.passages {
		p := &b.passages[i]
		p.Ordinal = i
		p.LanguageCode = doc.LanguageCode
		p.Range = counter.Range(p.Range.StartByte, p.Range.EndByte)
		p.Text = p.Range.Slice(doc.Text)
		p.Page, p.PageEnd = doc.PageAt(p.Range.Start), doc.PageAt(p.Range.End-1)
	}
	marked := slices.ContainsFunc(b.items, func(it item) bool { return it.marked })
	return keepRankable(b.passages, marked)
}

// keepRankable turns guessed headings into paragraphs if the document has nothing
// else. Otherwise a document that consists of its title could never be found.
func keepRankable(passages []document.Passage, marked bool) []document.Passage {
	heading := func(p document.Passage) bool { return p.Kind == document.KindHeading }
	if marked || slices.ContainsFunc(passages, func(p document.Passage) bool { return !heading(p) }) {
		return passages
	}
	for i := range passages {
		passages[i].Kind = document.KindParagraph
	}
	return passages
}

// split returns the items of doc in order. Their series are not set yet.
func split(doc document.Document) []item {
	key := newTitleKey(doc.Title)
	var blocks []item
	var between []span
	at := 0
	for _, block := range doc.Blocks {
		s := trim(doc.Text, block.Range.StartByte, block.Range.EndByte)
		if s.start == s.end || block.Kind != document.KindHeading && block.Kind != document.KindCaption && block.Kind != document.KindParagraph {
			continue
		}
		blocks = append(blocks, markedItem(doc.Text, s, block))
		between = append(between, span{at, s.start})
		at = s.end
	}
	between = append(between, span{at, len(doc.Text)})

	for i, it := range blocks {
		blocks[i].isTitle = key.matches(doc.Text[it.start:it.end])
	}
	items := make([]item, 0, len(blocks))
	nameless := false // whether the previous item is a heading such as "Chapter II" without a name
	for _, p := range paragraphs(doc.Text, between, key) {
		for len(blocks) > 0 && blocks[0].start < p.start {
			items, blocks, nameless = append(items, blocks[0]), blocks[1:], false
		}
		it := item{span: p}
		text := doc.Text[p.start:p.end]
		it.number, _ = parseNumber(text)
		section, isSection := parseSection(text)
		it.isTitle = key.matches(text)
		it.names = nameless && it.number.value == 0 && isBare(text)
		if isSection || it.isTitle || it.names {
			it.kind = document.KindHeading
		}
		if it.isTitle || it.kind == document.KindHeading && it.number.form != formSection {
			it.number = number{}
		}
		nameless = isSection && strings.TrimSpace(section.name) == ""
		items = append(items, it)
	}
	return append(items, blocks...)
}

// markedItem returns the item of a block. A heading with a level that begins with the number of
// an article is read like text that is not marked, so that the number counts.
func markedItem(text string, s span, block document.Block) item {
	it := item{span: s, kind: block.Kind, level: block.Level, marked: true}
	n, ok := parseNumber(text[s.start:s.end])
	switch {
	case !ok || block.Kind != document.KindHeading:
	case n.form == formSection:
		it.number = n // chooseSections decides
	case block.Level > 0:
		it.kind, it.number, it.marked = document.KindUnknown, n, false
	}
	return it
}

// builder turns items into passages, one after the other.
type builder struct {
	text     string
	items    []item
	language string             // primary subtag
	ladder   ladder             // above the next passage
	passages []document.Passage // with byte offsets only
	open     int                // index of the item that began the current article, or -1 if no article is open
}

// add adds item i to the open article, or starts a new passage with it.
func (b *builder) add(i int) {
	it := b.items[i]
	if b.open >= 0 && b.belongs(i) {
		b.passages[len(b.passages)-1].Range.EndByte = it.end
		return
	}
	p := document.Passage{Kind: it.kind, Range: document.TextRange{StartByte: it.start, EndByte: it.end}}
	b.open = -1
	switch {
	case it.kind != document.KindUnknown:
	case it.series == nil:
		p.Kind = document.KindParagraph
	case b.isParent(i):
		p.Kind = document.KindHeading
	default:
		p.Kind, p.Label = document.KindArticle, it.number.label
		b.open = i
	}
	p.LabelPath = b.ladder.place(b.text[it.start:it.end], it, p.Kind, b.language)
	b.passages = append(b.passages, p)
}

// belongs reports whether item i is part of the open article.
func (b *builder) belongs(i int) bool {
	it, article := b.items[i], b.items[b.open].series
	next, bounded := article.next(b.open)
	switch {
	case it.kind != document.KindUnknown || it.series == article:
		return false
	case it.series != nil:
		return depths[it.series.form] > depths[article.form] || bounded && it.series.within(b.open, next)
	}
	text := b.text[it.start:it.end]
	inner := it.number.value > 0 && depths[it.number.form] > depths[article.form] || subItemRE.MatchString(text)
	return bounded || inner || i-b.open < article.longest || isBare(text)
}

// subItemRE matches paragraphs that begin with a letter, a small Roman number or a bullet: "(a)",
// "а)", "أ)", "iv.", "가.", "•".
var subItemRE = regexp.MustCompile(`^(?:[（(](?:\p{L}\p{M}?|[ivx]{1,5})[)）]|(?:\p{L}\p{M}?|[ivx]{1,5})[)）]|(?:\p{Ll}|[ivx]{1,5}|[가-힣])[.][\s\p{Zs}]|[ء-ي][\s\p{Zs}]?[-–][\s\p{Zs}]|[-–—•·*▪◦][\s\p{Zs}])`)

// isParent reports whether item i is only the heading of numbered items.
func (b *builder) isParent(i int) bool {
	it := b.items[i]
	if depths[it.series.form] == 0 || !isBare(b.text[it.start+it.number.size:it.end]) {
		return false
	}
	for _, below := range b.items[i+1:] {
		switch {
		case below.kind != document.KindUnknown:
			return false
		case below.series != nil:
			return below.series.form != it.series.form
		}
	}
	return false
}
