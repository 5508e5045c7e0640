package corpus

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// readMarkdown reads Markdown with or without front matter. A file may hold several
// documents with front matter.
func readMarkdown(name, source string) (File, error) {
	source, err := asYAML(decode.Normalize(decode.Mend(source)))
	if err != nil {
		return File{}, err
	}
	if err := checkMarkdown(source); err != nil {
		return File{}, err
	}
	var articles []article.Article
	add := func(matter, body string) error {
		k, err := parseFrontMatter(matter)
		if err != nil {
			return err
		}
		if len(articles) == 0 && k.Published == nil {
			k.Published, k.From.Published.Rule = dateInName(name), "name of the file"
		}
		lines := line.Prepare(markdownLines([]byte(partDefinitions(body))), datetime.StyleOf(body))
		if articles = append(articles, article.Read(lines, k)...); len(articles) > maxArticles {
			return ErrArticles
		}
		return nil
	}
	matter, start := "", 0
	for _, at := range findFrontMatter(source) {
		if start > 0 || strings.TrimSpace(source[:at.start]) != "" {
			if err := add(matter, source[start:at.start]); err != nil {
				return File{}, err
			}
		}
		matter, start = source[at.start+at.open:at.end-at.close], at.end
	}
	if err := add(matter, source[start:]); err != nil {
		return File{}, err
	}
	return assemble(name, articles)
}

// markdownLines returns the blocks of a Markdown text as lines of plain text.
func markdownLines(source []byte) []line.Line {
	w := markdownWriter{source: source}
	w.blocks(goldmark.New(goldmark.WithExtensions(extension.Table, extension.Footnote, extension.Strikethrough)).Parser().Parse(text.NewReader(source)), "")
	return w.lines
}

type markdownWriter struct {
	source []byte
	lines  []line.Line
}

func (w *markdownWriter) blocks(parent ast.Node, prefix string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			w.add(line.Line{Text: prose.Squeeze(prefix + w.inline(n)), Gap: 1, Kind: document.KindHeading, Level: n.Level})
		case *ast.Paragraph, *ast.TextBlock:
			w.paragraph(prefix + w.inline(n))
		case *ast.List:
			w.list(n)
		case *ast.ThematicBreak:
			w.add(line.Line{Text: "---", Gap: 1})
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			w.code(string(n.Lines().Value(w.source)))
		case *extast.TableHeader, *extast.TableRow:
			w.row(n)
		case *ast.HTMLBlock:
			w.html(n)
		case *extast.FootnoteList:
			w.footnotes(n)
		default:
			w.blocks(n, prefix)
		}
		prefix = ""
	}
}

// code keeps the lines of a block of code.
func (w *markdownWriter) code(s string) {
	w.add(line.Line{Text: strings.Trim(s, "\n"), Gap: 1, Kind: document.KindParagraph})
}

// html adds the text of a block of HTML, which may end inside an element.
func (w *markdownWriter) html(block *ast.HTMLBlock) {
	source := string(block.Lines().Value(w.source))
	if block.HasClosure() {
		source += string(block.ClosureLine.Value(w.source))
	}
	if lines, err := pieceLines(source, minParagraph); err == nil {
		w.lines = append(w.lines, lines...)
	}
}

// footnotes adds the notes, each with its mark before it.
func (w *markdownWriter) footnotes(list ast.Node) {
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		if note, ok := n.(*extast.Footnote); ok {
			w.blocks(note, "["+strconv.Itoa(note.Index)+"] ")
		}
	}
}

func (w *markdownWriter) add(l line.Line) {
	if l.Text != "" {
		w.lines = append(w.lines, l)
	}
}

// paragraph adds the lines of a paragraph. It joins them, unless one of them is a stamp, a
// header line or furniture.
func (w *markdownWriter) paragraph(s string) {
	var rows []string
	special := false
	for row := range strings.Lines(s) {
		if row = prose.Squeeze(row); row == "" {
			continue
		}
		switch line.ClassOf(row) {
		case line.Stamp, line.Field, line.Furniture:
			special = true
		}
		rows = append(rows, row)
	}
	if !special {
		rows = []string{prose.JoinAll(rows)}
	}
	for _, row := range rows {
		w.add(line.Line{Text: row, Gap: 1})
	}
}

// list writes a list. It keeps the numbers of ordered lists.
func (w *markdownWriter) list(list *ast.List) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = strconv.Itoa(number) + string(list.Marker) + " "
			number++
		}
		w.blocks(item, mark)
	}
}

func (w *markdownWriter) row(row ast.Node) {
	var cells []string
	for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
		cells = append(cells, prose.Squeeze(w.inline(cell)))
	}
	w.add(line.Line{Text: strings.Join(cells, " | "), Gap: 1, Kind: document.KindParagraph})
}
