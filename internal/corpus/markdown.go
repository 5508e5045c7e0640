package corpus

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	toml "github.com/pelletier/go-toml/v2"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	yaml "go.yaml.in/yaml/v3"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// frontMatterRE finds the YAML front matter of a Markdown document. One file may have
// several documents with front matter.
var frontMatterRE = regexp.MustCompile(`(?m)(?:\A\s*|^)---[ \t]*\n((?:[^\S\n]*[\p{L}_-][\p{L}\p{N}_ -]*[ \t]*:.*\n(?:[ \t]+.*\n|- .*\n|\n)*)+)---[ \t]*(?:\n|\z)`)

// readMarkdown reads Markdown with or without front matter.
func readMarkdown(name, source string) (File, error) {
	source, err := tomlAsYAML(decode.Normalize(decode.Mend(source)))
	if err != nil {
		return File{}, err
	}
	var articles []article.Article
	add := func(matter, body string) error {
		k, err := parseFrontMatter(matter)
		if err != nil {
			return err
		}
		lines := line.Prepare(markdownLines([]byte(body)), datetime.DayFirst(body))
		articles = append(articles, article.Read(lines, k)...)
		return nil
	}
	matter, start := "", 0
	for _, at := range frontMatterRE.FindAllStringSubmatchIndex(source, -1) {
		if start > 0 || strings.TrimSpace(source[:at[0]]) != "" {
			if err := add(matter, source[start:at[0]]); err != nil {
				return File{}, err
			}
		}
		matter, start = source[at[2]:at[3]], at[1]
	}
	if err := add(matter, source[start:]); err != nil {
		return File{}, err
	}
	return assemble(name, articles), nil
}

// tomlMatterRE finds the TOML front matter of a Markdown document.
var tomlMatterRE = regexp.MustCompile(`\A\s*\+{3}[ \t]*\n((?s:.*?)\n)\+{3}[ \t]*(?:\n|\z)`)

// tomlAsYAML returns source with TOML front matter rewritten as YAML.
func tomlAsYAML(source string) (string, error) {
	at := tomlMatterRE.FindStringSubmatchIndex(source)
	if at == nil {
		return source, nil
	}
	var fields map[string]any
	if err := toml.Unmarshal([]byte(source[at[2]:at[3]]), &fields); err != nil {
		return "", fmt.Errorf("front matter: %w; mend its TOML or remove it", err)
	}
	matter, err := yaml.Marshal(fields)
	if err != nil {
		return "", fmt.Errorf("front matter: %w", err)
	}
	return "---\n" + string(matter) + "---\n" + source[at[1]:], nil
}

// parseFrontMatter reads the fields of documents, under their names in the API and under
// other usual names. All other keys become metadata.
func parseFrontMatter(matter string) (article.Known, error) {
	k := article.Known{Metadata: map[string]string{}}
	var fields map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(matter), &fields); err != nil {
		return k, fmt.Errorf("front matter: %w; mend its YAML or remove it", err)
	}
	for key, node := range fields {
		if key != "metadata" {
			setField(&k, key, scalar(&node))
			continue
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			k.Metadata[node.Content[i].Value] = scalar(node.Content[i+1])
		}
	}
	return k, nil
}

// setField records a field of the front matter.
func setField(k *article.Known, key, value string) {
	f, _ := header.Parse(strings.ReplaceAll(key, "_", "") + ": " + value)
	if value == "" {
		return
	}
	switch f.Key {
	case header.Title:
		k.Title = prose.Squeeze(value)
	case header.Published:
		if moments := datetime.FindInField(value); len(moments) > 0 {
			k.Published = &moments[0]
		}
	case header.Source:
		k.Source = value
	case header.URI:
		k.URI = value
	case header.ID:
		k.ID = value
	case header.Language:
		k.Language = article.LanguageTag(value)
	default:
		k.Metadata[key] = value
	}
}

// scalar returns a YAML value as written. It joins the items of a list with commas.
func scalar(node *yaml.Node) string {
	if node.Kind != yaml.SequenceNode {
		return node.Value
	}
	var values []string
	for _, item := range node.Content {
		values = append(values, item.Value)
	}
	return strings.Join(values, ", ")
}

// markdownLines returns the blocks of a Markdown text as lines of plain text.
func markdownLines(source []byte) []line.Line {
	w := markdownWriter{source: source}
	w.blocks(goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(source)), "")
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
			w.paragraph(string(n.Lines().Value(w.source)))
		case *extast.TableHeader, *extast.TableRow:
			w.row(n)
		case *ast.HTMLBlock:
		default:
			w.blocks(n, prefix)
		}
		prefix = ""
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
	var own []line.Line
	special := false
	for row := range strings.Lines(s) {
		l := line.Line{Text: prose.Squeeze(row)}
		if l.Text == "" {
			continue
		}
		switch line.ClassOf(l.Text) {
		case line.Stamp, line.Field, line.Furniture:
			special = true
		}
		own = append(own, l)
	}
	joined := ""
	for i, l := range own {
		switch {
		case special:
			w.add(line.Line{Text: l.Text, Gap: 1})
		case i == 0:
			joined = l.Text
		default:
			joined = prose.Join(joined, l.Text)
		}
	}
	w.add(line.Line{Text: joined, Gap: 1})
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
	w.add(line.Line{Text: strings.Join(cells, " | "), Gap: 1})
}

// inline returns the text of a block without marks and pictures.
func (w *markdownWriter) inline(parent ast.Node) string {
	var out strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			out.Write(util.UnescapePunctuations(n.Value(w.source)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteByte('\n')
			}
		case *ast.String:
			out.Write(n.Value)
		case *ast.AutoLink:
			out.Write(n.Label(w.source))
		case *ast.Image, *ast.RawHTML:
		default:
			out.WriteString(w.inline(n))
		}
	}
	return out.String()
}
