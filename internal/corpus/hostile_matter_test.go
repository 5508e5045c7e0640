package corpus_test

import (
	"fmt"
	"strings"
)

// hostileMatter has functions that make front matter and tables of Markdown that are meant to take
// long to read.
var hostileMatter = map[string]func(size int) []byte{
	"anchors.md":         repeated("---\ntitle: A\n", "a%d: &a%d [x, y]\n", "---\nText.\n"),
	"laughs.md":          laughs,
	"long-alias.md":      longAlias,
	"merged.md":          repeated("---\na: &a {b: 1}\n", "b%d: {<<: *a}\n", "---\nText.\n"),
	"flow.md":            nested("---\na: ", "[", "", "]"),
	"flow-maps.md":       nested("---\na: ", "{b: ", "1", "}"),
	"indented.md":        indented,
	"question-marks.md":  repeated("---\na: b\n", "? ", "\n---\nText.\n"),
	"tags.md":            repeated("---\na: ", "!!str ", "b\n---\nText.\n"),
	"block.md":           repeated("---\na: |\n", "  some words\n", "---\nText.\n"),
	"folded.md":          repeated("---\na: >-\n", "  some words\n\n", "---\nText.\n"),
	"quoted.md":          repeated("---\na: \"", "\\u00e9 ", "\"\n---\nText.\n"),
	"yaml-documents.md":  repeated("---\na: b\n", "...\n---\n", "Text.\n"),
	"no-end.md":          repeated("---\ntitle: A\n", "  more of it\n", ""),
	"no-end-toml.md":     repeated("+++\n", "a%d = \"b\"\n", ""),
	"dotted.md":          repeated("+++\na", ".b", " = 1\n+++\nText.\n"),
	"dotted-tables.md":   repeated("+++\n", "[a.b.c.d%d]\n", "+++\nText.\n"),
	"dotted-long.md":     repeated("+++\n[a", ".b", "]\nc = 1\n+++\nText.\n"),
	"toml-tables.md":     repeated("+++\n", "[[a]]\nb = 1\n", "+++\nText.\n"),
	"toml-lists.md":      nested("+++\na = ", "[", "1", "]"),
	"toml-inline.md":     nested("+++\na = ", "{b = ", "1", "}"),
	"toml-string.md":     repeated("+++\na = \"\"\"", "some words\\\n", "\"\"\"\n+++\nText.\n"),
	"json-deep.md":       deepJSON,
	"json-list.md":       repeated("{\"title\":\"A\",\"b\":[", "[],", "[]]}\n\nText.\n"),
	"json-keys.md":       repeated("{\"title\":\"A\"", ",\"a\":1", "}\n\nText.\n"),
	"toml-rules.md":      repeated("", "+++\n", "Text.\n"),
	"short-rows.md":      shortRows,
	"short-quotes.md":    func(size int) []byte { return []byte("> " + strings.ReplaceAll(string(shortRows(size)), "\n", "\n> ")) },
	"delimiters.md":      repeated("|a|b|\n", "|-|-|\n", ""),
	"escaped-pipes.md":   repeated("|a|b|\n|-|-|\n", "|`a\\|b`|`c`|\n", ""),
	"columns-apart.md":   repeated("", "|a|b|\n|-|-|\n|c|d|\n\n", ""),
	"footnotes-named.md": repeated("", "[^a%d]: The text of it [^a%d].\n\n", ""),
	"nested-brackets.md": nested("", "[", "a", "](b)"),
	"link-titles.md":     repeated("", "[a](b \"", ""),
	"long-label.md":      repeated("[", "a\\]", "]: /b\n"),
	"mixed-stars.md":     repeated("", "***a** b* ", ""),
	"line-breaks.md":     repeated("", "a  \n", ""),
	"html-nested.md":     nested("", "<div>\n\n", "Text.", "</div>\n\n"),
	"processing.md":      repeated("a ", "<? ", ""),
	"cdata.md":           repeated("a ", "<![CDATA[ ", ""),
	"addresses.md":       repeated("", "<https://a.b/c", ""),
}

// laughs returns YAML in which each value is twice the one before.
func laughs(size int) []byte {
	var out strings.Builder
	out.WriteString("---\na0: &a0 [x, y]\n")
	for i := 1; out.Len() < size; i++ {
		fmt.Fprintf(&out, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	return []byte(out.String() + "---\nText.\n")
}

// longAlias returns front matter again and again, in which many keys refer to one long value.
func longAlias(size int) []byte {
	var matter strings.Builder
	matter.WriteString("---\na: &a \"" + strings.Repeat("some words ", 2000) + "\"\n")
	for matter.Len() < 50<<10 {
		matter.WriteString("b: *a\n")
	}
	return []byte(strings.Repeat(matter.String()+"---\nText.\n", max(1, size/matter.Len())))
}

// indented returns YAML in which each line is a level deeper.
func indented(size int) []byte {
	var out strings.Builder
	out.WriteString("---\n")
	for indent := ""; out.Len() < size; indent += " " {
		out.WriteString(indent + "a:\n")
	}
	return []byte(out.String() + "---\nText.\n")
}

// deepJSON returns front matter with as many levels as the parser of JSON permits.
func deepJSON(size int) []byte {
	return nested("", `{"a":`, "1", "}\n")(min(size, 9000*7))
}

// shortRows returns a table of many columns whose rows have one cell each.
func shortRows(size int) []byte {
	n := size / 12
	return []byte(strings.Repeat("|a", n) + "\n" + strings.Repeat("|-", n) + "\n" + strings.Repeat("|b\n", 2*n))
}
