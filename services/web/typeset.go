package web

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/convert"
)

// block is a passage of a document, or text between passages, as the reader shows it. Segments
// and Gap of all blocks together are the text of the document, character by character.
type block struct {
	ID       string
	Kind     string // of document.Kind, in lower case; "gap" for white space alone
	Language string // BCP-47, if it differs from the document's
	Page     int    // the page that begins with the block, or 0
	Segments []segment
	Gap      []segment // the white space after it
}

// entry is a line of the table of contents.
type entry struct{ ID, Label, Text string }

// typesetter makes blocks of a text from its start to its end.
type typesetter struct {
	text    string
	cited   span
	at      int // the text up to this byte is in blocks
	begun   bool
	page    int
	blocks  []block
	entries []entry
}

// passagesOf cuts a document as the server does for its index.
func passagesOf(d *accordv1.Document) []document.Passage {
	return chunk.Passages(convert.ToDocument(d))
}

// typeset returns the blocks of a document, in which the span cited is marked, and the table of
// contents with its articles and headings.
func typeset(d *accordv1.Document, passages []document.Passage, cited span) ([]block, []entry) {
	t := &typesetter{text: d.GetText(), cited: cited}
	for _, p := range passages {
		if p.Range.StartByte < t.at || p.Range.EndByte < p.Range.StartByte {
			continue
		}
		t.between(p.Range.StartByte)
		t.passage(d, p)
	}
	t.between(len(t.text))
	return t.blocks, t.entries
}

// passage adds a block for a passage, which begins where the last block ended.
func (t *typesetter) passage(d *accordv1.Document, p document.Passage) {
	b := block{ID: "p" + strconv.Itoa(p.Ordinal), Kind: strings.ToLower(p.Kind.String())}
	if p.LanguageCode != d.GetLanguageCode() {
		b.Language = p.LanguageCode
	}
	if p.Page > t.page {
		b.Page, t.page = p.Page, p.Page
	}
	if b.Segments = t.segments(p.Range.EndByte); p.Kind == document.KindArticle || p.Kind == document.KindHeading {
		rest := strings.TrimLeftFunc(strings.TrimPrefix(p.Text, p.Label), func(c rune) bool { return unicode.IsSpace(c) || unicode.IsPunct(c) })
		t.entries = append(t.entries, entry{b.ID, p.Label, firstWords(rest)})
	}
	t.blocks = append(t.blocks, b)
}

// between adds the text between the last block and the byte end. White space belongs to the
// block before it.
func (t *typesetter) between(end int) {
	if t.at >= end {
		return
	}
	blank := strings.TrimSpace(t.text[t.at:end]) == ""
	switch segments := t.segments(end); {
	case blank && len(t.blocks) > 0:
		t.blocks[len(t.blocks)-1].Gap = segments
	case blank:
		t.blocks = append(t.blocks, block{Kind: "gap", Gap: segments})
	default:
		t.blocks = append(t.blocks, block{Kind: "paragraph", Segments: segments})
	}
}

// segments returns the text up to the byte end, cut where the cited span begins and ends. The
// first cited segment of the document has Begin set.
func (t *typesetter) segments(end int) []segment {
	cited := span{max(t.cited.start, t.at) - t.at, min(t.cited.end, end) - t.at}
	all := split(t.text[t.at:end], []span{cited}, nil)
	for i := range all {
		all[i].Begin = all[i].Begin && !t.begun
		t.begun = t.begun || all[i].Begin
	}
	t.at = end
	return all
}

// firstWords returns the beginning of a text, in one line of at most about 60 Latin or 30 Chinese
// characters.
func firstWords(text string) string {
	const most = 60
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	width, space := 0, 0
	for at, c := range text {
		if c == ' ' {
			space = at
		}
		if width++; c >= 0x2E80 { // Chinese and other wide characters
			width++
		}
		if width <= most {
			continue
		}
		if space > at/2 {
			at = space
		}
		return text[:at] + "…"
	}
	return text
}
