package article

import (
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// paragraph is a piece of Document.Text. If its kind is KindUnknown, package chunk decides
// on the kind.
type paragraph struct {
	text  string
	kind  document.Kind
	level int // see document.Block
}

// compose joins paragraphs to a text. It returns blocks for the paragraphs of a known kind.
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
			blocks = append(blocks, document.Block{Kind: q.kind, Level: q.level, Range: counter.Range(spans[i].start, spans[i].end)})
		}
	}
	return whole, blocks
}
