package office

import (
	"encoding/xml"
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/article"
)

// noTitleRE matches titles that programs give, not authors.
var noTitleRE = regexp.MustCompile(`(?i)^(?:microsoft (?:word|powerpoint)\b.*|word document|document ?\d*|untitled ?\d*|无标题|.*\.(?:docx?|odt|rtf|pdf|tmp|indd|qxd))$`)

// RealTitle returns title unless a program made it up, such as "Microsoft Word - a.doc".
func RealTitle(title string) string {
	if title = strings.TrimSpace(title); noTitleRE.MatchString(title) {
		return ""
	}
	return title
}

const maxProperty = 4096 // bytes of a property that are kept, about

// known are the elements with the properties that are kept.
var known = map[string]bool{"title": true, "initial-creator": true, "creator": true, "subject": true, "created": true, "creation-date": true}

// properties reads the title, the author and the subject of a document from its XML part of
// properties. The time of creation is only metadata, since it is that of the file, not of
// the text.
func properties(data []byte) (article.Known, error) {
	k := article.Known{Metadata: map[string]string{}}
	if data == nil {
		return k, nil
	}
	var path []string
	values := map[string]string{}
	err := visit(data,
		func(e xml.StartElement) bool { path = append(path, e.Name.Local); return true },
		func(s string) {
			if n := len(path); n > 0 && known[path[n-1]] && len(values[path[n-1]]) < maxProperty {
				values[path[n-1]] += s[:min(len(s), maxProperty)]
			}
		},
		func(xml.Name) { path = path[:len(path)-1] })
	for _, p := range [][2]string{{"initial-creator", "author"}, {"creator", "author"}, {"subject", "subject"}, {"created", "created"}, {"creation-date", "created"}} {
		if value := strings.TrimSpace(strings.ToValidUTF8(values[p[0]], "")); value != "" && k.Metadata[p[1]] == "" {
			k.Metadata[p[1]] = value
		}
	}
	k.Title = RealTitle(strings.ToValidUTF8(values["title"], ""))
	return k, err
}
