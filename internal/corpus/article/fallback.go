package article

import (
	"cmp"
	"path"
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// borrowTitle returns a title for an article without one. If it is taken from a sentence,
// that sentence stays a paragraph and does not become a heading that repeats the title.
func (a *Article) borrowTitle(name string) string {
	title, rule, line := fallbackTitle(a.paragraphs, name)
	a.decide(AboutTitle, rule, line)
	for i, q := range a.paragraphs {
		if q.kind == document.KindUnknown && strings.HasPrefix(q.text, title) {
			a.paragraphs[i].kind = document.KindParagraph
			break
		}
	}
	return title
}

// fallbackTitle returns a title for a document without one: its first heading, or else its first
// sentence, or else the name of its file. A heading or sentence counts only if no line that is the
// head of a numbered article comes before it. rule names the choice, and line is where it stands.
func fallbackTitle(paragraphs []paragraph, name string) (title, rule, line string) {
	for _, by := range []struct {
		kind document.Kind
		rule string
	}{{document.KindHeading, "first heading"}, {document.KindUnknown, "first sentence"}} {
		for _, p := range paragraphs {
			if chunk.IsArticleHead(p.text) {
				break
			}
			if title := FirstSentence(p.text); title != "" && p.kind == by.kind && dateline.PlaceDate(p.text) == nil {
				return title, by.rule, p.text
			}
		}
	}
	return cmp.Or(strings.TrimSuffix(path.Base(name), path.Ext(name)), name), "name of the file", ""
}

const maxFallback = 120 // maximum width in columns of a title made from a sentence

// FirstSentence returns the first sentence of text without its dateline. It cuts a long
// sentence between words.
func FirstSentence(text string) string {
	if d, ok := dateline.Parse(text); ok && strings.HasPrefix(text, d.Text) {
		text = strings.TrimSpace(text[len(d.Text):])
	}
	if at := firstSentenceRE.FindStringIndex(text); at != nil {
		text = text[:at[1]]
	}
	text = strings.TrimRight(text, " .。")
	columns, lastSpace := 0, 0
	for i, r := range text {
		if r == ' ' || prose.IsCJK(r) {
			lastSpace = i
		}
		if columns += prose.Width(string(r)); columns > maxFallback {
			return strings.TrimRight(text[:cmp.Or(lastSpace, i)], " ,，、;；") + "…"
		}
	}
	return text
}

var firstSentenceRE = pattern.MustCompile(`[.!?]["”]?\s|[。！？]`)
