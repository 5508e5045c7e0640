package corpus

import (
	"encoding/json"
	"html"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxLinkedDepth bounds how deep linked data is searched for works.
const maxLinkedDepth = 12

// work is what the linked data of a page (schema.org in JSON-LD) says of one text.
type work struct {
	article                      bool // an article, not the page around one
	headline, published, created string
	modified, url, language      string
	publisher                    string
	body                         string // the text itself, plain or as HTML
}

// linkedWorks returns the works of a JSON-LD script, and the name of the site if it has one.
func linkedWorks(script string) (works []work, site string) {
	value, ok := parseLinked(script)
	if !ok {
		return brokenWorks(script), ""
	}
	collectWorks(value, &works, 0)
	return works, linkedSite(value, 0)
}

// linkedSite returns the name of the web site in linked data, or "".
func linkedSite(value any, depth int) string {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			if site := linkedSite(item, depth+1); site != "" || depth > maxLinkedDepth {
				return site
			}
		}
	case map[string]any:
		if kind, ok := v["@type"].(string); ok && path.Base(kind) == "WebSite" {
			return linkedText(v["name"])
		}
		if depth <= maxLinkedDepth {
			return linkedSite([]any{v["@graph"], v["isPartOf"]}, depth+1)
		}
	}
	return ""
}

var (
	linkedMarks     = strings.NewReplacer("<![CDATA[", "", "]]>", "", "<!--", "", "-->", "")
	trailingCommaRE = regexp.MustCompile(`,(\s*[\]}])`)
)

// parseLinked parses JSON that may be in a comment or a CDATA section or written with
// &quot;, and may have line ends inside strings or commas after the last item.
func parseLinked(script string) (value any, ok bool) {
	if script = linkedMarks.Replace(script); !strings.Contains(script, `"`) { // JSON without strings is of no use
		script = html.UnescapeString(script)
	}
	start, end := strings.IndexAny(script, "{["), strings.LastIndexAny(script, "}]")
	if start < 0 || end < start {
		return nil, false
	}
	script = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, script[start:end+1])
	if json.Unmarshal([]byte(script), &value) == nil {
		return value, true
	}
	return value, json.Unmarshal([]byte(trailingCommaRE.ReplaceAllString(script, "$1")), &value) == nil
}

var (
	brokenTypeRE = regexp.MustCompile(`"@type"\s*:\s*"([^"\n]{1,60})"`)
	brokenDateRE = regexp.MustCompile(`"datePublished"\s*:\s*"([^"\n]{8,40})"`)
)

// brokenWorks returns what can be read of linked data that is not JSON, such as that with quotation marks
// inside strings: the only time at which an article was published.
func brokenWorks(script string) []work {
	dates := brokenDateRE.FindAllStringSubmatch(script, maxScriptDates)
	if len(dates) == 0 || slices.ContainsFunc(dates, func(m []string) bool { return m[1] != dates[0][1] }) {
		return nil
	}
	for _, m := range brokenTypeRE.FindAllStringSubmatch(script, maxScriptDates) {
		if kindOfWork(m[1]) == articleWork {
			return []work{{article: true, published: dates[0][1]}}
		}
	}
	return nil
}

// workKeys are the keys that lead from a thing to the work that the page is about. Other
// keys lead to related works, comments and parts.
var workKeys = []string{"@graph", "mainEntity", "mainEntityOfPage", "@included", "subjectOf"}

func collectWorks(value any, works *[]work, depth int) {
	if depth > maxLinkedDepth {
		return
	}
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			collectWorks(item, works, depth+1)
		}
	case map[string]any:
		if kind := kindOfWork(v["@type"]); kind != noWork {
			*works = append(*works, workOf(v, kind == articleWork))
		}
		for _, key := range workKeys {
			collectWorks(v[key], works, depth+1)
		}
	}
}

type workKind int

const (
	noWork workKind = iota
	pageWork
	articleWork
)

// kindOfWork returns the kind of work that an @type stands for. If types is a list, it
// returns the best kind.
func kindOfWork(types any) workKind {
	best := noWork
	switch t := types.(type) {
	case []any:
		for _, one := range t {
			best = max(best, kindOfWork(one))
		}
	case string:
		switch name := path.Base(t); {
		case hasAnySuffix(name, "Article", "Posting", "Report", "Legislation", "Review", "PressRelease"):
			return articleWork
		case hasAnySuffix(name, "Page", "CreativeWork", "VideoObject", "HowTo", "Recipe", "Event", "Dataset", "Book"):
			return pageWork
		}
	}
	return best
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

func workOf(v map[string]any, article bool) work {
	w := work{
		article: article, headline: linkedText(v["headline"]), published: linkedText(v["datePublished"]), created: linkedText(v["dateCreated"]),
		modified: linkedText(v["dateModified"]), url: linkedText(v["url"]), language: linkedText(v["inLanguage"]),
		publisher: linkedText(v["publisher"]), body: linkedText(v["articleBody"]),
	}
	if w.headline == "" && article {
		w.headline = linkedText(v["name"])
	}
	if w.created == "" {
		w.created = linkedText(v["uploadDate"])
	}
	return w
}

// linkedText returns value if it is a string, or the value or name of a thing. Of a list,
// it uses the first item.
func linkedText(value any) string {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case []any:
		if len(v) > 0 {
			return linkedText(v[0])
		}
	case map[string]any:
		for _, key := range []string{"@value", "name", "@id"} {
			if s, ok := v[key].(string); ok {
				return strings.TrimSpace(s)
			}
		}
	}
	return ""
}
