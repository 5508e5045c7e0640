package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"regexp"
	"strings"
	"time"

	toml "github.com/pelletier/go-toml/v2"
	yaml "go.yaml.in/yaml/v3"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// matterAt is the range of front matter in a text, in bytes. open and close are the lengths of
// the lines before and after it, such as ---.
type matterAt struct{ start, end, open, close int }

var (
	ruleRE = regexp.MustCompile(`^---[ \t]*$`)
	keyRE  = regexp.MustCompile(`^[^\S\n]*[\p{L}_-][\p{L}\p{N}_ -]*[ \t]*:`)
	// goesOnRE matches the lines of a value below its key.
	goesOnRE = regexp.MustCompile(`^(?:[ \t]+.*|- .*|)$`)
)

const (
	maxMatter  = 64 << 10 // bytes of front matter
	maxAliased = 1 << 10  // bytes of a value that is written once and used for several keys
)

// ErrMatter is the error for front matter that is too long.
var ErrMatter = fmt.Errorf("has front matter of more than %d bytes; shorten it", maxMatter)

// findFrontMatter finds the YAML front matter in a text: between two rules, lines with keys
// and their values. It reads each line once.
func findFrontMatter(source string) (found []matterAt) {
	open := matterAt{start: -1}
	keyed, at := false, 0
	for row := range strings.Lines(source) {
		text := strings.TrimRight(row, "\n")
		rule := ruleRE.MatchString(text)
		switch {
		case rule && open.start >= 0 && keyed:
			open.end, open.close = at+len(row), len(row)
			found = append(found, open)
			open, keyed = matterAt{start: -1}, false
		case rule:
			open, keyed = matterAt{start: at, open: len(row)}, false
		case open.start < 0:
		case keyRE.MatchString(text):
			keyed = true
		case open.start == 0 && strings.HasPrefix(text, "#"): // a comment, not a heading
		case !keyed || !goesOnRE.MatchString(text) || at-open.start > maxMatter:
			open.start = -1
		}
		at += len(row)
	}
	return found
}

var (
	// tomlMatterRE finds the TOML before a Markdown document.
	tomlMatterRE = regexp.MustCompile(`\A\s*(?:\+{3}|---[ \t]*toml)[ \t]*\n((?s:.*?)\n)(?:\+{3}|---)[ \t]*(?:\n|\z)`)
	// jsonMatterRE finds the JSON between rules, as Eleventy and Middleman write it.
	jsonMatterRE = regexp.MustCompile(`\A\s*(?:---[ \t]*json|;{3})[ \t]*\n(\s*\{(?s:.*?)\n)(?:---|;{3})[ \t]*(?:\n|\z)`)
)

// asYAML returns source with front matter in TOML or JSON rewritten as YAML.
func asYAML(source string) (string, error) {
	var fields map[string]any
	rest := ""
	switch at := tomlMatterRE.FindStringSubmatchIndex(source); {
	case at != nil && at[3]-at[2] > maxMatter:
		return "", ErrMatter
	case at != nil:
		if err := toml.Unmarshal([]byte(source[at[2]:at[3]]), &fields); err != nil {
			return "", fmt.Errorf("front matter: %w; mend its TOML or remove it", err)
		}
		rest = source[at[1]:]
	case jsonMatterRE.MatchString(source):
		at := jsonMatterRE.FindStringSubmatchIndex(source)
		if at[3]-at[2] > maxMatter {
			return "", ErrMatter
		}
		if err := json.Unmarshal([]byte(source[at[2]:at[3]]), &fields); err != nil {
			return "", fmt.Errorf("front matter: %w; mend its JSON or remove it", err)
		}
		rest = source[at[1]:]
	case strings.HasPrefix(strings.TrimSpace(source), "{"):
		d := json.NewDecoder(strings.NewReader(source[:min(len(source), maxMatter)]))
		if d.Decode(&fields) != nil || len(fields) == 0 {
			return source, nil // text in braces, not JSON
		}
		if rest = strings.TrimLeft(source[d.InputOffset():], " \t"); rest != "" && !strings.HasPrefix(rest, "\n") {
			return source, nil
		}
	default:
		return source, nil
	}
	var matter bytes.Buffer
	encoder := yaml.NewEncoder(&matter)
	if err := encoder.Encode(shallow(fields, 2)); err != nil {
		return "", fmt.Errorf("front matter: %w", err)
	}
	return "---\n" + matter.String() + "---\n" + rest, nil
}

// shallow returns a value with "" for maps inside more than depth others, and for maps and lists
// inside a list. No field reads these, and deep ones make long lines, since YAML indents them.
func shallow(value any, depth int) any {
	switch v := value.(type) {
	case map[string]any:
		if depth == 0 {
			return ""
		}
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[key] = shallow(inner, depth-1)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			if out[i] = inner; isDeep(inner) {
				out[i] = ""
			}
		}
		return out
	}
	return value
}

func isDeep(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// parseFrontMatter reads the fields of documents, by their names in the API and by other
// common names. All other fields become metadata.
func parseFrontMatter(matter string) (article.Known, error) {
	k := article.Known{Metadata: map[string]string{}}
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(matter), &root); err != nil {
		return k, fmt.Errorf("front matter: %w; mend its YAML or remove it", err)
	}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return k, nil
	}
	fields := root.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		key, node := fields[i].Value, fields[i+1]
		switch key {
		case "metadata", "params", "extra": // keys of Hugo and Zola
			for j := 0; j+1 < len(node.Content); j += 2 {
				keep(k.Metadata, node.Content[j].Value, scalar(node.Content[j+1]))
			}
		default:
			setField(&k, key, scalar(node))
		}
	}
	return k, nil
}

// setField keeps a field of the front matter.
func setField(k *article.Known, key, value string) {
	f, _ := header.Parse(strings.ReplaceAll(key, "_", "") + ": " + value)
	if value == "" {
		return
	}
	switch role := f.Key; {
	case role == header.Title && k.Title == "":
		k.Title = prose.Squeeze(value)
	case role == header.Published && k.Published == nil && fieldDate(value) != nil:
		k.Published = fieldDate(value)
	case role == header.Source && k.Source == "":
		k.Source = value
	case role == header.URI && k.URI == "" && strings.Contains(value, "://"):
		k.URI = value
	case role == header.ID && k.ID == "":
		k.ID = value
	case role == header.Language && k.Language == "":
		k.Language = article.LanguageTag(value)
	default:
		keep(k.Metadata, key, value)
	}
}

// scalar returns a YAML value as written, or the items of a list joined with commas. It returns
// "" for a long value of an alias, since many keys may be aliases of one value.
func scalar(node *yaml.Node) string {
	most := math.MaxInt
	if node.Kind == yaml.AliasNode {
		node, most = node.Alias, maxAliased
	}
	if node.Kind != yaml.SequenceNode {
		if len(node.Value) > most {
			return ""
		}
		return node.Value
	}
	var values strings.Builder
	for i, item := range node.Content {
		if i > 0 {
			values.WriteString(", ")
		}
		values.WriteString(item.Value)
		if values.Len() > most {
			return ""
		}
	}
	return values.String()
}

// nameDateRE finds the date before the name of a post, as Jekyll writes it.
var nameDateRE = regexp.MustCompile(`^((?:19|20)\d{2})[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?:[-_. ]|$)`)

// dateInName returns the date at the beginning of the name of a file, or nil.
func dateInName(name string) *datetime.Moment {
	base := path.Base(name)
	if base == "index.md" || base == "_index.md" { // the name of the post is that of its folder
		base = path.Base(path.Dir(name))
	}
	m := nameDateRE.FindStringSubmatch(base)
	if m == nil {
		return nil
	}
	at, err := time.Parse("20060102", m[1]+m[2]+m[3])
	if err != nil {
		return nil
	}
	return &datetime.Moment{At: at, Precision: document.PrecisionDate}
}
