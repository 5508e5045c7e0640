package corpus

import (
	"cmp"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
)

// known is what the format of a file says of a document; it goes before what
// its text says.
type known struct {
	title, source, uri, id, language string
	siteName                         string // the source where the text names none
	claimed                          string // the language, unless the text is plainly in another
	published                        *moment
	metadata                         map[string]string
}

// paragraph is a piece of Document.Text. Its kind is KindUnknown where that is
// for the chunker to say.
type paragraph struct {
	text string
	kind document.Kind
}

// part is the part of a file that is one document.
type part struct {
	known
	site       string
	published  []dating // in the order of the text
	opening    string   // the dateline, folded
	agency     string   // of the dateline
	paragraphs []paragraph
	dropped    []Dropped
	rights     string // the last copyright line
}

// newPart reads the lines of one document.
func newPart(lines []line, k known) part {
	p := part{known: k}
	lines = spreadBodies(lines)
	body := bodyStart(lines)
	p.readHead(lines[:body])
	p.readBody(lines[body:])
	return p
}

func (p *part) hasText() bool { return len(p.paragraphs) > 0 }

func (p *part) drop(text, reason string) {
	if text != "" && text != "\f" {
		p.dropped = append(p.dropped, Dropped{Text: text, Reason: reason})
		if reason == reasonRights {
			p.rights = text
		}
	}
}

// spreadBodies makes the value of a key such as "Article" a line of its own, and
// leaves keys without a value out.
func spreadBodies(lines []line) []line {
	var out []line
	for _, l := range lines {
		if l.class != classField {
			out = append(out, l)
			continue
		}
		switch value := l.field.value; {
		case l.field.name == fieldBody && value != "":
			out = append(out, line{text: value, gap: 1, class: classProse})
		case l.field.name == fieldBody, value != "":
			out = append(out, l)
		}
	}
	return out
}

// bodyStart returns where the text begins: at the first line that can stand in
// no head, or behind a key that announces the text.
func bodyStart(lines []line) int {
	if len(lines) == 1 && lines[0].class == classTitle {
		return 0
	}
	lastTitle := 0
	for i, l := range lines {
		switch {
		case !l.headable():
			return i
		case l.class == classField && l.field.name == fieldBody:
			return i + 1
		case l.class == classTitle && lastTitle == 0:
			lastTitle = i + 1
		}
	}
	return lastTitle // nothing but short lines: the first of them is the title
}

// readHead takes what the lines before the text say of the document.
func (p *part) readHead(lines []line) {
	chosen := -1
	if p.title == "" {
		chosen = chooseTitle(lines)
	}
	if chosen >= 0 {
		p.title = lines[chosen].text
		if lines[chosen].class == classStamp {
			p.title = lines[chosen].stamp.title
		}
		p.title = cleanTitle(p.title)
	}
	for i, l := range lines {
		p.noteSite(l.text)
		switch l.class {
		case classStamp:
			p.takeStamp(l.stamp)
		case classField:
			p.takeField(l)
		case classPlaceDate:
			p.published = append(p.published, dating{l.stamp.moments[0], rankPlace})
			p.add(l.text, document.KindHeading)
		case classFurniture:
			p.takeFurniture(l.text, l.reason)
		case classTitle:
			switch {
			case i == chosen:
			case i > chosen && i+1 < len(lines) && lines[i+1].dated() && nameRE.MatchString(l.text):
				p.drop(l.text, "byline")
			case agencyOnly(l.text):
				p.siteName = cmp.Or(p.siteName, strings.Trim(l.text, " ()[]（）"))
			case i > chosen && p.title != "" && hostRE.FindString(l.text) == "":
				p.add(l.text, document.KindHeading)
			default:
				p.drop(l.text, "before the title")
			}
		}
	}
}

// nameRE matches the names of authors, alone on a line.
var nameRE = regexp.MustCompile(`^(?:\p{Han}{2,4}(?:[ 、]\p{Han}{2,4}){0,3}|\p{Lu}[\p{Lu}.'’-]+(?: \p{Lu}[\p{Lu}.'’-]+){1,3})$`)

func (p *part) add(text string, kind document.Kind) {
	p.paragraphs = append(p.paragraphs, paragraph{text: text, kind: kind})
}

func (p *part) setSource(source string) {
	if p.source == "" {
		p.source = strings.Trim(source, " ,，|()（）")
	}
}

var countRE = regexp.MustCompile(`[(（]\d*[)）]?$`)

// withoutTools drops the buttons behind the name of a publisher: "中国新闻网 参与互动(0)".
func withoutTools(source string) string {
	for {
		at := strings.LastIndexByte(source, ' ')
		word := countRE.ReplaceAllString(source[at+1:], "")
		if at < 0 || countHan(word) == 0 || !toolRE.MatchString(word) && furnitureReason(word) == "" {
			return source
		}
		source = strings.TrimSpace(source[:at])
	}
}

// takeStamp keeps the dates and the publisher of a date line.
func (p *part) takeStamp(s stamp) {
	rank := rankPublished
	if s.updated {
		rank = rankUpdated
	}
	p.published = append(p.published, dating{s.moments[0], rank})
	p.setSource(s.source)
}

// takeField keeps what a header line says.
func (p *part) takeField(l line) {
	value := l.field.value
	switch l.field.name {
	case fieldTitle:
		if p.title == "" {
			p.title = cleanTitle(value)
		}
	case fieldDate, fieldUpdated, fieldIssued:
		rank := map[fieldName]rank{fieldDate: rankField, fieldUpdated: rankUpdated, fieldIssued: rankIssued}[l.field.name]
		for _, m := range fieldMoments(value) {
			p.published = append(p.published, dating{m, rank})
		}
	case fieldSource:
		p.setSource(value)
	case fieldURI:
		if p.uri == "" {
			p.uri = value
		}
	case fieldID:
		if p.id == "" {
			p.id = value
		}
	case fieldLanguage:
		if p.language == "" {
			p.language = languageTag(value)
		}
	case fieldOther:
		p.drop(l.text, "header line")
	}
}

// takeFurniture drops a line of the page; its own address is worth keeping.
func (p *part) takeFurniture(text, reason string) {
	if p.uri == "" && (strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")) && !strings.Contains(text, " ") {
		p.uri = text
		return
	}
	p.drop(text, reason)
}

// noteSite keeps the first host name that the head of a page shows.
func (p *part) noteSite(text string) {
	if m := hostRE.FindStringSubmatch(text); m != nil && p.site == "" && !strings.Contains(text, "://") && !strings.Contains(text, "@") {
		p.site = strings.ToLower(m[1])
	}
}

// document puts the part together.
func (p *part) document(name string) document.Document {
	d := document.Document{
		Title: p.title, Source: withoutTools(cmp.Or(p.source, p.agency, p.siteName)), URI: p.uri, LanguageCode: p.language,
		Metadata: map[string]string{},
	}
	for key, value := range p.metadata {
		d.Metadata[key] = value
	}
	if p.id != "" {
		d.Metadata["source_id"] = p.id
	}
	if p.site != "" {
		d.Metadata["site"] = p.site
	}
	if d.Title == "" {
		d.Title = fallbackTitle(p.paragraphs, name)
		for i, q := range p.paragraphs { // the sentence that lends its words is no heading
			if q.kind == document.KindUnknown && strings.HasPrefix(q.text, d.Title) {
				p.paragraphs[i].kind = document.KindParagraph
				break
			}
		}
	}
	d.Text, d.Blocks = compose(p.paragraphs)
	if d.LanguageCode == "" {
		d.LanguageCode = languageOf(p.claimed, d.Text)
	}
	d.PublishTime, d.PublishPrecision = p.publishTime(d)
	return d
}

// compose joins paragraphs to a text, with the blocks of those whose kind is known.
func compose(paragraphs []paragraph) (string, []document.Block) {
	var text strings.Builder
	type span struct{ start, end int }
	spans := make([]span, len(paragraphs))
	for i, q := range paragraphs {
		if i > 0 {
			text.WriteString("\n\n")
		}
		spans[i].start = text.Len()
		text.WriteString(q.text)
		spans[i].end = text.Len()
	}
	whole := text.String()
	counter := document.NewRangeCounter(whole)
	var blocks []document.Block
	for i, q := range paragraphs {
		if q.kind != document.KindUnknown {
			blocks = append(blocks, document.Block{Kind: q.kind, Range: counter.Range(spans[i].start, spans[i].end)})
		}
	}
	return whole, blocks
}

// languageTag returns the BCP-47 tag in a header value such as "en-US" or
// "Chinese", "" where there is none.
func languageTag(value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	for tag, names := range map[string]string{
		"en": "english inglés anglais 英文 英语", "zh": "chinese chino chinois 中文 汉语 简体中文 繁体中文", "es": "spanish español espagnol 西班牙语 西班牙文",
		"fr": "french francés français 法语 法文", "pt": "portuguese portugués português", "de": "german alemán deutsch",
	} {
		if strings.Contains(" "+names+" ", " "+value+" ") {
			return tag
		}
	}
	tag, _, _ := strings.Cut(strings.ReplaceAll(value, "_", "-"), "-")
	if n := utf8.RuneCountInString(tag); n < 2 || n > 3 || len(tag) != n {
		return ""
	}
	return tag
}
