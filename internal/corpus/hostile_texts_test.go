package corpus_test

import "strings"

// hostileTexts has functions that make texts and Markdown that are meant to take long to read.
var hostileTexts = map[string]func(size int) []byte{
	"keys.txt":             repeated("", "key%d: value\n", ""),
	"long-keys.txt":        repeated("", "some other key of it: value of that\n", ""),
	"one-key.txt":          repeated("", "publishd: 3 May 2024\n", ""),
	"keys-in-line.txt":     repeated("", "标题：x 日期：2020-01-01 ", "\n"),
	"articles.txt":         repeated("", "第%d条\n", ""),
	"articles-in-line.txt": repeated("", "第%d条 双方合作。", "\n"),
	"articles-named.txt":   repeated("", "Article %d\nThe name of it\nThe text of it ends.\n", ""),
	"clauses.txt":          repeated("", "1.%d The parties meet.\n", ""),
	"deep-clause.txt":      repeated("", "1.", " The parties meet."),
	"sub-items.txt":        repeated("", "(a) rain water; and (b) melt water; and\n", ""),
	"one-word.txt":         repeated("", "a", ""),
	"one-line.txt":         repeated("", "some words ", "."),
	"one-paragraph.txt":    repeated("", "A sentence has words. ", "\n"),
	"one-chinese-line.txt": repeated("", "双方", "。"),
	"spaces.txt":           repeated("a", " ", "b"),
	"ideographic.txt":      repeated("双", "　", "方"),
	"tabs.txt":             repeated("", "a\t", ""),
	"blank-lines.txt":      repeated("a", "\n", "b"),
	"blank-wide-lines.txt": repeated("a", " \n\t\n", "b"),
	"form-feeds.txt":       repeated("", "a\f", ""),
	"letters.txt":          repeated("", "a\n", ""),
	"wrapped.txt":          repeated("", "words of a line that is wrapped before it comes to its end, so\nthat the next goes on\n", ""),
	"wrapped-full.txt":     repeated("", "the lines of this text are all as wide as can be and never end at\n", ""),
	"wrapped-hyphens.txt":  repeated("", "the lines of this text are all as wide as can be and they con-\n", ""),
	"wrapped-chinese.txt":  repeated("", "双方同意在平等互利的基础上继续扩大在各个领域的合作并且定期举行会议讨论有关的问题和\n", ""),
	"lower-case.txt":       repeated("", "of the\n", ""),
	"capitals.txt":         repeated("", "OF THE GATE AND\n", ""),
	"titles.txt":           repeated("", "Ministers Meet in Lima %d\n\n", ""),
	"dates.txt":            repeated("", "15 November 2024\n", ""),
	"dates-in-line.txt":    repeated("", "15 November 2024, ", ""),
	"years-in-line.txt":    repeated("", "2024 11 ", ""),
	"digits.txt":           repeated("", "2", ""),
	"numeric-dates.txt":    repeated("", "3/4/2024 ", "\n"),
	"stamps.txt":           repeated("", "Updated: November 17, 2023 Source: Xinhua | Editor: Li\n", ""),
	"news.txt":             repeated("", "Ministers meet in Lima %d\n2024-11-15 10:00\nLIMA, Nov. 14 (Xinhua) -- Ministers met here. They ate.\n\n", ""),
	"records.txt":          repeated("", "Title: No. %d\nDate: 2024-11-15\nMinisters met here. They ate.\n\n", ""),
	"separators.txt":       repeated("", "----\n", ""),
	"separated.txt":        repeated("", "Title %d\n=====\nMinisters met here.\n", ""),
	"weak-rules.txt":       repeated("", "***\nThe parties %d\n第%d条 双方合作。\n", ""),
	"captions.txt":         repeated("", "Ships in the port on day %d of the long rain. (Agency/Li Na)\nA line that is no caption\n", ""),
	"related.txt":          repeated("Related articles\n", "- Another article %d\n", ""),
	"furniture.txt":        repeated("", "Print Share Tweet\n", ""),
	"signatures.txt":       repeated("", "-- BERNAMA\n", ""),
	"brackets.txt":         repeated("", "(", ""),
	"quotes.txt":           repeated("", "“", ""),
	"stops.txt":            repeated("", ". ", ""),
	"abbreviations.txt":    repeated("", "Mr. ", ""),
	"hosts.txt":            repeated("", "www.example.org ", ""),
	"address.txt":          repeated("https://", "a.", "org"),
	"entities.txt":         repeated("", "&amp;lt;&#38;", ""),
	"ampersands.txt":       repeated("", "&a", ""),
	"garbled.txt":          repeated("", "Ã©tÃ© â€œ", "\n"),
	"garbled-chinese.txt":  repeated("", "鏂板崕绀", "\n"),
	"legacy.txt":           repeated("", "\xe9t\xe9 \xe0 ", "\n"),
	"legacy-chinese.txt":   repeated("", "\xd6\xd0\xb9\xfa", "\n"),
	"any-bytes.txt":        repeated("", "\x81\xfe\xc3\x28\xe9 a\n", ""),
	"marks.txt":            repeated("a", "\u0301", ""),
	"marks-apart.txt":      repeated("a", "\u0301\u0323", ""),
	"invisible.txt":        repeated("a", "\u200b\u202e", "b"),
	"gutenberg.txt":        repeated("Title: A\n", " more of it\n", "*** START OF THE PROJECT GUTENBERG EBOOK A ***\nText.\n"),
	"gutenberg-ends.txt":   repeated("*** START OF THE PROJECT GUTENBERG EBOOK A ***\n", "*** END OF\nText.\n", ""),
	"memo.txt":             repeated("", "RFC 1  A Memo  May 2024\nText of it.\nAuthor [Page %d]\n", ""),
	"many-languages.txt":   repeated("", "Der Zug. 数字经济. Os países. Добрый день. ", "\n\n"),
	"wrapped.md":           repeated("", "words and *more words* of line %d\n", ""),
	"emphasis.md":          repeated("", "*a **b ", ""),
	"emphasis-closed.md":   nested("", "*a **b ", "c", "** *"),
	"stars.md":             repeated("", "*", ""),
	"underscores.md":       repeated("", "a_", ""),
	"open-brackets.md":     repeated("", "[", ""),
	"pictures.md":          repeated("", "![", ""),
	"links.md":             repeated("", "[a](b) ", ""),
	"links-close.md":       repeated("", "[a](b)", ""),
	"links-open.md":        repeated("", "[a](<b", ""),
	"links-half.md":        repeated("", "[a](", ""),
	"lost-bytes.txt":       repeated("中国中国", "\uFFFD", ""),
	"link-names.md":        repeated("", "[a%d]: /b\n", ""),
	"link-uses.md":         repeated("[a]: /b\n\n", "[a] ", ""),
	"quotations.md":        repeated("", ">", " a"),
	"quotation-lines.md":   repeated("", "> a\n>> b\n", ""),
	"lists.md":             repeated("", "- a\n", ""),
	"lists-in-line.md":     repeated("", "- ", "a"),
	"lists-deep.md":        deepList,
	"numbers.md":           repeated("", "1. ", "a"),
	"headings.md":          repeated("", "# Heading %d\n\nText of it.\n\n", ""),
	"underlined.md":        repeated("", "a\n", "===\n"),
	"table.md":             repeated("|a|b|\n|-|-|\n", "|c|d|\n", ""),
	"wide-table.md":        wideTable,
	"footnotes.md":         repeated("", "a[^%d]\n\n[^1]: b\n\n", ""),
	"front-matter-open.md": repeated("---\n", "key%d: value\n", ""),
	"front-matters.md":     repeated("", "---\ntitle: A %d\n---\nText.\n", ""),
	"rules.md":             repeated("", "---\n", ""),
	"matter-aliases.md":    repeated("---\na: &a [x]\n", "b%d: [*a, *a]\n", "---\nText.\n"),
	"matter-json.md":       repeated("{", "\"a%d\":{", ""),
	"matter-toml.md":       repeated("+++\n", "a%d = 1\n", ""),
	"code-ticks.md":        tickRuns,
	"fences.md":            repeated("", "```\na\n", ""),
	"html-blocks.md":       repeated("", "<div>\n\na\n\n", ""),
	"html-in-line.md":      repeated("a ", "<b ", ""),
	"html-comments.md":     repeated("a ", "<!-- ", ""),
	"autolinks.md":         repeated("", "<a@", ""),
	"entities.md":          repeated("", "&amp;", ""),
	"escapes.md":           repeated("", "\\*", ""),
	"struck.md":            repeated("", "~~a ", ""),
}

// deepList returns a deeply nested list.
func deepList(size int) []byte {
	var out strings.Builder
	for indent := ""; out.Len() < size; indent += "  " {
		out.WriteString(indent + "- a\n")
	}
	return []byte(out.String())
}

// wideTable returns a table of many columns and few rows.
func wideTable(size int) []byte {
	row := strings.Repeat("|a", size/16)
	return []byte(row + "\n" + strings.Repeat("|-", size/16) + "\n" + strings.Repeat(row+"\n", 6))
}

// tickRuns returns runs of backticks, each longer than the one before.
func tickRuns(size int) []byte {
	var out strings.Builder
	for ticks := "`"; out.Len() < size; ticks += "`" {
		out.WriteString(ticks + " ")
	}
	return []byte(out.String())
}
